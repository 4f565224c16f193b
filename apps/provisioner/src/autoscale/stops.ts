/**
 * Autostop, supervised from outside: what the agent in a cluster measures and what its API shows, and whether the cluster is stopped. What
 * neither can be seen nor heard counts after the same time, so that no dead cluster is paid for ever.
 */
import { sequenceOf } from '@skyflow/contracts';
import {
  type ProvisionedCluster,
  type Sighting,
  idleMs,
  idlenessOf,
  isOnDemand,
  stopDue,
  stopVerdict,
} from '@skyflow/domain';
import type { AgentsHeard } from './agents-heard.js';
import type { SchedulerAnswers } from './ask-scheduler.js';
import { type ClusterUse, shapeOfNew } from './node-use.js';

type Stop = NonNullable<ReturnType<typeof stopDue> | ReturnType<typeof stopVerdict>>;

export class Stops {
  /** By uid: since when nothing runs there; since when its API does not answer. ms. */
  private readonly idleSince = new Map<string, number>();
  private readonly silentSince = new Map<string, number>();

  constructor(
    private readonly scheduler: SchedulerAnswers,
    private readonly agents: Pick<AgentsHeard, 'of'>,
  ) {}

  /** What a look has seen; undefined: no answer. */
  note({ ref }: ProvisionedCluster, use: ClusterUse | undefined): void {
    keep(this.silentSince, ref.uid, use === undefined);
    // Not seen says nothing: what was idle before may be so still.
    if (use !== undefined) keep(this.idleSince, ref.uid, use.isIdle);
  }

  /** Whether it is to be stopped. */
  async due(cluster: ProvisionedCluster, seen: ClusterUse | Error, position: number): Promise<Stop | undefined> {
    if (!isOnDemand(cluster)) return undefined;
    const allocatable = seen instanceof Error ? undefined : shapeOfNew(seen.nodes);
    const step = stopDue(
      cluster,
      idlenessOf(this.sightingOf(cluster), cluster.active?.atMs ?? 0),
      Date.now(),
      allocatable,
    );
    if (step === undefined) return undefined;
    const replicas = await this.scheduler.replicasOn(cluster.ref.name, sequenceOf(position));
    return replicas === 0 ? step : undefined;
  }

  /** No new work can come any more: whether there is some. Undefined: nobody can say yet. */
  async verdict(cluster: ProvisionedCluster, seen: ClusterUse | Error, position: number): Promise<Stop | undefined> {
    const { silentSinceMs, agent } = this.sightingOf(cluster);
    const isBlind = seen instanceof Error && agent === undefined;
    if (isBlind && Date.now() < (silentSinceMs ?? Date.now()) + idleMs(cluster)) return undefined;
    const replicas = await this.scheduler.replicasOn(cluster.ref.name, sequenceOf(position));
    if (isBlind) return stopVerdict(replicas, undefined);
    return stopVerdict(replicas, seen instanceof Error ? agent?.idleSinceMs === undefined : !seen.isIdle);
  }

  private sightingOf({ ref }: ProvisionedCluster): Sighting {
    return {
      silentSinceMs: this.silentSince.get(ref.uid),
      idleSinceMs: this.idleSince.get(ref.uid),
      agent: this.agents.of(ref, Date.now()),
    };
  }
}

function keep(since: Map<string, number>, uid: string, isSo: boolean): void {
  if (!isSo) since.delete(uid);
  else if (!since.has(uid)) since.set(uid, Date.now());
}
