/** Queues, gangs, preemption and waiting policies with the scheduler as a process, on a real nats-server; killed in between. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type EntryData, type StoredObject, positionOf, workSubject } from '@skyflow/contracts';
import { Verification } from '@skyflow/domain';
import { ControlPlane, type SchedulerProcess, job, storedObject } from './testing/control-plane.js';

const CLUSTER = 'a';
const WAIT_SECONDS = 3;

const asked = (name: string, cpu: string, spec: object = {}, podSpec: object = {}): StoredObject => {
  const made = job(name, 1, { cpu }, podSpec);
  return { ...made, spec: { ...(made.spec as object), ...spec } };
};

/** Each starts a scheduler twice: on a busy machine that takes its time. */
jest.setTimeout(120_000);

describe('queues on a running scheduler', () => {
  let plane: ControlPlane;
  let scheduler: SchedulerProcess;

  beforeEach(async () => {
    plane = await ControlPlane.start();
    scheduler = plane.startScheduler();
    await plane.addCluster(CLUSTER, { cpu: 4_000 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(1));
  });

  afterEach(() => plane.stop());

  async function decisionOn(name: string): Promise<EntryData<'PlacementDecided'> | undefined> {
    return (await plane.entries('PlacementDecided')).filter(({ data }) => data.ref.name === name).at(-1)?.data;
  }

  const expectPlaced = (name: string, cluster = CLUSTER): Promise<void> =>
    plane.eventually(async () => expect((await decisionOn(name))?.placements).toEqual([{ cluster, replicas: 1 }]));

  /** That it has waited for this, whatever has become of it since. */
  const expectWaiting = (name: string, reason: string): Promise<void> =>
    plane.eventually(async () => {
      const decisions = (await plane.entries('PlacementDecided')).filter(({ data }) => data.ref.name === name);
      expect(decisions.map(({ data }) => data)).toContainEqual(expect.objectContaining({ unplaced: 1, reason }));
    });

  /** The next life begins from the log alone. */
  async function killScheduler(): Promise<void> {
    await scheduler.end('SIGKILL');
    scheduler = plane.startScheduler();
  }

  /** The agent has been told to remove it, and has. */
  async function removed(object: StoredObject): Promise<void> {
    const { kind, metadata } = object;
    await plane.eventually(async () => {
      const withdrawn = await plane.entries('WorkWithdrawn');
      expect(withdrawn.map(({ data }) => data.ref.name)).toContain(metadata.name);
    });
    const ref = { kind, namespace: 'default', name: metadata.name, uid: metadata.uid };
    await plane.report(CLUSTER, 'WorkRemoved', { ref });
  }

  /** Every round of the log is decided again, byte for byte. */
  async function expectDecidedAlike(): Promise<void> {
    const verification = new Verification();
    for (const { seq, subject, commit } of await plane.commits()) {
      for (const [index, entry] of commit.entries.entries()) {
        const place = { position: positionOf(seq, index), subject, commitId: commit.id, index };
        expect(verification.take(entry, place)).toBeUndefined();
      }
    }
    expect(verification.report.decisions).toBeGreaterThan(0);
  }

  it('keep to quotas, and go on when something of the quota comes free, also in the next life', async () => {
    await plane.create(storedObject('Queue', 'team', { quotas: [{ resource: 'cpu', nominal: 2 }] }));
    const [first, second] = ['first', 'second'].map((name) => asked(name, '2', { queue: 'team' }));
    await plane.create(first!);
    await expectPlaced('first');
    await plane.create(second!);
    await expectWaiting('second', 'QUOTA_EXCEEDED');
    await killScheduler();
    await plane.delete(first!);
    await removed(first!);
    await expectPlaced('second');
    await expectDecidedAlike();
  });

  it('place gangs whole: no member before all are there, and then all at once', async () => {
    const gang = { gang: { name: 'pair', size: 2 } };
    await plane.create(asked('left', '2', gang));
    await expectWaiting('left', 'GANG_INCOMPLETE');
    await killScheduler();
    await plane.create(asked('right', '2', gang));
    await Promise.all([expectPlaced('left'), expectPlaced('right')]);
    const placed = (await plane.entries('PlacementDecided')).filter(({ data }) => data.placements.length > 0);
    expect(new Set(placed.map(({ seq }) => seq)).size).toBe(1);
    await expectDecidedAlike();
  });

  it('displace the lower priority, never an equal, and place the higher only when the room is really free', async () => {
    const urgent = { priorityClassName: 'urgent' };
    await plane.create({ ...storedObject('PriorityClass', 'urgent', undefined), value: 100 });
    const low = asked('low', '3');
    await plane.create(low);
    await expectPlaced('low');
    await plane.create(asked('high', '3', {}, urgent));
    await expectWaiting('high', 'PREEMPTING');
    await expectWaiting('low', 'PREEMPTED');
    expect(await decisionOn('low')).toMatchObject({ displacedBy: { ref: { name: 'high' }, priority: 100 } });
    await killScheduler();
    expect(await decisionOn('high')).toMatchObject({ placements: [] });
    await removed(low);
    await expectPlaced('high');
    await plane.create(asked('equal', '3', {}, urgent));
    await expectWaiting('equal', 'INSUFFICIENT_RESOURCES');
    const work = await plane.entries('WorkAssigned');
    expect(
      work.filter(({ subject }) => subject === workSubject(CLUSTER)).map(({ data }) => data.object.metadata.name),
    ).toEqual(['low', 'high']);
    await expectDecidedAlike();
  });

  it('let a job wait for a cluster without a price as long as it says, and then pay', async () => {
    await plane.addCluster('cloud', { cpu: 8_000 }, { prices: { cpu: 0.5 } });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(2));
    await plane.create(asked('full', '4'));
    await expectPlaced('full');
    const submittedMs = Date.now();
    await plane.create(asked('patient', '2', { waiting: { policy: 'Constant', seconds: WAIT_SECONDS } }));
    await expectWaiting('patient', 'TOO_DEAR_YET');
    await expectPlaced('patient', 'cloud');
    const decision = await decisionOn('patient');
    expect((decision?.now ?? 0) - submittedMs).toBeGreaterThanOrEqual(1_000 * WAIT_SECONDS);
    await expectDecidedAlike();
  });
});
