import { describe, expect, it } from '@jest/globals';
import { pictureOf, winnersText } from './placement-picture.js';

const refused = { cluster: 'c', plugin: 'NodeFit', reason: 'INSUFFICIENT_RESOURCES', message: 'needs 3000m cpu' };

describe('a placement as a picture', () => {
  const decided = {
    placements: [{ cluster: 'a', replicas: 2 }],
    verdicts: [refused, { cluster: 'b', score: 10, fits: 4 }, { cluster: 'a', score: 46.5, fits: 2 }],
  };

  it('marks the first rule that refuses, and says nothing of the rules after it', () => {
    const { rules, rows } = pictureOf(decided);
    expect(rows.map(({ cluster, outcome }) => [cluster, outcome])).toEqual([
      ['a', 'taken'],
      ['b', 'possible'],
      ['c', 'refused'],
    ]);
    const cells = rows[2]?.cells ?? [];
    const at = rules.indexOf('NodeFit');
    expect(cells.slice(0, at).every((cell) => cell === 'passed')).toBe(true);
    expect(cells[at]).toBe('refused');
    expect(cells.slice(at + 1).every((cell) => cell === 'unasked')).toBe(true);
    expect(rows[0]?.cells.every((cell) => cell === 'passed')).toBe(true);
    expect(winnersText(pictureOf(decided))).toBe(
      'a (2): passed every rule with the score 46.5. 1 refused, 1 not needed.',
    );
  });

  it('is of now while replicas wait, with what would admit them', () => {
    const now = { position: 1, clusters: [{ ...refused, replicas: 0, change: ['needs 2 CPU less'] }] };
    const picture = pictureOf({ placements: [], unplaced: 2, verdicts: [], now });
    expect(picture.rows).toMatchObject([{ cluster: 'c', change: 'needs 2 CPU less', why: 'needs 3000m cpu' }]);
    expect(winnersText(picture)).toBe('No cluster has a replica of it.');
  });

  it('is of when it was decided once all have a place, whatever their own replicas do to the room now', () => {
    const now = { position: 1, clusters: [{ ...refused, cluster: 'a', replicas: 2, scores: { Balance: 40 } }] };
    const picture = pictureOf({ ...decided, unplaced: 0, now });
    expect(picture.rows).toMatchObject([{ cluster: 'a', outcome: 'taken', fits: 2, total: 46.5, scores: [40] }]);
  });

  it('shows rules that it does not know, too', () => {
    const { rules, rows } = pictureOf({ verdicts: [{ ...refused, plugin: 'NewRule' }] });
    expect(rows[0]?.cells[rules.indexOf('NewRule')]).toBe('refused');
  });
});
