import { describe, expect, it } from '@jest/globals';
import { nextTime } from './cron-schedule.js';

const next = (schedule: string, after: string, zone?: string): string | undefined => {
  const at = nextTime(schedule, Date.parse(after), zone);
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('times of a cron schedule', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', '2026-01-01T00:01:00.000Z'],
    ['*/15 * * * *', '2026-01-01T00:15:00Z', '2026-01-01T00:30:00.000Z'],
    ['0 9-17/4 * * *', '2026-01-01T09:00:00Z', '2026-01-01T13:00:00.000Z'],
    ['5,10 0 * * *', '2026-01-01T00:07:00Z', '2026-01-01T00:10:00.000Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 * * mon', '2026-01-01T00:00:00Z', '2026-01-05T00:00:00.000Z'],
    ['0 0 * * 7', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00.000Z'],
    ['0 0 13 * FRI', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['0 12 * JAN *', '2026-01-31T12:00:00Z', '2027-01-01T12:00:00.000Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00.000Z'],
  ])('%s after %s is %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it('are those of the time zone, on both sides of a change of the clocks', () => {
    expect(next('0 8 * * *', '2026-03-28T00:00:00Z', 'Europe/Berlin')).toBe('2026-03-28T07:00:00.000Z');
    expect(next('0 8 * * *', '2026-03-29T00:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T06:00:00.000Z');
  });

  it.each(['', '* * * *', '60 * * * *', '* * 0 * *', '*/0 * * * *', 'a * * * *', '5-1 * * * *', '0 0 31 2 *'])(
    'are none for "%s"',
    (schedule) => {
      expect(next(schedule, '2026-01-01T00:00:00Z')).toBeUndefined();
    },
  );
});
