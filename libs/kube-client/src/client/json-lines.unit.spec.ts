import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BrokenJsonStreamError, jsonLines } from './json-lines.js';

async function* cut(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
    start += size;
  }
  yield bytes.subarray(start);
}

describe('JSON lines', () => {
  it('come out as they went in, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.integer({ min: 0, max: 7 })), async (values, sizes) => {
        const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
        const read = await Array.fromAsync(jsonLines(cut(bytes, sizes)));
        expect(read).toEqual(values.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
      }),
    );
  });

  it('tell a stream that was cut in a line from one that ended', async () => {
    await expect(Array.fromAsync(jsonLines(cut(Buffer.from('{"a":1}\n{"b"'), [])))).rejects.toThrow(
      BrokenJsonStreamError,
    );
  });
});
