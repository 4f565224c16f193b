import { describe, expect, it } from '@jest/globals';
import type { EntryData } from '@skyflow/contracts';
import type { History } from '../testing/history.js';
import { node, object, policy, queue, twoClusters, workload } from '../testing/history.js';
import { firstDifference } from './first-difference.js';
import { OtherConfiguration } from './other-configuration.js';
import { type Mismatch, Verification } from './verification.js';

/** Everything a scheduler does with a few jobs, one that waits among them. */
function busy(): History {
  const history = twoClusters();
  const jobs = Array.from({ length: 4 }, (_, index) =>
    workload(`job-${index}`, { replicas: 1 + index, requests: { cpu: `${200 + 300 * index}m` } }),
  );
  for (const job of jobs) {
    history.create(job);
    history.schedule();
  }
  history.startEpoch();
  history.delete(jobs[2]!);
  history.schedule();
  for (const cluster of ['a', 'b']) history.removed(cluster, jobs[2]!);
  history.schedule();
  history.cluster('c', [node('c-1', { cpu: 8000, memory: 8 * 1024 ** 3 })]);
  history.schedule();
  return history;
}

function verify(
  history: History,
  compare: (position: number) => boolean = () => true,
): { found: Mismatch[]; verification: Verification } {
  const verification = new Verification();
  const found = history.log.flatMap(
    ({ entry, place }) => verification.take(entry, place, compare(place.position)) ?? [],
  );
  return { found, verification };
}

/** Changes the last decision that the predicate takes, as if it had been recorded so. */
function tamper(
  history: History,
  which: (data: EntryData<'PlacementDecided'>) => boolean,
  change: Partial<EntryData<'PlacementDecided'>>,
): number {
  const recorded = history.log.findLast(({ entry }) => entry.type === 'PlacementDecided' && which(entry.data));
  if (recorded === undefined) throw new Error('there is no such decision');
  recorded.entry = { ...recorded.entry, data: { ...recorded.entry.data, ...change } } as typeof recorded.entry;
  return recorded.place.position;
}

describe('verification of a log', () => {
  it('finds nothing in a log that this code wrote', () => {
    const history = busy();
    const { found, verification } = verify(history);
    expect(found).toEqual([]);
    expect(verification.report).toMatchObject({
      decisions: history.entriesOf('PlacementDecided').length,
      mismatches: 0,
      skipped: { superseded: 0, beforeBasis: 0 },
      codes: [history.entriesOf('PlacementDecided')[0]!.code],
    });
  });

  it('names the decision that differs, both versions, where they differ, and the basis', () => {
    const history = busy();
    const position = tamper(history, ({ ref }) => ref.name === 'job-1', {
      placements: [{ cluster: 'b', replicas: 2 }],
    });
    const { found, verification } = verify(history);
    expect(found[0]).toMatchObject({
      position,
      recorded: { ref: { name: 'job-1' }, placements: [{ cluster: 'b', replicas: 2 }] },
      decided: {
        placements: [
          { cluster: 'a', replicas: 1 },
          { cluster: 'b', replicas: 1 },
        ],
        basis: found[0]!.recorded.basis,
      },
      difference: { path: 'placements[0].cluster', recorded: 'b', decided: 'a' },
    });
    expect(verification.report.first).toBe(found[0]);
  });

  it('says when nothing would be decided in the place of what was recorded', () => {
    const history = busy();
    const last = history.log.findLast(({ entry }) => entry.type === 'PlacementDecided')!;
    history.append(last.place.subject, {
      type: 'PlacementDecided',
      data: last.entry.data as EntryData<'PlacementDecided'>,
    });
    const { found } = verify(history);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ decided: undefined, difference: { path: '' } });
  });

  it('takes another version of the code for the same decision if it decides the same, and names the versions', () => {
    const history = busy();
    tamper(history, () => true, { code: 'scheduling/0' });
    const { found, verification } = verify(history);
    expect(found).toEqual([]);
    expect(verification.report.codes).toContain('scheduling/0');
  });

  it('leaves out decisions of an epoch that had ended', () => {
    const history = busy();
    const stale = history.entriesOf('PlacementDecided')[0]!;
    history.append('sky.evt.scheduler', { type: 'PlacementDecided', data: { ...stale, placements: [] } });
    const { found, verification } = verify(history);
    expect(found).toEqual([]);
    expect(verification.report.skipped.superseded).toBe(1);
  });

  it('compares within the range only', () => {
    const history = busy();
    const position = tamper(history, ({ ref }) => ref.name === 'job-1', { message: 'another' });
    expect(verify(history, (at) => at >= position).found).toHaveLength(1);
    expect(verify(history, (at) => at < position).found).toEqual([]);
    const after = verify(history, (at) => at > position);
    expect(after.verification.report.decisions).toBeGreaterThan(0);
    expect(after.verification.report.decisions).toBeLessThan(history.entriesOf('PlacementDecided').length);
  });
});

describe('verification with another configuration', () => {
  const found = (history: History, objects: ConstructorParameters<typeof OtherConfiguration>[0]): Mismatch[] => {
    const verification = new Verification(new OtherConfiguration(objects));
    return history.log.flatMap(({ entry, place }) => verification.take(entry, place) ?? []);
  };
  const placedBy = (mismatches: readonly Mismatch[]) =>
    mismatches.map(({ recorded: { ref, placements }, decided }) => [ref.name, placements, decided?.placements]);

  it('says what a policy would have decided otherwise, whether the log has one of that name or not', () => {
    const history = twoClusters();
    const onlyA = policy('p', { workloadSelector: {}, clusters: ['a'] });
    const [first, second] = ['first', 'second'].map((name) => workload(name, { requests: { cpu: '100m' } }));
    history.create(first!);
    history.schedule();
    history.create(onlyA);
    history.create(second!);
    history.schedule();
    const onlyB = policy('p', { workloadSelector: {}, clusters: ['b'] });
    const on = (cluster: string) => [{ cluster, replicas: 1 }];
    const [was] = history.entriesOf('PlacementDecided');
    const expected = [
      ...(was?.placements[0]?.cluster === 'b' ? [] : [['first', on('a'), on('b')]]),
      ['second', on('a'), on('b')],
    ];
    expect(placedBy(found(history, [onlyB]))).toEqual(expected);
    history.delete(onlyA);
    expect(found(history, [onlyA]).length).toBeLessThan(2);
    expect(found(history, [policy('other', { clusters: ['b'] })])).toEqual([]);
  });

  it('takes clusters as they are, with other labels and taints', () => {
    const history = twoClusters();
    history.create(workload('job', { replicas: 2, requests: { cpu: '100m' } }));
    history.schedule();
    const tainted = object('Cluster', 'a', { taints: [{ key: 'spot', effect: 'NoSchedule' }] });
    expect(placedBy(found(history, [tainted]))).toEqual([
      [
        'job',
        [
          { cluster: 'a', replicas: 1 },
          { cluster: 'b', replicas: 1 },
        ],
        [{ cluster: 'b', replicas: 2 }],
      ],
    ]);
  });

  it('finds nothing where it comes to the same, and takes no work', () => {
    const history = busy();
    expect(found(history, [policy('wide', { workloadSelector: {}, clusters: ['a', 'b', 'c'] })])).toEqual([]);
    expect(found(history, [queue('unused')])).toEqual([]);
    expect(() => new OtherConfiguration([workload('job')])).toThrow(
      'Job job is no configuration of a scheduler; give PlacementPolicy, Queue, PriorityClass, Cluster',
    );
  });
});

describe('the first difference', () => {
  it.each([
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, undefined],
    [{ a: [1, 2] }, { a: [1] }, { path: 'a[1]', recorded: 2, decided: undefined }],
    [{ a: 1 }, { a: 1, b: null }, { path: 'b', recorded: undefined, decided: null }],
    [{ a: { b: 'x' } }, { a: { b: 'y' } }, { path: 'a.b', recorded: 'x', decided: 'y' }],
    [[], {}, { path: '', recorded: [], decided: {} }],
  ])('of %j and %j', (recorded, decided, expected) => {
    expect(firstDifference(recorded, decided)).toEqual(expected);
  });
});
