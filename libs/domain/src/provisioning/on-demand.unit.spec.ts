import { describe, expect, it } from '@jest/globals';
import type { ClusterStep, ProvisionSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { isScalable } from './autoscale.js';
import { evolveProvisioning } from './evolve.js';
import {
  type ComingNodes,
  clusterToStart,
  comingNodes,
  mayStart,
  idlenessOf,
  stopDue,
  stopVerdict,
} from './on-demand.js';
import { provisionProblems } from './provision-problems.js';
import { type ProvisionedCluster, type ProvisioningState, initialProvisioning } from './state.js';
import { World } from './world.testing.js';

const specOf = (maxNodes: number, more: { maxHourly?: number; nodes?: number; cpus?: number } = {}): ProvisionSpec => {
  const { nodes = 0, cpus = 2, ...limits } = more;
  const autoscale = { minNodes: 0, maxNodes, scaleDownAfterSeconds: 60, ...limits };
  return { cloud: { provider: 'aws', nodes, cpus, memoryGiB: 8, autoscale } };
};
const worldOf = (spec: ProvisionSpec): World => {
  const world = new World({ spec, draws: [], trouble: 0 });
  world.settle();
  return world;
};
const clusterOf = ({ cluster }: World): ProvisionedCluster => {
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
};
const statusOf = (world: World): unknown => JSON.parse(clusterOf(world).status);
const wanted = (nodes: number): ClusterStep => ({ type: 'NodesWanted', nodes, remove: [], reason: '3 replicas wait' });

describe('a cluster whose least number of machines is 0', () => {
  it('is not built until work waits for it, and stopped when nothing has run on it for long', () => {
    const world = worldOf(specOf(3));
    expect([clusterOf(world).phase, world.cloud.size, world.ground.size]).toEqual(['Stopped', 0, 0]);
    expect(statusOf(world)).toMatchObject({
      phase: 'STOPPED',
      message: 'nothing has waited for it yet; it is built when work waits that it would admit',
    });
    world.record([{ step: wanted(2) }]);
    expect(comingNodes(world.state, world.nowMs, 0)).toMatchObject([{ cluster: 'prod', count: 2, starts: true }]);
    world.settle();
    expect([clusterOf(world).phase, world.cloud.size]).toEqual(['Active', 2]);
    expect(isScalable(clusterOf(world))).toBe(true);
    expect(statusOf(world)).toMatchObject({ phase: 'ACTIVE', autoscale: { nodes: 2, reason: '3 replicas wait' } });
    expect(comingNodes(world.state, world.nowMs + 10_000, 1_000)).toEqual([]);

    const sinceMs = world.nowMs;
    const idle = { sinceMs, by: 'provisioner' } as const;
    expect(stopDue(clusterOf(world), idle, sinceMs + 59_999, undefined)).toBeUndefined();
    const step = stopDue(clusterOf(world), idle, sinceMs + 60_000, { cpu: 1_700 });
    expect(step).toEqual({
      type: 'StopStarted',
      reason: 'nothing has run on it for 60 s',
      allocatable: { cpu: 1_700 },
    });
    if (step !== undefined) world.record([{ step }]);
    // Nothing is touched before it is certain that nothing came in between.
    expect([world.settle(), world.cloud.size]).toEqual([0, 2]);
    expect(statusOf(world)).toMatchObject({ phase: 'STOPPING', stage: 'Draining' });
    world.record([{ step: stopVerdict(0, false) }]);
    world.settle();
    expect([clusterOf(world).phase, world.cloud.size, world.ground.size]).toEqual(['Stopped', 0, 0]);
    expect(statusOf(world)).toMatchObject({ phase: 'STOPPED', autoscale: { nodes: 0 } });

    // What a node of it really has is known from now on.
    world.record([{ step: wanted(1) }]);
    expect(comingNodes(world.state, world.nowMs, 0)).toMatchObject([{ count: 1, allocatable: { cpu: 1_700 } }]);
    world.settle();
    expect([clusterOf(world).phase, world.cloud.size, clusterOf(world).attempts]).toEqual(['Active', 1, 2]);
    world.delete();
    world.settle();
    expect([world.cluster, world.cloud.size]).toEqual([undefined, 0]);
  });

  it('stays when work came before it was closed, and says so; its time begins anew', () => {
    const world = worldOf(specOf(3, { nodes: 1 }));
    const sinceMs = world.nowMs - 100_000;
    world.nowMs += 100_000;
    const stop = stopDue(clusterOf(world), { sinceMs, by: 'agent' }, world.nowMs, undefined);
    expect(stop?.reason).toBe('nothing has run on it for 60 s, as its agent says');
    if (stop !== undefined) world.record([{ step: stop }, { step: stopVerdict(2, false) }]);
    world.settle();
    expect(clusterOf(world)).toMatchObject({
      phase: 'Active',
      wanted: { reason: '2 replicas came before it was closed' },
    });
    expect(stopDue(clusterOf(world), { sinceMs, by: 'agent' }, world.nowMs + 59_000, undefined)).toBeUndefined();
    expect(stopVerdict(0, true).type).toBe('StopAbandoned');
    // Of what does not answer, only the scheduler knows.
    expect(stopVerdict(0, undefined).type).toBe('StopConfirmed');
  });

  it('is planned with no more than it may cost, and refused when it may cost less than one machine', () => {
    const world = worldOf(specOf(5, { maxHourly: 0.25 }));
    world.record([{ step: wanted(5) }]);
    world.settle();
    expect(clusterOf(world)).toMatchObject({ phase: 'Active', wanted: { nodes: 2 } });
    expect(world.cloud.size).toBe(2);
    const dear = worldOf(specOf(5, { maxHourly: 0.05 }));
    dear.record([{ step: wanted(1) }]);
    dear.settle();
    expect(clusterOf(dear)).toMatchObject({ phase: 'Failed', failure: { class: 'config' } });
    expect(clusterOf(dear).failure?.message).toBe(
      'the cheapest machine costs 0.1 an hour, and autoscale.maxHourly is 0.05',
    );
    expect(mayStart(clusterOf(dear), Number.POSITIVE_INFINITY)).toBe(false);
  });

  it('that had no room is asked for again after a while, not at once', () => {
    const world = worldOf(specOf(1));
    for (const region of ['eu-west-1', 'us-east-1']) world.full.add(region);
    world.record([{ step: wanted(1) }]);
    world.settle();
    const { phase, failure } = clusterOf(world);
    expect([phase, failure?.class]).toEqual(['Failed', 'capacity']);
    const failedMs = failure?.atMs ?? 0;
    expect([failedMs + 599_999, failedMs + 600_000].map((nowMs) => mayStart(clusterOf(world), nowMs))).toEqual([
      false,
      true,
    ]);
    world.full.clear();
    world.nowMs += 24 * 3_600_000;
    world.record([{ step: wanted(1) }]);
    world.settle();
    expect(clusterOf(world).phase).toBe('Active');
  });

  it('is idle by what is seen from outside; its agent asks, and stands in where nothing is seen', () => {
    const idle = { idleSinceMs: 2_000 };
    const agent = { heardSinceMs: 500, idleSinceMs: 1_000 };
    expect(idlenessOf({ ...idle, agent: { ...agent, idleSinceMs: undefined } }, 0)).toEqual({
      sinceMs: 2_000,
      by: 'provisioner',
    });
    // The agent has measured for longer than this provisioner has looked.
    expect(idlenessOf({ ...idle, agent }, 0)).toEqual({ sinceMs: 1_000, by: 'agent' });
    // What its API shows is believed against its agent.
    expect(idlenessOf({ agent }, 0)).toBeUndefined();
    const silent = { silentSinceMs: 5_000, idleSinceMs: 2_000 };
    expect(idlenessOf(silent, 0)).toEqual({ sinceMs: 5_000, by: 'silence' });
    expect(idlenessOf({ ...silent, agent }, 0)).toEqual({ sinceMs: 1_000, by: 'agent' });
    expect(idlenessOf({ ...silent, agent: { ...agent, idleSinceMs: undefined } }, 0)).toBeUndefined();
  });

  it('is not idle before its agent is heard, as no work can come before; and not for ever if it never is', () => {
    const agent = { heardSinceMs: 9_000, idleSinceMs: 8_500 };
    expect(idlenessOf({ idleSinceMs: 2_000, agent }, 1_000)).toEqual({ sinceMs: 8_500, by: 'provisioner' });
    expect(idlenessOf({ idleSinceMs: 2_000 }, 1_000)).toEqual({ sinceMs: 601_000, by: 'provisioner' });
  });

  it('may have 0 machines; others may not', () => {
    const problems = (spec: ProvisionSpec): string[] => provisionProblems(spec).map(({ field }) => field);
    expect(problems(specOf(3))).toEqual([]);
    expect(problems({ cloud: { provider: 'aws', nodes: 0, cpus: 2, memoryGiB: 8 } })).toEqual(['cloud.nodes']);
    expect(problems(specOf(0))).toContain('cloud.autoscale.maxNodes');
  });
});

/** Clusters by name: on demand, of so many machines at most, stopped or being built. */
function stateOf(clusters: readonly { maxNodes: number; cpus: number; building: number }[]): ProvisioningState {
  const state = initialProvisioning();
  let position = 0;
  const fold = (type: string, data: object, subject: string): void => {
    const entry = { type, v: 1, at: 0, actor: 'test', corr: 'c', data } as never;
    evolveProvisioning(state, entry, { position: ++position, subject });
  };
  clusters.forEach(({ maxNodes, cpus, building }, index) => {
    const metadata = { name: `c${String(index)}`, uid: `u-${String(index)}`, creationTimestamp: '' };
    const spec = { provision: specOf(maxNodes, { cpus }) };
    fold('ObjectCreated', { object: { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata, spec } }, 'sky.cmd.0');
    const ref = { kind: 'Cluster', name: metadata.name, uid: metadata.uid };
    const tell = (step: object): void => fold('ProvisioningAdvanced', { epoch: 0, ref, step }, 'sky.evt.provisioner');
    tell({ type: 'Stopped', reason: 'none' });
    if (building > 0) tell(wanted(Math.min(building, maxNodes)));
  });
  return state;
}

describe('which cluster is built', () => {
  /** A scheduler to which only processors count: replicas of one each, of which so many wait. */
  const placing = (waiting: number) => (nodes: readonly ComingNodes[]) =>
    Promise.resolve(
      Math.min(
        waiting,
        nodes.reduce((sum, { count, allocatable }) => sum + count * Math.floor((allocatable['cpu'] ?? 0) / 1_000), 0),
      ),
    );
  const clusters = fc.array(
    fc.record({ maxNodes: fc.integer({ min: 1, max: 5 }), cpus: fc.constantFrom(1, 2, 4, 8), building: fc.nat(3) }),
    { maxLength: 5 },
  );

  it('is one that admits what nothing else would, of as few machines as will do, within its limit; else none', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.nat(40), async (list, waiting) => {
        const state = stateOf(list);
        const placed = placing(waiting);
        const coming = comingNodes(state, 0, 0);
        const start = await clusterToStart(state, { nowMs: 0, settleMs: 0 }, placed);
        const anyway = await placed(coming);
        if (start === undefined) {
          // Everything has a place on its way, or no cluster that is stopped has room for one replica more.
          const stopped = list.filter(({ building, cpus }) => building === 0 && cpus > 1);
          if (anyway < waiting) expect(stopped).toEqual([]);
          return;
        }
        expect(anyway).toBeLessThan(waiting);
        const { cluster, step } = start;
        const { autoscale } = cluster.spec.cloud ?? {};
        expect(cluster.phase).toBe('Stopped');
        expect(step.nodes).toBeGreaterThan(0);
        expect(step.nodes).toBeLessThanOrEqual(autoscale?.maxNodes ?? 0);
        // One less would do less.
        const allocatable = { cpu: (cluster.spec.cloud?.cpus ?? 0) * 1_000 - 500 };
        const having = (count: number): Promise<number> =>
          placed([...coming, { cluster: cluster.ref.name, count, allocatable, starts: true }]);
        expect(await having(step.nodes)).toBeGreaterThan(await having(step.nodes - 1));
        expect(step.reason).toContain('for room that they would have');
      }),
    );
  });

  it('comes to an end: what is built for waiting work is not built twice', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.nat(40), async (list, waiting) => {
        const state = stateOf(list);
        let built = 0;
        for (;;) {
          const start = await clusterToStart(state, { nowMs: 0, settleMs: 0 }, placing(waiting));
          if (start === undefined) break;
          const { ref } = start.cluster;
          const data = { epoch: 0, ref, step: start.step };
          const entry = { type: 'ProvisioningAdvanced', v: 1, at: 0, actor: 'test', corr: 'c', data } as never;
          evolveProvisioning(state, entry, { position: 1_000 + built++, subject: 'sky.evt.provisioner' });
        }
        expect(built).toBeLessThanOrEqual(list.filter(({ building }) => building === 0).length);
      }),
    );
  });
});
