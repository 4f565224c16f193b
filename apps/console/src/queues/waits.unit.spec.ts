import { describe, expect, it } from '@jest/globals';
import { type WaitsPeriod, durationText, eventful, waitsPath } from './waits.js';

describe('waits of a queue', () => {
  it('are asked for by the hour, of a day', () => {
    const path = waitsPath('a/b', Date.parse('2026-05-17T09:30:00Z'));
    expect(path).toBe('/apis/skyflow.io/v1/queues/a%2Fb/waits?from=2026-05-16T10:00:00.000Z&step=3600');
  });

  it('are shown where there were any, the latest first', () => {
    const period = (from: string, count: number, waiting: number): WaitsPeriod => ({
      from,
      to: '',
      waits: { count },
      waiting,
    });
    const shown = eventful([period('1', 1, 0), period('2', 0, 0), period('3', 0, 2)]);
    expect(shown.map(({ from }) => from)).toEqual(['3', '1']);
  });

  it.each([
    [undefined, '–'],
    [0, '0 ms'],
    [999, '999 ms'],
    [1_234, '1.2 s'],
    [35_000, '35 s'],
    [126_000, '2.1 min'],
    [10_800_000, '3.0 h'],
  ])('last %s ms: %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
