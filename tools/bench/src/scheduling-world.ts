/** A scheduler's state in memory: clusters of ten nodes, and jobs of a few shapes. No log, no process. */
import {
  type Entry,
  type EntryData,
  type EntryType,
  type StoredObject,
  commandSubject,
  decisionSubject,
  observationSubject,
  positionOf,
} from '@skyflow/contracts';
import { type Draft, type SchedulingState, evolveScheduling, initialScheduling } from '@skyflow/domain';

const NODES_PER_CLUSTER = 10;
const NODE = { cpu: 64_000, memory: 256 * 1024 ** 3, pods: 2_000 };
/** Requests in millicores; as many shapes. */
const SHAPES = [50, 75, 100, 120, 150, 200, 250, 300, 400, 500];

export class SchedulingWorld {
  readonly state: SchedulingState = initialScheduling();
  private seq = 0;
  private jobs = 0;

  constructor(clusters: number) {
    this.fold(decisionSubject('scheduler'), [{ type: 'EpochStarted', data: { epoch: 1, holder: 'bench' } }]);
    for (let index = 0; index < clusters; index++) this.addCluster(`cluster-${index}`);
  }

  /** Creates jobs of one replica; returns their uids. */
  create(count: number): string[] {
    const objects = Array.from({ length: count }, () => this.nextJob());
    this.fold(
      commandSubject(),
      objects.map((object) => ({ type: 'ObjectCreated', data: { object } })),
    );
    return objects.map(({ metadata }) => metadata.uid);
  }

  nextJob(): StoredObject {
    const name = `job-${this.jobs++}`;
    const cpu = `${SHAPES[this.jobs % SHAPES.length] ?? 100}m`;
    const containers = [
      { name: 'main', image: 'example.com/bench:1', resources: { requests: { cpu, memory: '16Mi' } } },
    ];
    return stored('Job', name, { replicas: 1, template: { spec: { containers } } }, 'default');
  }

  decided(drafts: readonly Draft[]): void {
    this.fold(decisionSubject('scheduler'), drafts);
  }

  private addCluster(name: string): void {
    this.fold(commandSubject(), [
      { type: 'ObjectCreated', data: { object: stored('Cluster', name, { manager: 'k8' }) } },
    ]);
    const nodes = Array.from({ length: NODES_PER_CLUSTER }, (_, index) => ({
      name: `${name}-${index}`,
      ready: true,
      allocatable: NODE,
      requestedByOthers: {},
    }));
    this.fold(observationSubject(name), [
      { type: 'ClusterObserved', data: { kubernetesVersion: 'v1.36.0', nodes, reachable: true } },
    ]);
    const health = {
      epoch: 1,
      cluster: name,
      uid: `uid-${name}`,
      state: 'READY',
      reason: 'Bench',
      message: '',
    } as const;
    this.fold(decisionSubject('scheduler'), [{ type: 'ClusterHealthDecided', data: health }]);
  }

  private fold(subject: string, entries: readonly { type: EntryType; data: EntryData<EntryType> }[]): void {
    const seq = ++this.seq;
    entries.forEach(({ type, data }, index) => {
      const entry = { type, v: 1, at: 0, actor: 'bench', corr: 'bench', data } as Entry;
      evolveScheduling(this.state, entry, { position: positionOf(seq, index), subject, commitId: `c-${seq}`, index });
    });
  }
}

const stored = (kind: string, name: string, spec: object, namespace?: string): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: {
    name,
    uid: `uid-${name}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
    ...(namespace !== undefined && { namespace }),
  },
  spec,
});
