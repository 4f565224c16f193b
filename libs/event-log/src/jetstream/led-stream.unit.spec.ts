/** Which leader is to be believed. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LogUnavailableError } from '../event-log.js';
import { isLed, ledAnswer } from './led-stream.js';

const SECOND_NS = 1_000_000_000;
const cluster = (...active: (number | undefined)[]) => ({
  leader: 'nats-0',
  replicas: active.map((ns, index) => ({ name: `nats-${index + 1}`, ...(ns === undefined ? {} : { active: ns }) })),
});

describe('the leader of a stream', () => {
  it.each([
    ['alone', {}, true],
    ['both others heard', cluster(0.4 * SECOND_NS, SECOND_NS), true],
    ['one of two heard', cluster(0.4 * SECOND_NS, 3_600 * SECOND_NS), true],
    ['one of two heard, the other never', cluster(SECOND_NS, 0), true],
    ['cut off', cluster(3 * SECOND_NS, 3.1 * SECOND_NS), false],
    ['cut off, and it never heard one', cluster(9 * SECOND_NS, undefined), false],
    ['nobody heard yet', cluster(0, 0), false],
  ])('%s', (_, seen, believed) => {
    expect(isLed(seen)).toBe(believed);
  });

  it('is believed exactly with a majority', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 * SECOND_NS }), { maxLength: 6 }), (active) => {
        const heard = active.filter((ns) => ns > 0 && ns < 3 * SECOND_NS).length + 1;
        expect(isLed(cluster(...active))).toBe(heard >= Math.floor((active.length + 1) / 2) + 1);
      }),
    );
  });

  it('is asked again until it has heard the others, and not for ever', async () => {
    const answers = [cluster(0, 0), cluster(0, 0), cluster(1, 0)];
    const asked = (): Promise<{ cluster: ReturnType<typeof cluster> }> =>
      Promise.resolve({ cluster: answers.shift() ?? cluster(0, 0) });
    expect(await ledAnswer('SKYFLOW', asked)).toEqual({ cluster: cluster(1, 0) });
    await expect(ledAnswer('SKYFLOW', asked)).rejects.toThrow(LogUnavailableError);
  });
});
