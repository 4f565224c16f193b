/** Questions to a real scheduler: it answers from what it knows, and writes nothing. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { explainReplySchema, schedulerRequestSubject, simulateReplySchema } from '@skyflow/contracts';
import { ControlPlane, job, storedObject } from '../testing/control-plane.js';

describe('a scheduler that is asked', () => {
  let plane: ControlPlane;

  beforeEach(async () => {
    plane = await ControlPlane.start();
    plane.startScheduler();
    await plane.addCluster('a', { cpu: 1930 });
    await plane.addCluster('b', { cpu: 1930 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(2));
    await plane.create(job('runs', 2, { cpu: '1' }));
    await plane.create(job('waits', 1, { cpu: '1500m' }));
    await plane.eventually(async () => {
      expect((await plane.entries('PlacementDecided')).map(({ data }) => data.unplaced)).toEqual([0, 1]);
      expect(await plane.entries('WorkAssigned')).toHaveLength(2);
    });
  });

  afterEach(() => plane.stop());

  const ask = async (verb: 'explain' | 'simulate', question: object): Promise<unknown> =>
    (
      await plane.connection.request(schedulerRequestSubject(verb), JSON.stringify(question), { timeout: 10_000 })
    ).json();

  it('explains a waiting job: what lacks, its place, and says that it knows nothing of another', async () => {
    const answer = explainReplySchema.parse(
      await ask('explain', { uid: 'uid-waits', atLeastSeq: await plane.log.head() }),
    );
    expect(answer).toMatchObject({
      explanation: {
        clusters: [
          { cluster: 'a', plugin: 'NodeFit', replicas: 0, change: ['needs 0.57 CPU less'] },
          { cluster: 'b', plugin: 'NodeFit', replicas: 0, change: ['needs 0.57 CPU less'] },
        ],
        waiting: { place: 1, of: 1 },
      },
    });
    expect(await ask('explain', { uid: 'uid-nobody' })).toMatchObject({ code: 404 });
  });

  it('simulates, and the log is as it was', async () => {
    const before = await plane.log.head();
    const answer = simulateReplySchema.parse(
      await ask('simulate', {
        objects: [job('new', 1, { cpu: '100m' }), storedObject('PlacementPolicy', 'p', {}, 'default')],
        nodes: [{ cluster: 'a', count: 1, allocatable: { cpu: 2000 } }],
      }),
    );
    expect(answer).toMatchObject({
      simulation: {
        counts: { placed: 2, moved: 0, preempted: 0, waiting: 0 },
        workloads: [{ name: 'new' }, { name: 'waits', after: [{ cluster: 'a', replicas: 1 }] }],
      },
    });
    const lost = simulateReplySchema.parse(await ask('simulate', { clustersDown: ['a'] }));
    expect(lost).toMatchObject({ simulation: { workloads: [{ name: 'runs', outcome: 'waiting' }] } });
    expect(await ask('simulate', { clustersDown: ['z'] })).toMatchObject({
      code: 404,
      error: expect.stringContaining('a, b'),
    });
    expect(await ask('simulate', { nodes: [{ cluster: 'a', count: 0, allocatable: {} }] })).toMatchObject({
      code: 400,
    });
    // What it decides afterwards is decided as if it had not been asked.
    await plane.create(job('after', 1, { cpu: '100m' }));
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(3));
    const commits = await plane.commits();
    expect(commits.slice(before).map(({ commit }) => commit.entries.map(({ type }) => type))).toEqual([
      ['ObjectCreated'],
      ['PlacementDecided'],
      ['WorkAssigned'],
    ]);
  });
});
