/** Queues, priorities and gangs through the whole core: users write, the scheduler decides, clusters report. */
import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { decideRound } from '../decide-round.js';
import { forkScheduling } from '../fork.js';
import { Reason } from '../reasons.js';
import { decodeScheduling, encodeScheduling } from '../snapshot.js';
import { History, node, priorityClass, queue, workload } from '../testing/history.js';
import type { WorkloadOptions } from '../testing/history.js';

const cluster = (cpu: number, nodes = 1): History => {
  const history = new History();
  history.startEpoch();
  history.cluster(
    'a',
    Array.from({ length: nodes }, (_, index) => node(`a-${index}`, { cpu: (1000 * cpu) / nodes })),
  );
  return history;
};

const job = (name: string, cpus: number, of: string | undefined, options: WorkloadOptions = {}): StoredObject =>
  workload(name, {
    requests: { cpu: String(cpus) },
    ...options,
    spec: { ...(of !== undefined && { queue: of }), ...options.spec },
  });

const running = (history: History): string[] =>
  [...history.state.workloads.values()]
    .filter(({ shares }) => shares.some((s) => s.replicas > 0))
    .map(({ ref }) => ref.name);

const finish = (history: History, done: StoredObject): void => {
  history.delete(done);
  history.schedule();
  history.removed('a', done);
  history.schedule();
};

describe('queues', () => {
  it('share by weight, job by job', () => {
    const history = cluster(9);
    history.create(queue('two', { weight: 2 }), queue('one'));
    const jobs = Array.from({ length: 20 }, (_, index) => job(`job-${index}`, 1, index < 10 ? 'one' : 'two'));
    history.create(...jobs);
    history.schedule();
    const held = history.state.queueing?.usage;
    expect([held?.get('one')?.[0], held?.get('two')?.[0]]).toEqual([3000, 6000]);
  });

  it('count the resource that they use most of (dominant resource, as in the DRF paper: 3 and 2 of 9 cores and 18 GiB)', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 9000, memory: 18 * 1024 ** 3 })]);
    history.create(queue('memory'), queue('cpu'));
    const ask = (name: string, of: string, cpu: string, memory: string) =>
      workload(name, { requests: { cpu, memory }, spec: { queue: of } });
    for (let i = 0; i < 9; i++) history.create(ask(`m-${i}`, 'memory', '1', '4Gi'), ask(`c-${i}`, 'cpu', '3', '1Gi'));
    history.schedule();
    expect(running(history).filter((name) => name.startsWith('m'))).toHaveLength(3);
    expect(running(history).filter((name) => name.startsWith('c'))).toHaveLength(2);
  });

  it('go by priority, then by age; one that only waits says nothing twice', () => {
    const history = cluster(1);
    history.create(priorityClass('high', 100), queue('q'));
    const [first, old, young, urgent] = [
      job('first', 1, 'q'),
      job('old', 1, 'q'),
      job('young', 1, 'q'),
      job('urgent', 1, 'q', { priority: 'high', podSpec: { preemptionPolicy: 'Never' } }),
    ];
    history.create(first);
    history.schedule();
    history.create(old, young);
    history.schedule();
    const before = history.log.length;
    history.schedule();
    expect(history.log).toHaveLength(before);
    history.create(priorityClass('patient', 50, { preemptionPolicy: 'Never' }));
    const patient = job('patient', 1, 'q', { priority: 'patient' });
    history.create(patient);
    history.schedule();
    expect(running(history)).toEqual(['first']);
    finish(history, first);
    expect(running(history)).toEqual(['patient']);
    finish(history, patient);
    expect(running(history)).toEqual(['old']);
    expect(urgent.kind).toBe('Job');
  });

  it('keep within their nominal quota alone, and borrow what siblings leave up to their limits', () => {
    const history = cluster(100, 10);
    const quota = (nominal: number, more = {}) => ({ quotas: [{ resource: 'cpu', nominal, ...more }] });
    history.create(queue('alone', quota(2)));
    history.create(queue('org', {}), queue('lender', { parent: 'org', ...quota(5, { lendingLimit: 3 }) }));
    history.create(queue('borrower', { parent: 'org', ...quota(2, { borrowingLimit: 4 }) }));
    for (let i = 0; i < 8; i++) history.create(job(`alone-${i}`, 1, 'alone'), job(`borrower-${i}`, 1, 'borrower'));
    history.schedule();
    expect(running(history).filter((name) => name.startsWith('alone'))).toHaveLength(2);
    // 2 of its own and 3 that the lender lends; its borrowing limit would allow 4.
    expect(running(history).filter((name) => name.startsWith('borrower'))).toHaveLength(5);
    const waiting = history
      .entriesOf('PlacementDecided')
      .find(({ ref, unplaced }) => ref.name === 'borrower-5' && unplaced > 0);
    expect(waiting).toMatchObject({ reason: Reason.QUOTA_EXCEEDED });
    expect(waiting?.message).toBe(
      'the quota of queue borrower allows 0 of 1 replicas: 0m of cpu left, 1000m needed per replica',
    );
    for (let i = 0; i < 6; i++) history.create(job(`lender-${i}`, 1, 'lender'));
    history.schedule();
    // What is lent is in use; the lender has the 2 that it keeps.
    expect(running(history).filter((name) => name.startsWith('lender'))).toHaveLength(2);
  });

  it('place as many replicas as the quota allows, and the others when it is raised', () => {
    const history = cluster(100);
    const small = queue('q', { quotas: [{ resource: 'cpu', nominal: 3 }] });
    history.create(small);
    const wide = job('wide', 1, 'q', { replicas: 5 });
    history.create(wide);
    history.schedule();
    expect(history.placed(wide)).toEqual({ a: 3 });
    history.update({ ...small, spec: { quotas: [{ resource: 'cpu', nominal: 10 }] } });
    history.schedule();
    expect(history.placed(wide)).toEqual({ a: 5 });
  });

  it('keep room for the first that finds none, so that a stream of small ones does not starve it', () => {
    const history = cluster(4);
    history.create(queue('q'), queue('other'));
    const small = Array.from({ length: 40 }, (_, index) => job(`small-${index}`, 1, index % 2 ? 'q' : 'other'));
    history.create(...small.slice(0, 3));
    history.schedule();
    const big = job('big', 4, 'q');
    history.create(big);
    history.schedule();
    for (let i = 3; i < small.length && !running(history).includes('big'); i++) {
      history.create(small[i]!);
      finish(history, small[i - 3]!);
    }
    expect(running(history)).toEqual(['big']);
  });

  it('let others fill what the first cannot use', () => {
    const history = cluster(4);
    history.cluster('b', [node('b-1', { cpu: 1000 })]);
    history.create(queue('q'));
    history.create(job('runs', 2, 'q'));
    history.schedule();
    history.create(job('big', 4, 'q'), job('small', 1, 'q'));
    history.schedule();
    expect(running(history)).toEqual(['runs', 'small']);
    expect(history.placed(job('small', 1, 'q'))).toEqual({ b: 1 });
  });
});

describe('priorities', () => {
  const classes = [priorityClass('high', 100), priorityClass('low', 10)];

  it('displace the fewest and the cheapest, which wait again and say by whom', () => {
    const history = cluster(4);
    history.create(...classes);
    const lows = [job('low-1', 1, undefined, { priority: 'low' }), job('low-2', 1, undefined, { priority: 'low' })];
    const none = job('none', 2, undefined);
    history.create(...lows, none);
    history.schedule();
    const high = job('high', 2, undefined, { priority: 'high' });
    history.create(high);
    history.schedule();
    // One of priority 0 rather than two of priority 10.
    expect(history.decisionOn(none)).toMatchObject({
      placements: [],
      unplaced: 1,
      reason: Reason.PREEMPTED,
      message: "displaced from a by job default/high: its priority is 100, this one's 0; it waits for another place",
      displacedBy: { ref: { name: 'high' }, queue: 'default', priority: 100 },
    });
    expect(history.decisionOn(high)).toMatchObject({
      reason: Reason.PREEMPTING,
      message: 'waiting until default/none on a made room for it',
      displaces: [{ ref: { name: 'none' } }],
    });
    history.removed('a', none);
    history.schedule();
    expect(running(history)).toEqual(['low-1', 'low-2', 'high']);
    finish(history, high);
    expect(running(history)).toEqual(['low-1', 'low-2', 'none']);
  });

  it('never displace equals, nor with preemptionPolicy Never', () => {
    const history = cluster(2);
    history.create(...classes, priorityClass('polite', 1000, { preemptionPolicy: 'Never' }));
    const first = job('first', 2, undefined, { priority: 'high' });
    history.create(first);
    history.schedule();
    history.create(
      job('equal', 1, undefined, { priority: 'high' }),
      job('polite', 1, undefined, { priority: 'polite' }),
    );
    history.schedule();
    expect(running(history)).toEqual(['first']);
    finish(history, first);
    expect(running(history).sort()).toEqual(['equal', 'polite']);
  });

  it('take only as many replicas of a service as are needed', () => {
    const history = cluster(4);
    history.create(...classes);
    const web = job('web', 1, undefined, { replicas: 4, priority: 'low' });
    history.create(web);
    history.schedule();
    history.create(job('high', 1, undefined, { priority: 'high' }));
    history.schedule();
    expect(history.placed(web)).toEqual({ a: 3 });
  });

  it('keep what comes free for the one for whom it was made free', () => {
    const history = cluster(4);
    history.create(...classes);
    const lows = [0, 1, 2, 3].map((index) => job(`low-${index}`, 1, undefined, { priority: 'low' }));
    history.create(...lows);
    history.schedule();
    const high = job('high', 4, undefined, { priority: 'high' });
    history.create(high);
    history.schedule();
    history.create(job('thief', 1, undefined, { priority: 'low' }), queue('new'), job('thief-2', 1, 'new'));
    for (const low of lows) {
      history.schedule();
      history.removed('a', low);
    }
    history.schedule();
    expect(running(history)).toEqual(['high']);
  });

  it('give back quota that was lent, if the queue says so, even to equals', () => {
    const history = cluster(10);
    const quotas = [{ resource: 'cpu', nominal: 2 }];
    history.create(queue('org'), queue('borrower', { parent: 'org', quotas }));
    history.create(queue('owner', { parent: 'org', quotas, preemption: { reclaim: 'Any' } }));
    for (let i = 0; i < 4; i++) history.create(job(`b-${i}`, 1, 'borrower'));
    history.schedule();
    expect(running(history)).toHaveLength(4);
    history.create(job('mine', 2, 'owner'));
    history.schedule();
    expect(history.entriesOf('PlacementDecided').filter(({ reason }) => reason === Reason.PREEMPTED)).toHaveLength(2);
  });
});

describe('gangs', () => {
  const gang = (name: string, cpus: number, size: number, within?: string): StoredObject =>
    job(name, cpus, undefined, { spec: { gang: { name: 'team', size, ...(within !== undefined && { within }) } } });

  it('of one workload are all its replicas or none, over several clusters if need be', () => {
    const history = cluster(2);
    history.cluster('b', [node('b-1', { cpu: 2000 })]);
    const all = job('all', 1, undefined, { replicas: 5, spec: { gang: {} } });
    history.create(all);
    history.schedule();
    expect(history.decisionOn(all)).toMatchObject({ placements: [], unplaced: 5, reason: Reason.GANG_DOES_NOT_FIT });
    history.observe('b', [node('b-1', { cpu: 3000 })]);
    history.schedule();
    expect(history.placed(all)).toEqual({ a: 2, b: 3 });
  });

  it('wait for all their members and are then placed whole', () => {
    const history = cluster(4);
    history.create(gang('one', 2, 2));
    history.schedule();
    expect(history.decisionOn(gang('one', 2, 2))).toMatchObject({ reason: Reason.GANG_INCOMPLETE });
    history.create(gang('two', 2, 2));
    history.schedule();
    expect(running(history)).toEqual(['one', 'two']);
  });

  it('are not placed in part, and stay on one cluster when asked', () => {
    const history = cluster(4);
    history.cluster('b', [node('b-1', { cpu: 5000 })]);
    history.create(gang('one', 3, 2, 'Cluster'), gang('two', 3, 2, 'Cluster'));
    history.schedule();
    expect(running(history)).toEqual([]);
    history.observe('b', [node('b-1', { cpu: 6000 })]);
    history.schedule();
    expect(history.placed(gang('one', 3, 2))).toEqual({ b: 1 });
    expect(history.placed(gang('two', 3, 2))).toEqual({ b: 1 });
  });
});

describe('prices', () => {
  it('count without queues, too: what costs nothing is used first', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('own', [node('own-1', { cpu: 4_000 })]);
    history.cluster('cloud', [node('cloud-1', { cpu: 64_000 })], {}, { prices: { cpu: 0.5 } });
    const jobs = ['one', 'two'].map((name) => workload(name, { replicas: 2, requests: { cpu: '2' } }));
    // Whose clock is how late does not matter to who does not wait.
    history.nowMs = 1_000_000;
    for (const job of jobs) {
      history.create(job);
      history.schedule();
    }
    expect(jobs.map((job) => history.placed(job))).toEqual([{ own: 2 }, { cloud: 2 }]);
    expect(history.decisionOn(jobs[0]!)).not.toHaveProperty('now');
    expect(history.decisionOn(jobs[0]!)?.verdicts).toMatchObject([{ reason: Reason.CHEAPER_ELSEWHERE }, {}]);
  });

  const priced = (): History => {
    const history = cluster(2);
    const cloud = history.cluster('cloud', [node('c-1', { cpu: 50_000 })]);
    history.update({ ...cloud, spec: { prices: { cpu: 0.05 } } });
    const dear = history.cluster('dear', [node('d-1', { cpu: 50_000 })]);
    history.update({ ...dear, spec: { prices: { cpu: 0.5 } } });
    return history;
  };
  const waiting = (name: string, cpus: number, policy: object, more = {}): StoredObject =>
    job(name, cpus, undefined, { spec: { waiting: policy, ...more } });

  it('are not paid while there is room that costs nothing, or while a job would rather wait', () => {
    const history = priced();
    history.nowMs = 1_000_000;
    const first = waiting('first', 2, { policy: 'Constant', seconds: 60 });
    const second = waiting('second', 2, { policy: 'Constant', seconds: 60 });
    history.create(first, second);
    history.schedule();
    expect(history.placed(first)).toEqual({ a: 1 });
    expect(history.decisionOn(second)).toMatchObject({ reason: Reason.TOO_DEAR_YET, now: 1_000_000 });
    expect(history.decisionOn(second)?.message).toContain(
      'cloud: costs 0.1 an hour per replica; it waits for a cluster without a price until 1970-01-01T00:17:40Z',
    );
    history.nowMs += 59_999;
    history.schedule();
    expect(history.placed(second)).toEqual({});
    history.nowMs += 1;
    history.schedule();
    expect(history.placed(second)).toEqual({ cloud: 1 });
    expect(history.decisionOn(second)?.now).toBe(1_060_000);
  });

  it.each([
    [{ policy: 'Constant', seconds: 100 }, {}, 100],
    [{ policy: 'RunTime', factor: 0.5 }, { expectedRunSeconds: 600 }, 300],
    [{ policy: 'Resource', seconds: 10 }, {}, 40],
    [{ policy: 'Compute', factor: 0.1 }, { expectedRunSeconds: 600 }, 240],
    [{ policy: 'Compute', factor: 0.1, maxSeconds: 50 }, { expectedRunSeconds: 600 }, 50],
  ])('are not paid for as long as %j says', (policy, more, seconds) => {
    const history = priced();
    const late = waiting('late', 4, policy, more);
    history.create(late);
    history.nowMs = 1000 * seconds - 1;
    history.schedule();
    expect(history.placed(late)).toEqual({});
    history.nowMs += 1;
    history.schedule();
    expect(history.placed(late)).toEqual({ cloud: 1 });
  });

  it('are the lowest that have room', () => {
    const history = priced();
    history.create(job('big', 40, undefined, { spec: { queue: 'q' } }));
    history.create(job('second', 40, undefined, { spec: { queue: 'q' } }));
    history.schedule();
    expect(history.placed(job('big', 40, undefined))).toEqual({ cloud: 1 });
    expect(history.placed(job('second', 40, undefined))).toEqual({ dear: 1 });
  });
});

describe('the state with queues in it', () => {
  const waiting = (): History => {
    const history = cluster(4);
    history.create(priorityClass('high', 100), queue('org'), queue('q', { parent: 'org', weight: 2 }));
    history.create(
      job('runs', 3, 'q'),
      job('waits', 2, 'q'),
      job('all', 1, 'org', { replicas: 2, spec: { gang: {} } }),
    );
    history.schedule();
    history.create(job('high', 4, 'q', { priority: 'high' }), job('new', 1, 'other'));
    history.schedule();
    history.delete(job('waits', 2, 'q'));
    history.observe('a', [node('a-0', { cpu: 9000 })]);
    return history;
  };

  const decided = (state: History['state']): string =>
    JSON.stringify(decideRound(state, { epoch: 1, decisions: 100, verdicts: 32, nowMs: 5 }));

  it('comes back from a snapshot as it was', async () => {
    const { state } = waiting();
    const pieces = async function* (): AsyncGenerator {
      for (const piece of encodeScheduling(state)) yield await Promise.resolve(JSON.parse(JSON.stringify(piece)));
    };
    const back = await decodeScheduling(pieces());
    expect(decided(back)).toBe(decided(state));
    expect(back.queueing?.usage).toEqual(state.queueing?.usage);
    expect(back.queueing?.lines.size).toBe(state.queueing?.lines.size);
  });

  it('is forked without being touched', () => {
    const history = waiting();
    const before = decided(history.state);
    const fork = forkScheduling(history.state);
    expect(decided(fork)).toBe(before);
    const other = new History();
    other.state = fork;
    other.epoch = 1;
    other.create(job('hypothetical', 1, 'q', { priority: 'high' }));
    other.schedule();
    expect(decided(history.state)).toBe(before);
  });
});
