import { describe, expect, it } from '@jest/globals';
import { renderTable } from './report.js';
import { judge, type Budget } from './row.js';
import { median, quantile } from './statistics.js';

const latency: Budget = { id: 'B4', name: 'latency', unit: 'ms', better: 'lower', floor: 5, aim: 2.5 };
const rate: Budget = { id: 'B5a', name: 'rate', unit: '/s', better: 'higher', floor: 5_000, aim: 10_000 };

describe('a row', () => {
  it.each([
    [latency, 2.5, 'aim'],
    [latency, 2.6, 'floor'],
    [latency, 5.1, 'below floor'],
    [rate, 10_000, 'aim'],
    [rate, 5_000, 'floor'],
    [rate, 4_999, 'below floor'],
  ] as const)('of %o with %d meets: %s', (budget, value, meets) => {
    expect(judge(budget, { value }).meets).toBe(meets);
  });

  it('is shown beside the limit of the machine, as a share of it', () => {
    const table = renderTable([
      judge(latency, { value: 6, limit: 3, note: 'how' }),
      judge(rate, { value: 5_000, limit: 20_000 }),
    ]);
    expect(table).toMatch(/B4 +latency +6 ms +3 ms +2\.0× +5 ms +2\.5 ms +BELOW FLOOR/);
    expect(table).toMatch(/B5a +rate +5,000 \/s +20,000 \/s +25 % .*floor/);
    expect(table).toMatch(/^B4: how$/m);
  });
});

describe('quantiles', () => {
  it('are by the nearest rank and do not depend on order', () => {
    const samples = [5, 1, 4, 2, 3];
    expect(median(samples)).toBe(3);
    expect(quantile(samples, 0.99)).toBe(5);
    expect(quantile(samples, 0)).toBe(1);
    expect(samples).toEqual([5, 1, 4, 2, 3]);
  });

  it('of nothing do not exist', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});
