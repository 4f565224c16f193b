/** For tests: a log in memory with users, clusters and a scheduler that write to it. Everything is folded as it is appended. */
import {
  type ClusterSpec,
  type Entry,
  type EntryData,
  type EntryType,
  type NodeObservation,
  type ObjectRef,
  type PlacementPolicySpec,
  type StoredObject,
  type WorkloadPlacement,
  commandSubject,
  decisionSubject,
  observationSubject,
  positionOf,
  workSubject,
} from '@skyflow/contracts';
import { decideRound } from '../decide-round.js';
import { type Attempts, newAttempts } from '../round-limits.js';
import { evolveScheduling } from '../evolve.js';
import { decideMoves } from '../moving/decide-moves.js';
import type { Looks } from '../moving/rebalance/balancing.js';
import { decideReleases } from '../releases.js';
import { reconcileWork } from '../reconcile-work.js';
import { objectsToRead, supplyObject } from '../stored-objects.js';
import { type EntryPlace, type SchedulingState, initialScheduling } from '../state.js';

export interface WorkloadOptions {
  kind?: 'Job' | 'Deployment';
  namespace?: string;
  replicas?: number;
  requests?: Record<string, string>;
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  generation?: number;
  placement?: WorkloadPlacement;
  spec?: Record<string, unknown>;
  podSpec?: Record<string, unknown>;
  labels?: Record<string, string>;
  /** Name of the priority class. */
  priority?: string;
}

export const object = (
  kind: string,
  name: string,
  spec: unknown = {},
  metadata: Record<string, unknown> = {},
): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: { name, uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec,
});

/** A workload `name` with uid `uid-<name>`; runs for ever unless a restart policy is given. */
export function workload(name: string, options: WorkloadOptions = {}): StoredObject {
  const { kind = 'Job', namespace = 'default', replicas = 1, requests = {}, restartPolicy, generation = 1 } = options;
  const container = { name: 'main', image: 'nginx', resources: { requests } };
  const podSpec = {
    containers: [container],
    ...(restartPolicy !== undefined && { restartPolicy }),
    ...(options.priority !== undefined && { priorityClassName: options.priority }),
    ...options.podSpec,
  };
  const spec = {
    replicas,
    template: { spec: podSpec },
    ...(options.placement !== undefined && { placement: options.placement }),
    ...options.spec,
  };
  return object(kind, name, spec, {
    namespace,
    generation,
    ...(options.labels !== undefined && { labels: options.labels }),
  });
}

export const policy = (name: string, spec: PlacementPolicySpec, namespace = 'default'): StoredObject =>
  object('PlacementPolicy', name, spec, { namespace });

export const node = (
  name: string,
  allocatable: Record<string, number>,
  more: Partial<NodeObservation> = {},
): NodeObservation => ({
  name,
  ready: true,
  allocatable: { pods: 110, ...allocatable },
  requestedByOthers: {},
  ...more,
});

export const refOf = ({ kind, metadata: { name, namespace, uid } }: StoredObject): ObjectRef => ({
  kind,
  ...(namespace !== undefined && { namespace }),
  name,
  uid,
});

export class History {
  readonly log: { entry: Entry; place: EntryPlace }[] = [];
  state: SchedulingState = initialScheduling();
  attempts: Attempts = newAttempts();
  /** Undefined: nothing moves by itself. */
  looks: Looks | undefined;
  epoch = 0;
  #seq = 0;
  /** Wall clock of whoever writes, ms since the epoch. */
  nowMs = 0;

  /** One commit. */
  append<T extends EntryType>(subject: string, ...drafts: { type: T; data: EntryData<T> }[]): void {
    if (drafts.length === 0) return;
    const seq = ++this.#seq;
    drafts.forEach(({ type, data }, index) => {
      const entry = { type, v: 1, at: this.nowMs, actor: 'test', corr: `corr-${seq}`, data } as Entry;
      const place = { position: positionOf(seq, index), subject, commitId: `commit-${seq}`, index };
      this.log.push({ entry, place });
      evolveScheduling(this.state, entry, place);
    });
  }

  create(...objects: StoredObject[]): void {
    this.append(
      commandSubject(),
      ...objects.map((each) => ({ type: 'ObjectCreated' as const, data: { object: each } })),
    );
  }

  update(changed: StoredObject): void {
    this.append(commandSubject(), { type: 'ObjectUpdated', data: { object: changed, expect: 0 } });
  }

  delete(gone: StoredObject, force = false): void {
    this.append(commandSubject(), { type: 'ObjectDeleted', data: { ref: refOf(gone), force } });
  }

  startEpoch(epoch = this.epoch + 1): void {
    this.epoch = epoch;
    this.append(decisionSubject('scheduler'), { type: 'EpochStarted', data: { epoch, holder: 'test' } });
  }

  /** A registered cluster that is READY with these nodes. */
  cluster(
    name: string,
    nodes: NodeObservation[],
    labels: Record<string, string> = {},
    spec: Partial<ClusterSpec> = {},
  ): StoredObject {
    const cluster = object('Cluster', name, { manager: 'k8', ...spec }, { uid: `uid-${name}`, labels });
    this.create(cluster);
    this.observe(name, nodes);
    this.health(name, 'READY');
    return cluster;
  }

  observe(name: string, nodes: NodeObservation[]): void {
    this.append(observationSubject(name), {
      type: 'ClusterObserved',
      data: { kubernetesVersion: 'v1.36.0', nodes, reachable: true },
    });
  }

  health(cluster: string, state: EntryData<'ClusterHealthDecided'>['state'], uid = `uid-${cluster}`): void {
    this.append(decisionSubject('scheduler'), {
      type: 'ClusterHealthDecided',
      data: { epoch: this.epoch, cluster, uid, state, reason: 'Test', message: 'by the test' },
    });
  }

  /** How far a cluster is that SkyFlow builds. */
  built(cluster: string, phase: string, progress = 0): void {
    const ref = { kind: 'Cluster', name: cluster, uid: `uid-${cluster}` };
    const data = { epoch: 1, ref, status: { phase, progress } };
    this.append(decisionSubject('provisioner'), { type: 'ProvisioningStatusDecided', data });
  }

  /** What an agent says of its share. */
  /** @param outdated see WorkObserved */
  report(
    cluster: string,
    of: StoredObject,
    phase: EntryData<'WorkObserved'>['phase'],
    ready = 0,
    outdated?: number,
  ): void {
    this.append(observationSubject(cluster), {
      type: 'WorkObserved',
      data: {
        ref: refOf(of),
        generation: of.metadata.generation ?? 1,
        epoch: this.epoch,
        phase,
        ...{ replicas: 0, ready, running: ready, pending: 0, succeeded: 0, failed: 0 },
        ...(outdated === undefined ? {} : { outdated }),
      },
    });
  }

  removed(cluster: string, of: StoredObject | ObjectRef): void {
    const ref = 'metadata' in of ? refOf(of) : of;
    this.append(observationSubject(cluster), { type: 'WorkRemoved', data: { ref } });
  }

  /** Rounds, releases and work until nothing is left to do. */
  schedule(decisions = 1000): void {
    for (let rounds = 0; ; rounds++) {
      if (rounds > 1000) throw new Error('the scheduler does not come to rest');
      const decided = this.decide(decisions);
      const issued = this.issue();
      if (!decided && !issued) return;
    }
  }

  decide(decisions = 1000): boolean {
    const { state, epoch, nowMs } = this;
    const moves = decideMoves(state, { epoch, nowMs, shares: decisions }, this.looks);
    this.append(decisionSubject('scheduler'), ...moves);
    const drafts = [
      ...decideRound(state, { epoch, decisions, verdicts: 32, nowMs }, this.attempts),
      ...decideReleases(state, epoch, decisions),
    ];
    this.append(decisionSubject('scheduler'), ...drafts);
    return drafts.length + moves.length > 0;
  }

  issue(): boolean {
    for (const position of objectsToRead(this.state, 1000)) {
      const recorded = this.log.find(({ place }) => place.position === position);
      if (recorded !== undefined) supplyObject(this.state, recorded.entry, position);
    }
    const work = reconcileWork(this.state, { epoch: this.epoch, workloads: 1000 });
    for (const [cluster, drafts] of work) this.append(workSubject(cluster), ...drafts);
    return work.size > 0;
  }

  /** Replicas by cluster in the last decision on a workload. */
  placed(of: StoredObject): Record<string, number> {
    const last = this.decisionOn(of);
    return Object.fromEntries((last?.placements ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  }

  decisionOn(of: StoredObject): EntryData<'PlacementDecided'> | undefined {
    return this.entriesOf('PlacementDecided').findLast(({ ref }) => ref.uid === of.metadata.uid);
  }

  entriesOf<T extends EntryType>(type: T, subject?: string): EntryData<T>[] {
    return this.log
      .filter(({ entry, place }) => entry.type === type && (subject === undefined || place.subject === subject))
      .map(({ entry }) => entry.data as EntryData<T>);
  }

  /** The state folded anew from the log. */
  replay(upTo = Number.POSITIVE_INFINITY): SchedulingState {
    const state = initialScheduling();
    for (const { entry, place } of this.log) if (place.position <= upTo) evolveScheduling(state, entry, place);
    return state;
  }
}

export const queue = (name: string, spec: Record<string, unknown> = {}): StoredObject => object('Queue', name, spec);

export const priorityClass = (name: string, value: number, more: Record<string, unknown> = {}): StoredObject => ({
  ...object('PriorityClass', name, undefined),
  apiVersion: 'scheduling.k8s.io/v1',
  value,
  ...more,
});

/** A history with an epoch and two READY clusters `a` and `b` of one node, 1.93 cores free of 2, as in the seed's walk-through. */
export function twoClusters(): History {
  const history = new History();
  history.startEpoch();
  for (const name of ['a', 'b']) {
    const others = { cpu: 70, memory: 256 * 1024 ** 2 };
    history.cluster(name, [node(`${name}-1`, { cpu: 2000, memory: 4 * 1024 ** 3 }, { requestedByOthers: others })]);
  }
  return history;
}
