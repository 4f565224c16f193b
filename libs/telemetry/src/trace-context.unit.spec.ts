import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { activeTrace, formatTraceparent, parseTraceparent, runInTrace, traceFields } from './trace-context.js';

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length / 2, maxLength: length / 2 })
    .map((bytes) => Buffer.from(bytes).toString('hex'))
    .filter((text) => /[1-9a-f]/.test(text));
const ids = fc.record({ traceId: hex(32), spanId: hex(16), sampled: fc.boolean() });

describe('a traceparent', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(ids, (some) => expect(parseTraceparent(formatTraceparent(some))).toEqual(some)));
  });

  it('of a later version may have more, of this one not', () => {
    const text = `${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    expect(parseTraceparent(`01-${text}-more`)).toMatchObject({ sampled: true });
    expect(parseTraceparent(`00-${text}-more`)).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    'garbage',
    `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
    `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
  ])('is none: %s', (text) => expect(parseTraceparent(text)).toBeUndefined());
});

describe('the active trace', () => {
  it('is that of the innermost work, over awaits, and of nothing else', async () => {
    fc.assert(
      fc.property(ids, ({ traceId, spanId }) => {
        const text = formatTraceparent({ traceId, spanId, sampled: true });
        expect(runInTrace(text, traceFields)).toEqual({ trace_id: traceId, span_id: spanId });
      }),
    );
    await runInTrace('outer', async () => {
      await runInTrace('inner', async () => {
        await Promise.resolve();
        expect(activeTrace()).toBe('inner');
      });
      expect(activeTrace()).toBe('outer');
    });
    expect([activeTrace(), traceFields()]).toEqual([undefined, {}]);
  });
});
