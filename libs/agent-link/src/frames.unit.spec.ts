import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, type Frame } from './frames.js';

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constantFrom('opened' as const, 'alive' as const, 'cancel' as const) }),
  fc.record({ type: fc.constant('opened' as const), head: fc.dictionary(fc.string(), fc.string()) }),
  fc.record({ type: fc.constant('data' as const), index: fc.nat({ max: 2 ** 32 - 1 }), bytes: fc.uint8Array() }),
  fc.record({ type: fc.constant('end' as const), index: fc.nat({ max: 2 ** 32 - 1 }) }),
  fc.record({ type: fc.constant('error' as const), code: fc.string(), message: fc.string() }),
  fc.record({ type: fc.constant('credit' as const), bytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }) }),
);

describe('frames', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const read = decodeFrame(encodeFrame(frame));
        if (frame.type === 'data' && read?.type === 'data') {
          expect(Buffer.from(read.bytes).equals(Buffer.from(frame.bytes))).toBe(true);
          expect(read.index).toBe(frame.index);
        } else expect(read).toEqual(frame);
      }),
    );
  });

  it('of unknown shape are nothing, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => decodeFrame(bytes)).not.toThrow();
      }),
    );
    expect(decodeFrame(Buffer.of(99, 1, 2))).toBeUndefined();
    expect(decodeFrame(Buffer.of(2, 1))).toBeUndefined();
  });
});
