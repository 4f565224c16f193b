import { describe, expect, it } from '@jest/globals';
import { ageOf, durationText } from './age.js';

describe('ages', () => {
  it.each([
    [0, '0 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [7_199_000, '119 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
    [-5_000, '0 s'],
  ])('of %d ms are %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('are told of times, and of what never was', () => {
    expect(ageOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:05Z'))).toBe('5 s');
    expect(ageOf(undefined, 0)).toBe('never');
  });
});
