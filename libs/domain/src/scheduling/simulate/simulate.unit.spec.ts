import { describe, expect, it } from '@jest/globals';
import type { Simulation, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { explainNow } from '../explain/explain-now.js';
import { encodeScheduling } from '../snapshot.js';
import type { History } from '../testing/history.js';
import { node, object, refOf, twoClusters, workload } from '../testing/history.js';
import { type SimulatedChange, simulate } from './simulate.js';
import { runs } from '../testing/long-runs.js';

const simulated = (history: History, change: Partial<SimulatedChange>): Simulation =>
  simulate(
    history.state,
    { objects: [], deleted: [], clustersDown: [], nodes: [], ...change },
    { nowMs: history.nowMs, most: 1_000 },
  );
const brief = ({ workloads }: Simulation): Record<string, unknown> =>
  Object.fromEntries(
    workloads.map(({ name, outcome, after, waiting }) => [
      name,
      `${outcome} ${after.map(({ cluster, replicas }) => `${cluster}:${replicas}`).join(',')} waiting ${waiting}`,
    ]),
  );
const text = (history: History): string => JSON.stringify([...encodeScheduling(history.state)]);

describe('a simulation', () => {
  it('says where new workloads would go and which would wait, and why', () => {
    const history = twoClusters();
    const before = text(history);
    const result = simulated(history, {
      objects: [
        workload('fits', { replicas: 2, requests: { cpu: '1' } }),
        workload('half', { replicas: 3, requests: { cpu: '900m' } }),
        workload('never', { requests: { cpu: '9' } }),
      ],
    });
    expect(brief(result)).toEqual({
      fits: 'placed a:1,b:1 waiting 0',
      half: 'placed a:1,b:1 waiting 1',
      never: 'waiting  waiting 1',
    });
    expect(result.counts).toEqual({ placed: 2, moved: 0, preempted: 0, waiting: 1 });
    expect(result.workloads.find(({ name }) => name === 'never')).toMatchObject({
      reason: 'INSUFFICIENT_RESOURCES',
      message: expect.stringContaining('would fit on no node'),
    });
    expect(text(history)).toBe(before);
  });

  it('says what moves and what waits when a cluster is lost', () => {
    const history = twoClusters();
    const small = workload('small', { placement: { clusters: ['a', 'b'] }, requests: { cpu: '200m' } });
    const bound = workload('bound', { placement: { clusters: ['a'] }, requests: { cpu: '500m' } });
    history.create(small, bound);
    history.schedule();
    const down = Object.keys(history.placed(small))[0]!;
    const other = down === 'a' ? 'b' : 'a';
    expect(brief(simulated(history, { clustersDown: [down] }))).toEqual({
      small: `moved ${other}:1 waiting 0`,
      ...(down === 'a' && { bound: 'waiting a:1 waiting 1' }),
    });
  });

  it('counts what waits already beside what stays where it is lost', () => {
    const history = twoClusters();
    history.create(workload('bound', { replicas: 5, placement: { clusters: ['a'] }, requests: { cpu: '600m' } }));
    history.schedule();
    const before = brief(simulated(history, { clustersDown: ['b'] }));
    expect(before).toEqual({});
    expect(brief(simulated(history, { clustersDown: ['a'] }))).toEqual({ bound: 'waiting a:3 waiting 5' });
  });

  it('says what of a workload moves and what of it stays where it is lost', () => {
    const history = twoClusters();
    history.create(workload('wide', { replicas: 4, requests: { cpu: '600m' } }));
    history.schedule();
    const found = simulated(history, { clustersDown: ['a'] });
    expect(brief(found)).toEqual({ wide: 'moved a:1,b:3 waiting 1' });
    expect(found.workloads[0]?.message).toContain('1 stay on a, which is lost');
  });

  it('says what gets a place when nodes are added, and what when something is deleted', () => {
    const history = twoClusters();
    const big = workload('big', { replicas: 2, requests: { cpu: '1500m' } });
    const waits = workload('waits', { requests: { cpu: '1500m' } });
    history.create(big);
    history.schedule();
    history.create(waits);
    history.schedule();
    expect(history.decisionOn(waits)?.unplaced).toBe(1);
    const nodes = [{ cluster: 'b', count: 2, allocatable: { cpu: 2000, memory: 1024 ** 3 } }];
    expect(brief(simulated(history, { nodes }))).toEqual({ waits: 'placed b:1 waiting 0' });
    expect(Object.keys(brief(simulated(history, { deleted: [refOf(big)] })))).toEqual(['waits']);
  });

  it('says what gets a place when a cluster that is stopped is built', () => {
    const history = twoClusters();
    history.built('b', 'STOPPED');
    const big = workload('big', { replicas: 3, requests: { cpu: '1500m' } });
    history.create(big);
    history.schedule();
    expect(history.decisionOn(big)?.unplaced).toBe(2);
    expect(history.placed(big)).toEqual({ a: 1 });
    const nodes = [{ cluster: 'b', count: 1, allocatable: { cpu: 4000, memory: 1024 ** 3 }, starts: true }];
    expect(brief(simulated(history, { nodes }))).toEqual({ big: 'placed a:1,b:2 waiting 0' });
    history.built('b', 'PROVISIONING', 40);
    expect(JSON.stringify(explainNow(history.state, 'uid-big', 0))).toContain('the cluster is being built: 40 %');
    history.built('b', 'ACTIVE');
    history.schedule();
    expect(history.placed(big)).toMatchObject({ a: 1, b: 1 });
  });

  it('says who would be preempted', () => {
    const history = twoClusters();
    const low = workload('low', { replicas: 2, requests: { cpu: '1500m' } });
    history.create(low);
    history.schedule();
    const urgent = object('PriorityClass', 'urgent', undefined, { uid: 'uid-urgent' });
    Object.assign(urgent, { value: 1000 });
    const vip = workload('vip', { requests: { cpu: '1500m' }, podSpec: { priorityClassName: 'urgent' } });
    const result = simulated(history, { objects: [urgent, vip] });
    expect(result.workloads.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['low', 'preempted'],
      ['vip', 'placed'],
    ]);
  });

  it('lists as many as asked for and counts all', () => {
    const history = twoClusters();
    const objects = Array.from({ length: 5 }, (_, index) => workload(`job-${index}`));
    const change = { objects, deleted: [], clustersDown: [], nodes: [] };
    const result = simulate(history.state, change, { nowMs: 0, most: 2 });
    expect(result.workloads.map(({ name }) => name)).toEqual(['job-0', 'job-1']);
    expect(result.counts.placed).toBe(5);
  });

  it('names the clusters that there are when asked about another', () => {
    expect(() => simulated(twoClusters(), { clustersDown: ['z'] })).toThrow('there is no cluster "z"; there are: a, b');
  });

  it('comes true when it is done', () => {
    const anyJob = fc.record({
      replicas: fc.integer({ min: 1, max: 4 }),
      cpu: fc.integer({ min: 100, max: 2000 }),
      batch: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyJob, { maxLength: 6 }),
        fc.array(anyJob, { minLength: 1, maxLength: 6 }),
        (before, after) => {
          const history = twoClusters();
          const jobOf =
            (prefix: string) =>
            (job: typeof before extends (infer J)[] ? J : never, index: number): StoredObject =>
              workload(`${prefix}-${index}`, {
                replicas: job.replicas,
                requests: { cpu: `${job.cpu}m` },
                ...(job.batch && { restartPolicy: 'Never' as const }),
              });
          history.create(...before.map(jobOf('old')));
          history.schedule();
          const fresh = after.map(jobOf('new'));
          const result = simulated(history, { objects: fresh });
          history.create(...fresh);
          history.schedule();
          for (const job of fresh) {
            const said = result.workloads.find(({ name }) => name === job.metadata.name)!;
            expect(Object.fromEntries(said.after.map(({ cluster, replicas }) => [cluster, replicas]))).toEqual(
              history.placed(job),
            );
            expect(said.waiting).toBe(history.decisionOn(job)?.unplaced);
          }
        },
      ),
      runs(100),
    );
  });

  it('of a cluster whose nodes have grown takes what is free there', () => {
    const history = twoClusters();
    history.observe('a', [node('a-1', { cpu: 8000, memory: 8 * 1024 ** 3 })]);
    const objects = [workload('wide', { replicas: 4, requests: { cpu: '1500m' } })];
    expect(brief(simulated(history, { objects }))).toEqual({ wide: 'placed a:3,b:1 waiting 0' });
  });
});
