import { describe, expect, it } from '@jest/globals';
import { renderTimeline } from './timeline.js';

const item = (what: string, actor: string, correlationId: string, cause?: string) => ({
  time: '2026-05-17T12:00:00.250Z',
  position: 120_000,
  actor,
  what,
  detail: `${what} it`,
  correlationId,
  ...(cause === undefined ? {} : { cause }),
});
const items = [
  item('Created', 'jo', 'a'),
  item('Placed', 'system:scheduler', 'a', 'e/0'),
  item('Changed', 'admin', 'b'),
  item('Placed', 'system:scheduler', 'c', 'f/1'),
];
const lines = (wide: boolean): string[] =>
  renderTimeline(items, wide)
    .split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, ' | '));

describe('a timeline', () => {
  it('says when, who, what, and from whose request it followed', () => {
    expect(lines(false)).toEqual([
      'Time | Actor | What | Cause | Detail',
      '2026-05-17 12:00:00Z | jo | Created | - | Created it',
      '2026-05-17 12:00:00Z | system:scheduler | Placed | Created by jo | Placed it',
      '2026-05-17 12:00:00Z | admin | Changed | - | Changed it',
      '2026-05-17 12:00:00Z | system:scheduler | Placed | something else | Placed it',
    ]);
  });

  it('names entries of the log where more is asked for', () => {
    expect(lines(true)[0]).toMatch(/Position \| Cause in the log$/);
    expect(
      lines(true)
        .slice(1, 3)
        .map((line) => line.split(' | ').slice(-2)),
    ).toEqual([
      ['120000', 'a'],
      ['120000', 'e/0'],
    ]);
  });
});
