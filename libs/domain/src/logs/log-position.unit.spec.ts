import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LOG_START, type LogPosition, compareLogTimes, readLogLine, resumeLog, splitLogLine } from './log-position.js';

interface Line {
  time: string;
  text: string;
}

/** A log with times that rise or stay, several lines of one time among them. */
const anyLog: fc.Arbitrary<Line[]> = fc.array(fc.nat({ max: 3 }), { maxLength: 60 }).map((steps) => {
  let ms = Date.parse('2026-11-24T10:00:00Z');
  return steps.map((step, n) => ({ time: new Date((ms += step)).toISOString(), text: `line ${n}` }));
});

function read(position: LogPosition, lines: readonly Line[]): { position: LogPosition; taken: string[] } {
  const taken: string[] = [];
  let now = position;
  for (const { time, text } of lines) {
    const step = readLogLine(now, time);
    now = step.position;
    if (step.isNew) taken.push(text);
  }
  return { position: now, taken };
}

describe('a reader of a log', () => {
  it('reads every line once, however often the connection is lost, and with servers that know whole seconds only', () => {
    fc.assert(
      fc.property(
        anyLog,
        fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
        fc.boolean(),
        (log, losses, wholeSeconds) => {
          let position = LOG_START;
          const taken: string[] = [];
          for (const end of [...losses.sort((a, b) => a - b), log.length]) {
            const from = wholeSeconds ? position.at.slice(0, 19) : position.at;
            const again = log.slice(0, end).filter(({ time }) => position.at === '' || time >= from);
            const step = read(resumeLog(position), again);
            position = step.position;
            taken.push(...step.taken);
          }
          expect(taken).toEqual(log.map(({ text }) => text));
        },
      ),
    );
  });

  it('takes lines whose times go back when nothing was lost', () => {
    const lines = ['2026-11-24T10:00:05Z', '2026-11-24T10:00:01Z'].map((time, n) => ({ time, text: `line ${n}` }));
    expect(read(LOG_START, lines).taken).toEqual(['line 0', 'line 1']);
  });
});

describe('times of lines', () => {
  it('are compared to the nanosecond, whatever their zone and number of digits', () => {
    expect(compareLogTimes('2026-11-24T10:00:00.12Z', '2026-11-24T10:00:00.120000000Z')).toBe(0);
    expect(compareLogTimes('2026-11-24T10:00:00.123Z', '2026-11-24T10:00:00.12Z')).toBeGreaterThan(0);
    expect(compareLogTimes('2026-11-24T11:00:00.5+01:00', '2026-11-24T10:00:00.6Z')).toBeLessThan(0);
  });

  it('are split from the text, which may be anything', () => {
    expect(splitLogLine('2026-11-24T10:00:00.12Z hello  there\n')).toEqual({
      time: '2026-11-24T10:00:00.12Z',
      text: 'hello  there\n',
    });
    expect(splitLogLine('2026-11-24T10:00:00+01:00 \n')?.text).toBe('\n');
    expect(splitLogLine('no time at all\n')).toBeUndefined();
  });
});
