import { describe, expect, it } from '@jest/globals';
import { BoundedCache } from './bounded-cache.js';

describe('a bounded cache', () => {
  it('remembers what was used lately, and at least half of its capacity', () => {
    const cache = new BoundedCache<number>(10);
    for (let number = 0; number < 100; number += 1) {
      cache.set(String(number), number);
      expect(cache.get('0')).toBe(0);
    }
    expect(cache.get('1')).toBeUndefined();
    expect([96, 97, 98, 99].map((number) => cache.get(String(number)))).toEqual([96, 97, 98, 99]);
  });

  it('forgets what is deleted, of whichever generation', () => {
    const cache = new BoundedCache<number>(4);
    for (const key of ['a', 'b', 'c']) cache.set(key, 1);
    for (const key of ['a', 'b', 'c']) cache.delete(key);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined]);
  });
});
