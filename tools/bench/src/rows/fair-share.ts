/** B9: one round over very many that wait in very many queues, and what they take in the scheduler's memory. */
import { type Entry, type NodeObservation, type StoredObject, positionOf } from '@skyflow/contracts';
import { type SchedulingState, decideRound, evolveScheduling, initialScheduling } from '@skyflow/domain';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cpuMs } from '../processes.js';
import type { Suite } from '../row.js';

const QUEUED = Number(process.env.SKYFLOW_BENCH_QUEUED ?? 1_000_000);
const QUEUES = 1_000;
const CLUSTERS = 100;
const NODES_PER_CLUSTER = 10;
const NODE = { cpu: 64_000, memory: 256 * 1024 ** 3, pods: 110 };
const SHAPES = [
  { cpu: '1', memory: '4Gi' },
  { cpu: '2', memory: '2Gi' },
  { cpu: '4', memory: '32Gi' },
  { cpu: '500m', memory: '1Gi' },
  { cpu: '8', memory: '16Gi' },
];
const VERDICTS = 32;

export const fairShare: Suite = {
  budgets: [
    {
      id: 'B9a',
      name: `fair-share round, ${QUEUED.toLocaleString('en-US')} queued, ${QUEUES.toLocaleString('en-US')} queues, ${String(CLUSTERS)} clusters`,
      unit: 's',
      better: 'lower',
      floor: 2,
      aim: 0.6,
    },
    {
      id: 'B9b',
      name: `scheduler memory at ${QUEUED.toLocaleString('en-US')} queued`,
      unit: 'MiB',
      better: 'lower',
      floor: 1_024,
      aim: 768,
    },
  ],
  run(report, say) {
    say(`B9: folding ${QUEUED.toLocaleString('en-US')} jobs`);
    const before = usedBytes();
    const state = filled();
    const bytes = usedBytes() - before;
    report('B9b', { value: bytes / 1024 ** 2, note: 'heap and buffers of the folded state, after a collection' });
    const limits = { epoch: 1, decisions: Number.POSITIVE_INFINITY, verdicts: VERDICTS };
    const times: number[] = [];
    let placed = 0;
    for (let run = 0; run < 3; run++) {
      const startedAt = cpuMs();
      const drafts = decideRound(state, limits);
      times.push(cpuMs() - startedAt);
      placed = drafts.filter(({ data }) => data.unplaced === 0).length;
    }
    report('B9a', {
      value: Math.min(...times) / 1_000,
      limit: kernel() / 1_000,
      note: `CPU time; the whole round, until nothing more fits: ${placed.toLocaleString('en-US')} placed with their verdicts; best of 3; limit: queues in a heap by their share and first fit over typed arrays, in this run`,
    });
    return Promise.resolve();
  },
};

function filled(): SchedulingState {
  const state = initialScheduling();
  let seq = 0;
  const fold = (subject: string, type: string, data: unknown): void => {
    const entry = { type, v: 1, at: 0, actor: 'bench', corr: 'bench', data } as unknown as Entry;
    evolveScheduling(state, entry, { position: positionOf(++seq, 0), subject, commitId: 'bench', index: 0 });
  };
  const create = (object: StoredObject): void => fold('sky.cmd.0', 'ObjectCreated', { object });
  for (let at = 0; at < CLUSTERS; at++) {
    const name = `cluster-${String(at)}`;
    create(object('Cluster', name, {}));
    fold(`sky.obs.${name}`, 'ClusterObserved', { kubernetesVersion: 'v1.36.0', nodes: nodes(name), reachable: true });
    const ready = { epoch: 0, cluster: name, uid: `uid-${name}`, state: 'READY', reason: '', message: '' };
    fold('sky.evt.scheduler', 'ClusterHealthDecided', ready);
  }
  for (let at = 0; at < QUEUES; at++) create(object('Queue', `queue-${String(at)}`, { weight: 1 + (at % 3) }));
  for (let at = 0; at < QUEUED; at++) create(job(at));
  return state;
}

const object = (kind: string, name: string, spec: unknown, metadata: object = {}): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: { name, uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec,
});

/** Parsed anew each time, as from the log: nothing is shared that would not be. */
const job = (at: number): StoredObject =>
  JSON.parse(
    JSON.stringify(
      object(
        'Job',
        `job-${String(at)}`,
        {
          replicas: 1,
          queue: `queue-${String(at % QUEUES)}`,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [
                { name: 'main', image: 'busybox', resources: { requests: SHAPES[(at * 7) % SHAPES.length] } },
              ],
            },
          },
        },
        { namespace: 'default', generation: 1 },
      ),
    ),
  ) as StoredObject;

const nodes = (cluster: string): NodeObservation[] =>
  Array.from({ length: NODES_PER_CLUSTER }, (_, at) => ({
    name: `${cluster}-${String(at)}`,
    ready: true,
    allocatable: { ...NODE },
    requestedByOthers: {},
  }));

/** Heap and buffers that are in use, after a collection. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

/** The bare work: queues in a heap by their dominant share, first fit over clusters in typed arrays. No reasons, no nodes. */
function kernel(): number {
  const free = Float64Array.from({ length: CLUSTERS * 2 }, (_, at) => NODES_PER_CLUSTER * (at % 2 === 0 ? 64 : 256));
  const asks = [
    [1, 4],
    [2, 2],
    [4, 32],
    [0.5, 1],
    [8, 16],
  ] as const;
  const share = new Float64Array(QUEUES);
  const next = Int32Array.from({ length: QUEUES }, (_, at) => at);
  const heap = Array.from({ length: QUEUES }, (_, at) => at);
  const total = [CLUSTERS * NODES_PER_CLUSTER * 64, CLUSTERS * NODES_PER_CLUSTER * 256] as const;
  const startedAt = cpuMs();
  while (heap.length > 0) {
    const queue = heap[0] ?? 0;
    const at = next[queue] ?? 0;
    const [cpu, memory] = asks[(at * 7) % asks.length] ?? asks[0];
    let cluster = at < QUEUED ? 0 : CLUSTERS;
    while (cluster < CLUSTERS && ((free[2 * cluster] ?? 0) < cpu || (free[2 * cluster + 1] ?? 0) < memory)) cluster++;
    if (cluster === CLUSTERS) {
      const last = heap.pop() ?? 0;
      if (heap.length > 0) heap[0] = last;
    } else {
      free[2 * cluster] = (free[2 * cluster] ?? 0) - cpu;
      free[2 * cluster + 1] = (free[2 * cluster + 1] ?? 0) - memory;
      share[queue] = (share[queue] ?? 0) + Math.max(cpu / total[0], memory / total[1]);
      next[queue] = at + QUEUES;
    }
    for (let index = 0; ;) {
      let first = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && (share[heap[child] ?? 0] ?? 0) < (share[heap[first] ?? 0] ?? 0)) first = child;
      }
      if (first === index) break;
      [heap[index], heap[first]] = [heap[first] ?? 0, heap[index] ?? 0];
      index = first;
    }
  }
  return cpuMs() - startedAt;
}
