import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterStatus, EntryData, WorkloadStatus } from '@skyflow/contracts';
import { apiObject, statusBasis } from './api-object.js';
import { type PlacedEntry, foldAll, storedObject } from './histories.testing.js';
import { type ObjectsState, initialObjects } from './objects-state.js';
import type { Liveness } from './sightings.js';

const AT = Date.parse('2026-01-01T00:00:00Z');
const ref = { kind: 'Job', namespace: 'default', name: 'hello', uid: 'u1' };

let state: ObjectsState;
let position = 0;
let heartbeat: number | undefined;
const liveness: Liveness = {
  nowMs: AT + 60_000,
  lastHeartbeatMs: () => heartbeat,
  listeningSinceMs: AT,
  staleAfterMs: 5_000,
};

function fold<T extends PlacedEntry['entry']['type']>(subject: string, type: T, data: EntryData<T>): void {
  position += 1;
  const entry = {
    type,
    v: 1,
    at: AT + position * 1_000,
    actor: 'u',
    corr: 'c',
    data,
  } as unknown as PlacedEntry['entry'];
  foldAll([{ entry, place: { position, subject } }], state);
}

const health = (cluster: string, uid: string, what: 'READY' | 'LOST' | 'UNREACHABLE'): void =>
  fold('sky.evt.scheduler', 'ClusterHealthDecided', {
    epoch: 1,
    cluster,
    uid,
    state: what,
    reason: 'r',
    message: `it is ${what}`,
  });

const removesStaleWork = (cluster: string): void =>
  fold('sky.evt.scheduler', 'ClusterHealthDecided', {
    epoch: 1,
    cluster,
    uid: `uid-${cluster}`,
    state: 'SUSPECT',
    reason: 'StaleWorkStuck',
    message: 'stale copies are still there',
  });

const place = (generation: number, placements: { cluster: string; replicas: number }[], unplaced = 0): void =>
  fold('sky.evt.scheduler', 'PlacementDecided', {
    epoch: 1,
    ref,
    generation,
    placements,
    unplaced,
    ...(unplaced > 0 ? { reason: 'InsufficientCpu', message: 'no cluster has 500m cpu free' } : {}),
    basis: 0,
    code: 't',
    verdicts: [],
  });

const report = (
  cluster: string,
  phase: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED',
  ready = 1,
  generation = 1,
): void =>
  fold(`sky.obs.${cluster}`, 'WorkObserved', {
    ref,
    generation,
    epoch: 1,
    phase,
    replicas: ready,
    ready,
    running: ready,
    pending: 0,
    succeeded: 0,
    failed: 0,
    ...(phase === 'PENDING' ? { reason: 'ImagePullBackOff', message: 'cannot pull image x' } : {}),
  });

const status = (): WorkloadStatus =>
  apiObject(state.table.get('Job', 'default', 'hello')!, statusBasis(state, liveness)).status as WorkloadStatus;
const cluster = (name: string): ClusterStatus =>
  apiObject(state.table.get('Cluster', '', name)!, statusBasis(state, liveness)).status as ClusterStatus;

beforeEach(() => {
  state = initialObjects();
  position = 0;
  heartbeat = liveness.nowMs;
  for (const name of ['c1', 'c2']) {
    fold('sky.cmd.0', 'ObjectCreated', { object: storedObject('Cluster', '', name, `uid-${name}`) });
    health(name, `uid-${name}`, 'READY');
  }
  fold('sky.cmd.0', 'ObjectCreated', { object: storedObject('Job', 'default', 'hello', 'u1', { replicas: 2 }) });
});

describe('the status of a workload', () => {
  it('is PENDING with the reason of the scheduler while it waits', () => {
    expect(status()).toMatchObject({ phase: 'PENDING', reason: 'Queued', placed: 0, replicas: 2 });
    place(1, [], 2);
    expect(status()).toMatchObject({
      phase: 'PENDING',
      reason: 'InsufficientCpu',
      message: 'no cluster has 500m cpu free',
    });
  });

  it('is PENDING with the reason of the cluster, which is named', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    expect(status()).toMatchObject({ phase: 'PENDING', reason: 'NotReported' });
    report('c1', 'PENDING', 0);
    expect(status()).toMatchObject({ reason: 'ImagePullBackOff', message: 'c1: cannot pull image x' });
  });

  it('is RUNNING when every replica is', () => {
    place(1, [
      { cluster: 'c1', replicas: 1 },
      { cluster: 'c2', replicas: 1 },
    ]);
    report('c1', 'RUNNING');
    expect(status().phase).toBe('PENDING');
    report('c2', 'RUNNING');
    expect(status()).toMatchObject({ phase: 'RUNNING', ready: 2, placed: 2, observedGeneration: 1 });
  });

  it('stays COMPLETED when the cluster that completed it is deleted and has tidied up', () => {
    const job = storedObject('Job', 'default', 'hello', 'u1', { replicas: 2, restartPolicy: 'Never', generation: 2 });
    fold('sky.cmd.0', 'ObjectUpdated', { object: job, expect: 0 });
    place(2, [
      { cluster: 'c1', replicas: 1 },
      { cluster: 'c2', replicas: 1 },
    ]);
    for (const name of ['c1', 'c2']) report(name, 'COMPLETED', 1, 2);
    const removed = (name: string): void => fold(`sky.obs.${name}`, 'WorkRemoved', { ref });
    removed('c2');
    expect(status()).toMatchObject({ phase: 'PENDING', reason: 'NotReported' });
    report('c2', 'COMPLETED', 1, 2);
    fold('sky.cmd.0', 'ObjectDeleted', { ref: { kind: 'Cluster', name: 'c1', uid: 'uid-c1' } });
    removed('c1');
    expect(status().phase).toBe('COMPLETED');
    fold('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref: { kind: 'Cluster', name: 'c1', uid: 'uid-c1' } });
    removed('c1');
    expect(status().phase).toBe('COMPLETED');
  });

  it('does not show what an older generation did as the state of the new one', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    report('c1', 'RUNNING', 2);
    const object = storedObject('Job', 'default', 'hello', 'u1', { replicas: 2, generation: 2 });
    fold('sky.cmd.0', 'ObjectUpdated', { object, expect: 0 });
    expect(status()).toMatchObject({ phase: 'PENDING', observedGeneration: 1 });
    place(2, [{ cluster: 'c1', replicas: 2 }]);
    expect(status()).toMatchObject({ phase: 'PENDING', reason: 'GenerationNotObserved' });
    report('c1', 'RUNNING', 2, 2);
    expect(status()).toMatchObject({ phase: 'RUNNING', observedGeneration: 2 });
  });

  it('is UNKNOWN, with since when, as soon as a cluster cannot be seen', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    report('c1', 'RUNNING', 2);
    const before = apiObject(state.table.get('Job', 'default', 'hello')!, statusBasis(state, liveness)).metadata;
    health('c1', 'uid-c1', 'LOST');
    expect(status()).toMatchObject({ phase: 'UNKNOWN', reason: 'ClusterLost' });
    expect(status().message).toBe('c1 is LOST since 2026-01-01T00:00:08Z: it is LOST');
    const after = apiObject(state.table.get('Job', 'default', 'hello')!, statusBasis(state, liveness)).metadata;
    expect(Number(after.resourceVersion)).toBeGreaterThan(Number(before.resourceVersion));
  });

  it('is what the agent says when its cluster is SUSPECT only for stale copies that it cannot get rid of', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    report('c1', 'RUNNING', 2);
    removesStaleWork('c1');
    expect(status()).toMatchObject({ phase: 'RUNNING', ready: 2 });
    expect(cluster('c1')).toMatchObject({
      phase: 'SUSPECT',
      conditions: [
        { type: 'Ready', status: 'Unknown', reason: 'StaleWorkStuck', message: 'stale copies are still there' },
      ],
    });
    heartbeat = AT + 10_000;
    expect(status()).toMatchObject({ phase: 'UNKNOWN', reason: 'HeartbeatsMissing' });
  });

  it('is UNKNOWN when heartbeats stay away, before anyone decided so', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    report('c1', 'RUNNING', 2);
    heartbeat = AT + 10_000;
    expect(status()).toMatchObject({ phase: 'UNKNOWN', reason: 'HeartbeatsMissing' });
    expect(status().message).toContain('2026-01-01T00:00:10Z');
    expect(cluster('c1')).toMatchObject({ phase: 'SUSPECT', lastHeartbeatTime: '2026-01-01T00:00:10Z' });
  });

  it('stays COMPLETED when the cluster that completed it is lost', () => {
    const object = storedObject('Job', 'default', 'batch', 'u2', { restartPolicy: 'Never' });
    fold('sky.cmd.0', 'ObjectCreated', { object });
    const batch = { ...ref, name: 'batch', uid: 'u2' };
    fold('sky.evt.scheduler', 'PlacementDecided', {
      epoch: 1,
      ref: batch,
      generation: 1,
      placements: [{ cluster: 'c1', replicas: 1 }],
      unplaced: 0,
      basis: 0,
      code: 't',
      verdicts: [],
    });
    const done = { ready: 0, running: 0, pending: 0, succeeded: 1, failed: 0, replicas: 1 };
    fold('sky.obs.c1', 'WorkObserved', { ref: batch, generation: 1, epoch: 1, phase: 'COMPLETED', ...done });
    health('c1', 'uid-c1', 'LOST');
    const seen = apiObject(state.table.get('Job', 'default', 'batch')!, statusBasis(state, liveness));
    expect(seen.status).toMatchObject({ phase: 'COMPLETED', succeeded: 1 });
    expect(state.placed.get('c1')?.cpu ?? 0).toBe(0);
  });

  it('shows a share that is being withdrawn until it is gone', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    report('c1', 'RUNNING', 2);
    place(1, [{ cluster: 'c2', replicas: 2 }]);
    expect(status().clusters.map(({ cluster: name, phase }) => [name, phase])).toEqual([
      ['c1', 'DELETING'],
      ['c2', 'PENDING'],
    ]);
    fold('sky.obs.c1', 'WorkRemoved', { ref });
    expect(status().clusters.map(({ cluster: name }) => name)).toEqual(['c2']);
  });

  it('is DELETING, and says where it still is, until it is released', () => {
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    report('c1', 'RUNNING', 2);
    fold('sky.cmd.0', 'ObjectDeleted', { ref });
    expect(status()).toMatchObject({ phase: 'DELETING', message: 'waiting until it is gone from c1' });
    fold('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref });
    expect(state.table.get('Job', 'default', 'hello')).toBeUndefined();
  });

  it('ignores decisions of an epoch that has passed', () => {
    fold('sky.evt.scheduler', 'EpochStarted', { epoch: 2, holder: 'b' });
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    expect(status()).toMatchObject({ phase: 'PENDING', placed: 0 });
  });
});

describe('the status of a cluster', () => {
  const node = (name: string, cpu: number): EntryData<'ClusterObserved'>['nodes'][number] => ({
    name,
    ready: true,
    allocatable: { cpu, memory: 1e9, pods: 10 },
    requestedByOthers: { cpu: 100 },
  });

  it('counts as free what neither others nor SkyFlow asked for, over usable nodes', () => {
    const nodes = [node('n1', 2_000), node('n2', 1_000), { ...node('n3', 4_000), unschedulable: true }];
    fold('sky.obs.c1', 'ClusterObserved', { kubernetesVersion: 'v1.36', nodes, reachable: true });
    place(1, [{ cluster: 'c1', replicas: 2 }]);
    expect(cluster('c1')).toMatchObject({
      phase: 'READY',
      kubernetesVersion: 'v1.36',
      allocatable: { cpu: 3_000, memory: 2e9, pods: 20 },
      free: { cpu: 1_800, pods: 18 },
    });
  });

  it('says of a cluster that cannot be reached what its agent says now, not what it said first', () => {
    health('c1', 'uid-c1', 'UNREACHABLE');
    expect(cluster('c1').message).toBe('it is UNREACHABLE');
    const lost = { kubernetesVersion: '', nodes: [], reachable: false, reason: 'ApiUnreachable' };
    fold('sky.obs.c1', 'ClusterObserved', { ...lost, message: 'the plugin failed: log in' });
    expect(cluster('c1')).toMatchObject({
      phase: 'UNREACHABLE',
      message: 'the agent cannot reach the cluster: the plugin failed: log in',
    });
  });

  it('is INIT until an agent reported, DELETING once deletion was asked for', () => {
    fold('sky.cmd.0', 'ObjectCreated', { object: storedObject('Cluster', '', 'c3', 'uid-c3') });
    expect(cluster('c3')).toMatchObject({ phase: 'INIT', reason: 'NoAgent' });
    fold('sky.cmd.0', 'ObjectDeleted', { ref: { kind: 'Cluster', name: 'c3', uid: 'uid-c3' } });
    expect(cluster('c3').phase).toBe('DELETING');
  });
});

describe('the nodes of a cluster', () => {
  const nodes = ['a', 'b'].map((name) => ({
    name,
    ready: true,
    allocatable: { cpu: 2_000, memory: 100, pods: 10 },
    requestedByOthers: name === 'a' ? { cpu: 500, pods: 1 } : {},
    labels: { 'topology.kubernetes.io/zone': `zone-${name}` },
  }));

  it('show what is free of them but for the pods of SkyFlow, until its agent has told where those are', () => {
    fold('sky.obs.c1', 'ClusterObserved', { kubernetesVersion: 'v1', nodes, reachable: true });
    const before = cluster('c1');
    expect(before.nodes.map(({ free }) => free.cpu)).toEqual([1_500, 2_000]);
    expect(before.usageTime).toBeUndefined();
    const requested = new Map([['b', { cpu: 1_800, pods: 2 }]]);
    const counting: Liveness = { ...liveness, nodeUsage: () => ({ atMs: AT, requested }) };
    const record = state.table.get('Cluster', '', 'c1')!;
    const after = apiObject(record, statusBasis(state, counting)).status as ClusterStatus;
    expect(after.nodes.map(({ free }) => free)).toEqual([
      { cpu: 1_500, memory: 100, pods: 9 },
      { cpu: 200, memory: 100, pods: 8 },
    ]);
    expect(after).toMatchObject({
      usageTime: '2026-01-01T00:00:00Z',
      largestPods: [{ node: 'a', free: { cpu: 1_500, memory: 100 } }],
      nodes: [{ zone: 'zone-a' }, { zone: 'zone-b' }],
      free: before.free,
    });
  });

  it('change one by one when they are many', () => {
    fold('sky.obs.c1', 'NodesObserved', { nodes, removed: [] });
    expect(cluster('c1').nodes).toEqual([]);
    fold('sky.obs.c1', 'ClusterObserved', { kubernetesVersion: 'v1', nodes: [nodes[1]!], reachable: true });
    fold('sky.obs.c1', 'NodesObserved', { nodes: [nodes[0]!], removed: ['b'] });
    fold('sky.obs.c1', 'ClusterObserved', { kubernetesVersion: 'v2', nodes: [], reachable: true, keepsNodes: true });
    expect(cluster('c1')).toMatchObject({ kubernetesVersion: 'v2', nodes: [{ name: 'a' }] });
  });
});
