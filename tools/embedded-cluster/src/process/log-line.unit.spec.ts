import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeLine, encodeLine, type LogLine, logTimestamp, renderLine } from './log-line.js';

const line = (text: string, full = true): LogLine => ({
  timestamp: logTimestamp(Date.parse('2026-01-01T00:00:00Z')),
  stream: 'stdout',
  full,
  text,
});

describe('log lines', () => {
  it('come back as they were stored, whatever they say', () => {
    const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\n'));
    const property = fc.property(text, fc.boolean(), fc.constantFrom('stdout', 'stderr'), (each, full, stream) => {
      const written: LogLine = { ...line(each, full), stream: stream };
      expect(decodeLine(encodeLine(written).slice(0, -1))).toEqual(written);
    });
    fc.assert(property);
  });

  it('are shown with their time when asked, and end where the process ended them', () => {
    expect(renderLine(line('hello'), {})).toBe('hello\n');
    expect(renderLine(line('hel', false), {})).toBe('hel');
    expect(renderLine(line('hello'), { timestamps: true })).toBe('2026-01-01T00:00:00.000000000Z hello\n');
    expect(renderLine(line('old'), { sinceMs: Date.parse('2026-01-02T00:00:00Z') })).toBe('');
  });

  it('that are cut off are passed over', () => {
    expect(decodeLine('2026-01-01T0')).toBeUndefined();
  });
});
