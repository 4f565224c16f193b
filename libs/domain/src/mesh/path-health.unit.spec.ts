import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pathText } from './desired.js';
import { type PathHealth, PATH_FAILURES, afterProbe, initialPath } from './path-health.js';

const run = (outcomes: readonly boolean[], stepMs = 1000): PathHealth[] => {
  const states: PathHealth[] = [];
  let path = initialPath();
  outcomes.forEach((reached, at) => {
    path = afterProbe(path, reached, at * stepMs);
    states.push(path);
  });
  return states;
};

describe('path health', () => {
  it('is up at the first success, and known to be down only after as many rounds as when it was up', () => {
    expect(run([true])[0]?.state).toBe('UP');
    expect(run([false, false, true]).map(({ state }) => state)).toEqual(['UNKNOWN', 'UNKNOWN', 'UP']);
    expect(run([false, false, false])[2]?.state).toBe('DOWN');
  });

  it('is down only after several rounds without an answer', () => {
    const states = run([true, ...Array.from({ length: PATH_FAILURES }, () => false)]).map(({ state }) => state);
    expect(states.slice(0, PATH_FAILURES)).not.toContain('DOWN');
    expect(states.at(-1)).toBe('DOWN');
    expect(run([true, false, false, true, false, false, true]).map(({ state }) => state)).not.toContain('DOWN');
  });

  it('changes ever more seldom while it flaps', () => {
    const cycle = [false, false, false, true, true, true, true, true];
    const outcomes = [true, ...Array.from({ length: 40 }, () => cycle).flat()];
    const states = run(outcomes).map(({ state }) => state);
    const changes = states.filter((state, at) => at > 0 && state !== states[at - 1]).length;
    expect(changes).toBeLessThan(10);
  });

  it('comes up again in the end when it is reached for good, and goes down when it is not', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.boolean(), (outcomes, last) => {
        const states = run([...outcomes, ...Array.from({ length: 70 }, () => last)]);
        expect(states.at(-1)?.state).toBe(last ? 'UP' : 'DOWN');
      }),
    );
  });
});

describe('what was said of a path', () => {
  const up = { state: 'UP', plane: 'gateway', message: 'connected to web-1 in 1.0 ms', ofPod: true } as const;

  it('need not be said again for other milliseconds, and is for the first pod that proves it', () => {
    expect(pathText({ ...up, message: 'connected to web-2 in 3.2 ms' })).toBe(pathText(up));
    expect(pathText({ ...up, ofPod: false })).not.toBe(pathText(up));
    expect(pathText({ ...up, failing: ['u'] })).not.toBe(pathText(up));
  });
});
