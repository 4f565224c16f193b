import { describe, expect, it } from '@jest/globals';
import type { WorkObservation } from '@skyflow/domain';
import { COUNTS_AFTER_MS, reportAfterMs, WORDS_AFTER_MS } from './material-change.js';

const report = (changes: Partial<WorkObservation> = {}): WorkObservation => ({
  ref: { kind: 'Job', name: 'web', uid: 'uid-web' },
  generation: 1,
  epoch: 1,
  phase: 'RUNNING',
  replicas: 5,
  ready: 2,
  running: 3,
  pending: 2,
  succeeded: 0,
  failed: 0,
  reason: 'ContainerCreating',
  message: 'pod a is starting',
  ...changes,
});

describe('a report', () => {
  it.each([
    ['the first one', undefined, report()],
    ['another phase', report(), report({ phase: 'FAILED' })],
    ['another generation', report(), report({ generation: 2 })],
    ['another reason', report(), report({ reason: 'OOMKilled' })],
    ['everything ready', report(), report({ ready: 5, running: 5, pending: 0 })],
    ['nothing running any more', report(), report({ ready: 0, running: 0 })],
  ])('is told at once: %s', (_what, last, next) => {
    expect(reportAfterMs(last, next)).toBe(0);
  });

  it('of numbers on their way may wait a little, of words alone for long', () => {
    expect(reportAfterMs(report(), report({ ready: 3 }))).toBe(COUNTS_AFTER_MS);
    const surging = { ready: 5, running: 6, pending: 0 };
    const [more, fewer] = [2, 1].map((outdated) => report({ ...surging, outdated }));
    expect(reportAfterMs(more, fewer ?? report())).toBe(COUNTS_AFTER_MS);
    expect(reportAfterMs(fewer, report(surging))).toBe(0);
    expect(reportAfterMs(report(), report({ message: 'pod b is starting' }))).toBe(WORDS_AFTER_MS);
    const [a, b] = ['a', 'b'].map((name) => [{ name, phase: 'Running', containers: [] }]);
    expect(reportAfterMs(report({ pods: a }), report({ pods: b }))).toBe(WORDS_AFTER_MS);
  });

  it('is not told when nothing changed, or only the scheduler’s epoch', () => {
    expect(reportAfterMs(report(), report())).toBeUndefined();
    expect(reportAfterMs(report(), report({ epoch: 2 }))).toBeUndefined();
  });
});
