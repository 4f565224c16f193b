import { describe, expect, it } from '@jest/globals';
import { TAIL_BYTES, logUntil, requestUntil } from './log-until.js';

const time = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.123456789Z`;
const UNTIL = '2026-01-01T00:00:03.500Z';

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < text.length; start += size)
    yield await Promise.resolve(Buffer.from(text.slice(start, start + size)));
}

async function read(
  text: string,
  size: number,
  more: { tailLines?: number; timestamps?: boolean } = {},
): Promise<string> {
  const parts = await Array.fromAsync(logUntil(chunks(text, size), { until: UNTIL, ...more }));
  return Buffer.concat(parts).toString();
}

const log = [1, 2, 3, 4, 5].map((second) => `${time(second)} line ${second}\n`).join('');

describe('a log up to a moment', () => {
  it.each([1, 7, 64, 10_000])('has the lines that were written by then, in chunks of %d bytes', async (size) => {
    expect(await read(log, size)).toBe('line 1\nline 2\nline 3\n');
    expect(await read(log, size, { timestamps: true })).toBe(log.slice(0, log.indexOf(time(4))));
    expect(await read(log, size, { tailLines: 2 })).toBe('line 2\nline 3\n');
    expect(await read(log, size, { tailLines: 0 })).toBe('');
    expect(await read(log.slice(0, log.indexOf(time(3))).trimEnd(), size)).toBe('line 1\nline 2');
  });

  it('keeps lines without a time with those before them, and leaves off reading', async () => {
    let isLeft = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from(`${time(1)} a\nb\n`);
        for (;;) yield await Promise.resolve(Buffer.from(`${time(9)} later\n`));
      } finally {
        isLeft = true;
      }
    }
    const parts = await Array.fromAsync(logUntil(endless(), { until: UNTIL }));
    expect([Buffer.concat(parts).toString(), isLeft]).toEqual(['a\nb\n', true]);
  });

  it('of a tail that is too much for memory says that it is not all', async () => {
    const line = `${time(1)} ${'x'.repeat(1 << 20)}\n`;
    const text = await read(line.repeat(12), 1 << 20, { tailLines: 12 });
    expect(text).toMatch(/^# skyflow: of the last 12 lines by then only 8 MiB are shown\nx/);
    expect(text.length).toBeLessThan(TAIL_BYTES + 200);
  });

  it('asks the cluster for every line with its time, from where the reader begins', () => {
    const pod = { namespace: 'default', pod: 'web-1', container: 'main' };
    expect(requestUntil({ ...pod, tailLines: 3, limitBytes: 9, previous: true }, UNTIL)).toEqual({
      ...pod,
      timestamps: true,
    });
    expect(requestUntil({ ...pod, sinceSeconds: 2 }, UNTIL).sinceTime).toBe('2026-01-01T00:00:01.500Z');
  });
});
