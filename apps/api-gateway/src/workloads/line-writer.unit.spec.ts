import { PassThrough } from 'node:stream';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineWriter } from './line-writer.js';

async function* pieces(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function written(write: (writer: LineWriter) => Promise<unknown>): Promise<string> {
  const sink = new PassThrough({ highWaterMark: 1_000_000 });
  await write(new LineWriter(sink as unknown as ServerResponse, new AbortController().signal));
  sink.end();
  let text = '';
  for await (const part of sink) text += String(part);
  return text;
}

const texts = fc.array(fc.stringMatching(/^[ab\n]{0,5}$/), { maxLength: 8 });

describe('lines of several logs in one answer', () => {
  it('are whole and complete, however the bytes came, each with its prefix', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (parts) => {
        const text = await written((writer) => writer.copy(pieces(parts), '> '));
        const whole = parts.join('');
        const expected = whole === '' ? [] : whole.replace(/\n$/, '').split('\n');
        expect(text).toBe(expected.map((line) => `> ${line}\n`).join(''));
      }),
    );
  });

  it('do not mix when copied at once', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (one, two) => {
        const text = await written((writer) =>
          Promise.all([writer.copy(pieces(one), '1 '), writer.copy(pieces(two), '2 ')]),
        );
        for (const line of text.split('\n').slice(0, -1)) expect(line).toMatch(/^[12] [ab]*$/);
      }),
    );
  });

  it('stop when the reader is gone', async () => {
    const gone = new AbortController();
    gone.abort();
    const writer = new LineWriter(new PassThrough() as unknown as ServerResponse, gone.signal);
    await expect(writer.copy(pieces(['a\n']), '')).rejects.toThrow();
  });
});
