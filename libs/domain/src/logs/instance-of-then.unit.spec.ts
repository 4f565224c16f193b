import { describe, expect, it } from '@jest/globals';
import { type ContainerTimes, instanceOfThen } from './instance-of-then.js';

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;
const ms = (minute: number): number => Date.parse(at(minute));

const running: ContainerTimes = { restartCount: 0, state: { running: { startedAt: at(10) } } };
const restarted: ContainerTimes = {
  restartCount: 1,
  state: { running: { startedAt: at(20) } },
  lastState: { terminated: { startedAt: at(10) } },
};
const often: ContainerTimes = { ...restarted, restartCount: 5 };
const backingOff: ContainerTimes = {
  restartCount: 3,
  state: { waiting: {} },
  lastState: { terminated: { startedAt: at(10) } },
};

describe('the log of then', () => {
  it.each([
    ['runs', running, 15, 'current', 'none'],
    ['runs', running, 5, 'none', 'none'],
    ['was started again', restarted, 25, 'current', 'previous'],
    ['was started again', restarted, 15, 'previous', 'lost'],
    ['was started again', restarted, 5, 'none', 'none'],
    ['was started again often', often, 15, 'previous', 'lost'],
    ['was started again often', often, 5, 'lost', 'lost'],
    ['waits to be started again', backingOff, 15, 'current', 'previous'],
    ['waits to be started again', backingOff, 5, 'lost', 'lost'],
    ['has not started', { restartCount: 0, state: { waiting: {} } }, 5, 'none', 'none'],
    ['has ended', { restartCount: 0, state: { terminated: { startedAt: at(1) } } }, 5, 'current', 'none'],
    ['is not told of', undefined, 5, 'current', 'none'],
  ] as const)('of one that %s (%j) at %d: %s; of the one before: %s', (_what, status, minute, then, before) => {
    expect(instanceOfThen(status, ms(minute))).toBe(then);
    expect(instanceOfThen(status, ms(minute), true)).toBe(before);
  });
});
