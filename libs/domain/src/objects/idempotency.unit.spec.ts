import { describe, expect, it } from '@jest/globals';
import { type IdempotencyRing, remember } from './idempotency.js';

const ref = { kind: 'Job', namespace: 'default', name: 'a', uid: 'u' };

describe('idempotency keys', () => {
  it('are remembered, the last hundred thousand of them, and the oldest forgotten', () => {
    const ring: IdempotencyRing = new Map();
    for (let number = 0; number < 250_000; number += 1) {
      remember(ring, `key-${number}`, { position: number, print: 0, ref });
    }
    expect(ring.size).toBeGreaterThanOrEqual(100_000);
    expect(ring.size).toBeLessThan(110_000);
    expect(ring.has('key-150000')).toBe(true);
    expect(ring.has('key-139999')).toBe(false);
  });
});
