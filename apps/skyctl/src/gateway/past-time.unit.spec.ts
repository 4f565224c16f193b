import { describe, expect, it } from '@jest/globals';
import { pastTime } from './past-time.js';

const NOW = Date.UTC(2026, 4, 17, 12, 0, 0);

describe('--at', () => {
  it.each([
    ['10 minutes ago', '2026-05-17T11:50:00.000Z'],
    ['10m ago', '2026-05-17T11:50:00.000Z'],
    ['90s', '2026-05-17T11:58:30.000Z'],
    ['1h30m', '2026-05-17T10:30:00.000Z'],
    ['an hour ago', '2026-05-17T11:00:00.000Z'],
    ['1.5 hours ago', '2026-05-17T10:30:00.000Z'],
    ['2 days and 3 hours ago', '2026-05-15T09:00:00.000Z'],
    ['1 week ago', '2026-05-10T12:00:00.000Z'],
    ['Yesterday', '2026-05-16T12:00:00.000Z'],
    ['2026-05-17T09:30:00Z', '2026-05-17T09:30:00.000Z'],
    ['2026-05-17T11:30:00.250+02:00', '2026-05-17T09:30:00.250Z'],
    ['2026-05-17 09:30', new Date(2026, 4, 17, 9, 30).toISOString()],
    ['2026-05-17', new Date(2026, 4, 17).toISOString()],
    ['1234', '1234'],
  ])('%s', (text, time) => {
    expect(pastTime(text, NOW)).toBe(time);
  });

  it.each(['', 'soon', 'ago', '5 parsecs ago', '10 minutes from now', '2026-13-45', 'in 5 minutes'])(
    'refuses "%s"',
    (text) => {
      expect(() => pastTime(text, NOW)).toThrow(/is no time/);
    },
  );
});
