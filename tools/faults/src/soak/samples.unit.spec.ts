import { describe, expect, it } from '@jest/globals';
import { isJudged } from './samples.js';

describe('what a soak judges', () => {
  it('is all but resident memory of programs of Node in less than an hour, whose live memory is judged', () => {
    expect(isJudged('memory', true, 15)).toBe(false);
    expect(isJudged('live memory', true, 15)).toBe(true);
    expect(isJudged('memory', false, 15)).toBe(true);
    expect(isJudged('threads', true, 15)).toBe(true);
    expect(isJudged('memory', true, 60)).toBe(true);
  });
});
