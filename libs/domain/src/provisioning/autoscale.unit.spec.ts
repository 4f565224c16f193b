import { describe, expect, it } from '@jest/globals';
import type { ProvisionAutoscale, ProvisionSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { fewestFor, grown, isScalable, mostAdded, shrunk } from './autoscale.js';
import { provisionProblems } from './provision-problems.js';
import { World } from './world.testing.js';

const specOf = (autoscale: ProvisionAutoscale, nodes = autoscale.minNodes): ProvisionSpec => ({
  cloud: { provider: 'aws', nodes, cpus: 2, memoryGiB: 8, autoscale },
});

function active(autoscale: ProvisionAutoscale): World {
  const world = new World({ spec: specOf(autoscale), draws: [], trouble: 0 });
  world.settle();
  return world;
}

const clusterOf = ({ cluster }: World): NonNullable<World['cluster']> => {
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
};
const namesOf = (world: World): string[] => [...clusterOf(world).machines.keys()];

describe('machines on demand', () => {
  it('are added for what waits, as workers, and taken away when they have nothing to do', () => {
    const world = active({ minNodes: 1, maxNodes: 4, scaleDownAfterSeconds: 60 });
    expect(namesOf(world)).toHaveLength(1);
    expect(isScalable(clusterOf(world))).toBe(true);
    world.record([{ step: grown(clusterOf(world), 3, 7) }]);
    expect(isScalable(clusterOf(world))).toBe(false);
    world.settle();
    expect(namesOf(world)).toHaveLength(4);
    expect(clusterOf(world).plan?.machines.filter(({ roles }) => roles.includes('etcd'))).toHaveLength(1);
    expect(JSON.parse(clusterOf(world).status)).toMatchObject({
      phase: 'ACTIVE',
      autoscale: { nodes: 4, reason: '7 replicas wait for room that they would have' },
    });

    const [server = '', first = '', second = ''] = namesOf(world);
    const sinceMs = world.nowMs;
    const idle = [server, second].map((machine) => ({ machine, sinceMs }));
    expect(shrunk(clusterOf(world), idle, sinceMs + 59_999)).toBeUndefined();
    const step = shrunk(clusterOf(world), idle, sinceMs + 60_000);
    expect(step).toMatchObject({ nodes: 3, remove: [second], reason: `nothing has run on ${second} for 60 s` });
    world.nowMs += 60_000;
    if (step !== undefined) world.record([{ step }]);
    world.settle();
    expect(namesOf(world)).not.toContain(second);
    expect(namesOf(world)).toContain(first);
    expect(namesOf(world)).toHaveLength(3);
    expect(world.cloud.size).toBe(3);
  });

  it('are what a person says when a person says so, within the limits', () => {
    const autoscale = { minNodes: 1, maxNodes: 4 };
    const world = active(autoscale);
    world.record([{ step: grown(clusterOf(world), 3, 7) }]);
    world.settle();
    world.change(specOf(autoscale, 2));
    world.settle();
    expect(namesOf(world)).toHaveLength(2);
    const problems = (spec: ProvisionSpec): string[] =>
      provisionProblems(spec).map(({ field, rule }) => `${field} ${rule}`);
    expect(problems(specOf(autoscale, 5))).toEqual(['cloud.nodes must be from 1 to 4, as cloud.autoscale says']);
    expect(problems(specOf({ minNodes: 3, maxNodes: 2, maxHourly: 0, scaleDownAfterSeconds: 0 }, 3))).toHaveLength(3);
  });

  it('cost no more than they may', () => {
    const world = active({ minNodes: 2, maxNodes: 9, maxHourly: 0.5 });
    // 0.1 each: two are there, three more are within the price.
    expect(mostAdded(clusterOf(world))).toBe(3);
    expect(mostAdded(clusterOf(active({ minNodes: 2, maxNodes: 4, maxHourly: 0.5 })))).toBe(2);
    expect(mostAdded(clusterOf(active({ minNodes: 2, maxNodes: 4, maxHourly: 0.1 })))).toBe(0);
  });

  it('are the fewest that admit as much as the most would', async () => {
    const gains = fc.array(fc.nat(5), { maxLength: 20 }).map((steps) => {
      let sum = 0;
      return steps.map((step) => (sum += step));
    });
    await fc.assert(
      fc.asyncProperty(gains, async (gain) => {
        const count = await fewestFor(gain.length, (added) => Promise.resolve(gain[added - 1] ?? 0));
        const most = gain.at(-1) ?? 0;
        expect(count).toBe(most === 0 ? 0 : gain.indexOf(most) + 1);
      }),
    );
  });
});
