import { describe, expect, it } from '@jest/globals';
import { type UsageReport, renderUsage } from './render-usage.js';

const amounts = (replicaHours: number, others: Record<string, number> = {}) => ({
  replicaSeconds: replicaHours * 3_600,
  cpuSeconds: replicaHours * 1_800,
  memoryByteSeconds: replicaHours * 3_600 * 2 ** 29,
  otherResourceSeconds: others,
});
const period = (hour: number, held: Record<string, number>, others?: Record<string, number>) => ({
  from: `2026-05-17T0${hour}:00:00.000Z`,
  to: `2026-05-17T0${hour + 1}:00:00.000Z`,
  items: Object.entries(held).map(([name, replicaHours]) => ({ name, ...amounts(replicaHours, others) })),
  total: amounts(
    Object.values(held).reduce((sum, each) => sum + each, 0),
    others,
  ),
});
const lines = (report: UsageReport, headers = true): string[] =>
  renderUsage(report, { headers })
    .split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, ' | '));

describe('usage', () => {
  it('is told in hours', () => {
    expect(lines({ by: 'user', periods: [period(1, { ann: 3, bob: 0.5 })] })).toEqual([
      'User | Replica hours | CPU hours | GiB hours',
      'ann | 3.0 | 1.5 | 1.5',
      'bob | 0.5 | 0.25 | 0.25',
    ]);
  });

  it('has a row per period, and a column for whatever else is asked for', () => {
    const periods = [period(1, { a: 1 }), period(2, { a: 1 }, { 'nvidia.com/gpu': 7_200 })];
    expect(lines({ by: 'cluster', periods })).toEqual([
      'From | To | Cluster | Replica hours | CPU hours | GiB hours | nvidia.com/gpu hours',
      '2026-05-17 01:00:00Z | 2026-05-17 02:00:00Z | a | 1.0 | 0.5 | 0.5 | 0.0',
      '2026-05-17 02:00:00Z | 2026-05-17 03:00:00Z | a | 1.0 | 0.5 | 0.5 | 2.0',
    ]);
    expect(lines({ by: 'cluster', periods }, false)).toHaveLength(2);
  });

  it('says when there was nothing', () => {
    expect(lines({ by: 'user', periods: [period(1, {}), period(2, {})] })).toEqual([
      'Nothing was held of any cluster from 2026-05-17 01:00:00Z to 2026-05-17 03:00:00Z.',
    ]);
  });
});
