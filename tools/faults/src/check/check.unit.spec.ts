import { describe, expect, it } from '@jest/globals';
import { checkHistory, checkOutcome } from './check.js';
import type { History, ListedJob, NativeWorkload, Outcome, Replica, Verdict } from './history.js';

const history: History = {
  ledger: new Map([
    ['a', { uid: 'u-a', replicas: 3, ends: false }],
    ['b', { uid: 'u-b', replicas: 1, ends: true }],
  ]),
  deleted: new Map([['c', { uid: 'u-c', replicas: 1, ends: false }]]),
  ownReads: [{ name: 'a', uid: 'u-a', wrote: 10, read: 10 }],
  watches: [
    [
      { uid: 'u-b', name: 'b', version: 5, phase: 'RUNNING' },
      { uid: 'u-b', name: 'b', version: 9, phase: 'COMPLETED' },
    ],
  ],
};
const jobs: ListedJob[] = [
  { name: 'a', uid: 'u-a', replicas: 3, phase: 'RUNNING', placed: { east: 2, west: 1 } },
  { name: 'b', uid: 'u-b', replicas: 1, phase: 'COMPLETED', placed: { west: 1 } },
];
const natives: NativeWorkload[] = [
  { cluster: 'east', uid: 'u-a', size: 2 },
  { cluster: 'west', uid: 'u-a', size: 1 },
  { cluster: 'west', uid: 'u-b', size: 1 },
];
const createdInLog = new Map([
  ['a', ['u-a']],
  ['b', ['u-b']],
  ['c', ['u-c']],
]);
const replicas: Replica[] = ['nats-0', 'nats-1', 'nats-2'].map((node) => ({
  node,
  messages: 10,
  lastSequence: 10,
  bytes: 1_000,
}));
const replica = (change: Partial<Replica>): Partial<Outcome> => ({
  replicas: replicas.map((each, at) => (at === 2 ? { ...each, ...change } : each)),
});
const outcome = (change: Partial<Outcome> = {}): Outcome => ({
  listed: new Map([['gateway-a', jobs]]),
  natives,
  createdInLog,
  replicas,
  ...change,
});
const counts = ({ lost, doubled, stale, regressed }: Verdict): number[] =>
  [lost, doubled, stale, regressed].map((words) => words.length);
const listing = (...listed: ListedJob[]): Partial<Outcome> => ({ listed: new Map([['gateway-a', listed]]) });
const with_ = (job: number, change: Partial<ListedJob>): Partial<Outcome> =>
  listing(...jobs.map((each, index) => (index === job ? { ...each, ...change } : each)));

describe('the verdict on what there is at the end', () => {
  it('is zero for what is right', () => {
    expect(counts(checkOutcome(history, outcome()))).toEqual([0, 0, 0, 0]);
  });

  it.each<[string, Partial<Outcome>, number[]]>([
    ['an acknowledged job that is gone', { ...listing(jobs[1]!), natives: natives.slice(2) }, [1, 0, 0, 0]],
    ['a namesake in its place', { ...with_(1, { uid: 'u-x' }), natives: natives.slice(0, 2) }, [1, 0, 0, 0]],
    ['a scale that was acknowledged and is not so', with_(0, { replicas: 2 }), [1, 0, 0, 0]],
    [
      'a deletion that was acknowledged and is not so',
      listing(...jobs, { ...jobs[1]!, name: 'c', uid: 'u-c', placed: {} }),
      [1, 0, 0, 0],
    ],
    ['a job that nobody asked for', listing(...jobs, { ...jobs[1]!, name: 'd', uid: 'u-d', placed: {} }), [0, 1, 0, 0]],
    ['a nats-server that is a commit behind', replica({ messages: 9, lastSequence: 9 }), [1, 0, 0, 0]],
    ['a nats-server that has skipped a commit', replica({ messages: 9 }), [1, 0, 0, 0]],
    ['a nats-server that has another commit in its place', replica({ bytes: 1_001 }), [1, 0, 0, 0]],
    ['a creation that is not in the log', { createdInLog: new Map([['a', ['u-a']]]) }, [1, 0, 0, 0]],
    ['one that is in it twice', { createdInLog: new Map([...createdInLog, ['a', ['u-a', 'u-a']]]) }, [0, 1, 0, 0]],
    ['a native object that is not there', { natives: natives.slice(1) }, [1, 0, 0, 0]],
    ['not one of a job that has ended', { natives: natives.slice(0, 2) }, [0, 0, 0, 0]],
    ['one twice in a cluster', { natives: [...natives, natives[0]!] }, [0, 1, 0, 0]],
    ['one in a cluster too many', { natives: [...natives, { cluster: 'east', uid: 'u-b', size: 1 }] }, [0, 1, 0, 0]],
    [
      'one that runs after its deletion',
      { natives: [...natives, { cluster: 'east', uid: 'u-c', size: 1 }] },
      [0, 1, 0, 0],
    ],
    [
      'more replicas than there should be',
      { natives: natives.map((each) => ({ ...each, size: each.size + 1 })) },
      [0, 3, 0, 0],
    ],
    ['a status that is behind', with_(1, { phase: 'RUNNING' }), [0, 0, 1, 0]],
  ])('counts %s', (_what, change, expected) => {
    expect(counts(checkOutcome(history, outcome(change)))).toEqual(expected);
  });
});

describe('the verdict on what was seen', () => {
  const seen = (change: Partial<History>): number[] => {
    const { stale, regressed } = checkHistory({ ...history, ...change });
    return [stale.length, regressed.length];
  };

  it('is zero for what is right', () => expect(seen({})).toEqual([0, 0]));

  it('counts reads that are older than what the reader wrote, and nothing at all', () => {
    const read = { name: 'a', uid: 'u-a', wrote: 10 };
    expect(
      seen({
        ownReads: [
          { ...read, read: 9 },
          { ...read, read: undefined },
          { ...read, read: 11 },
        ],
      }),
    ).toEqual([2, 0]);
  });

  it('counts versions and ends that go back, per watcher', () => {
    const [done, running] = [
      { uid: 'u-b', name: 'b', version: 9, phase: 'COMPLETED' },
      { uid: 'u-b', name: 'b', version: 5, phase: 'RUNNING' },
    ];
    expect(seen({ watches: [[done, running]] })).toEqual([0, 2]);
    expect(seen({ watches: [[done], [running, done]] })).toEqual([0, 0]);
    expect(seen({ watches: [[done, { ...done, version: 10, phase: 'DELETING' }]] })).toEqual([0, 0]);
  });
});
