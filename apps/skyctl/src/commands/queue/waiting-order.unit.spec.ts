import { describe, expect, it } from '@jest/globals';
import type { Job } from '@skyflow/contracts';
import { placeOf, waitingOf } from './waiting-order.js';

const job = (name: string, second: number, status: object, queue?: string): Job =>
  ({
    kind: 'Job',
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${String(second)}Z` },
    spec: { replicas: 2, ...(queue !== undefined && { queue }) },
    status: { placed: 0, replicas: 2, ...status },
  }) as unknown as Job;
const seen = (jobs: readonly Job[]): string[] => jobs.map((each) => `${String(placeOf(each))} ${each.metadata.name}`);

describe('what waits', () => {
  it('is in order of age where nobody uses queues; what only starts does not wait', () => {
    const pending = [job('b', 2, { placed: 1 }), job('a', 3, {}), job('starts', 0, { placed: 2 }), job('c', 1, {})];
    expect(seen(waitingOf(pending, []))).toEqual(['1 c', '2 b', '3 a']);
    expect(waitingOf(pending, ['other'])).toEqual([]);
  });

  it('has the places of its queues where they are used', () => {
    const place = (name: string, number: number | undefined) => ({
      queue: { name, ...(number !== undefined && { place: number, of: 2 }) },
    });
    const pending = [
      job('old', 1, place('q', 2), 'q'),
      job('urgent', 2, place('q', 1), 'q'),
      job('other', 3, place('default', 1)),
      job('starts', 4, place('q', undefined), 'q'),
    ];
    expect(seen(waitingOf(pending, []))).toEqual(['1 other', '1 urgent', '2 old']);
    expect(seen(waitingOf(pending, ['q']))).toEqual(['1 urgent', '2 old']);
  });
});
