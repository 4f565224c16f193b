import { describe, expect, it } from '@jest/globals';
import { pastTimeOf } from './past-time.js';

describe('at', () => {
  it.each([
    ['17', { seq: 17 }],
    ['0', { seq: 0 }],
    ['2026-05-17T09:30:00Z', { timeMs: Date.UTC(2026, 4, 17, 9, 30) }],
    ['2026-05-17T11:30:00.250+02:00', { timeMs: Date.UTC(2026, 4, 17, 9, 30, 0, 250) }],
    ['2026-05-17T11:30:00 02:00', { timeMs: Date.UTC(2026, 4, 17, 9, 30) }],
  ])('%s', (text, time) => {
    expect(pastTimeOf(text)).toEqual(time);
  });

  it.each([
    '',
    '-1',
    '1.5',
    '1e3',
    'yesterday',
    '10 minutes ago',
    '2026-05-17',
    '2026-13-17T09:30:00Z',
    '9'.repeat(16),
  ])('refuses "%s"', (text) => {
    expect(() => pastTimeOf(text)).toThrow(/^at: invalid value ".*": give an RFC 3339 time/);
  });
});
