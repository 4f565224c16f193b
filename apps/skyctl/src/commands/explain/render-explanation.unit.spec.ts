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

  it('does not promise a wait that is over already', () => {
    const told = (waitedMs: number): string =>
      renderExplanation(
        {
          unplaced: 1,
          now: {
            position: 1,
            clusters: [],
            waiting: {
              place: 1,
              of: 1,
              aheadAlike: 0,
              waitedMs,
              estimate: { ms: 2_000, from: { waits: 1, of: 'same' } },
            },
          },
        },
        pipe,
      );
    expect(told(1_000)).toContain('estimated wait: about 2s in all, from 1 that waited for the same');
    expect(told(9_000)).toContain('others waited about 2s, which it has done already');
  });
});
