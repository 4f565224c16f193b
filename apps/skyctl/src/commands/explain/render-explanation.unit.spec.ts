import { describe, expect, it } from '@jest/globals';
import { Terminal } from '../../output/terminal.js';
import { renderExplanation } from './render-explanation.js';

const pipe = new Terminal({ write: () => true }, { write: () => true }, {});
const scores = { Balance: 31.5, Spread: -50 };

describe('an explanation', () => {
  it('says of what time the parts of a score are, where the score is of the decision', () => {
    const told = (score: number): string =>
      renderExplanation(
        {
          placements: [{ cluster: 'a', replicas: 1 }],
          verdicts: [{ cluster: 'a', score, fits: 3 }],
          now: { position: 1, clusters: [{ cluster: 'a', score: 31.5, fits: 2, replicas: 1, scores }] },
        },
        pipe,
      );
    expect(told(71.5)).toMatch(/71\.5 +one more now: Balance 31\.5, Spread -50/);
    expect(told(31.5)).toMatch(/31\.5 +Balance 31\.5, Spread -50/);
  });

  it('says what would refuse one more where replicas are already, not that they were refused', () => {
    const told = (replicas: number): string =>
      renderExplanation(
        {
          placements: replicas === 0 ? [] : [{ cluster: 'a', replicas }],
          verdicts: [{ cluster: 'a', plugin: 'NodeFit', message: '830m free' }],
        },
        pipe,
      );
    expect(told(1)).toMatch(/^a +taken +1 +- +- +one more now: NodeFit: 830m free$/m);
    expect(told(0)).toMatch(/^a +refused +0 +- +- +NodeFit: 830m free$/m);
  });

  const waiting = (more: object): string =>
    renderExplanation(
      {
        unplaced: 1,
        now: {
          position: 1,
          clusters: [],
          waiting: { place: 1, of: 1, aheadAlike: 0, waitedMs: 1_000, ...more },
        },
      },
      pipe,
    );
  const estimate = (ms: number): object => ({ estimate: { ms, from: { waits: 1, of: 'same' } } });

  it('promises no longer wait than the waiting policy has, where there is room at a price', () => {
    const policy = { payFromMs: 600_000, waitingPolicy: 'Constant', longestMs: 600_000 };
    for (const longer of [{}, estimate(700_000), estimate(500)])
      expect(waiting({ ...policy, ...longer })).toMatch(/wait: 10m in all at most, as there is room now on .* price/);
    expect(waiting({ ...policy, ...estimate(2_000) })).toContain('estimated wait: about 2s in all');
  });

  it('does not promise a wait that is over already', () => {
    const told = (waitedMs: number): string => waiting({ waitedMs, ...estimate(2_000) });
    expect(told(1_000)).toContain('estimated wait: about 2s in all, from 1 that waited for the same');
    expect(told(9_000)).toContain('others waited about 2s, which it has done already');
  });
});
