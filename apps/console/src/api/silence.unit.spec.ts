import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Silence } from './silence.js';

describe('silence', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is told once, after so many seconds without a word', () => {
    let told = 0;
    const silence = new Silence(12, () => told++);
    silence.start();
    for (let second = 0; second < 60; second++) {
      jest.advanceTimersByTime(1_000);
      silence.heard();
    }
    jest.advanceTimersByTime(11_000);
    expect(told).toBe(0);
    jest.advanceTimersByTime(60_000);
    expect(told).toBe(1);
  });

  it('is none while nobody listens', () => {
    let told = 0;
    const silence = new Silence(2, () => told++);
    silence.start();
    silence.stop();
    jest.advanceTimersByTime(10_000);
    expect(told).toBe(0);
  });
});
