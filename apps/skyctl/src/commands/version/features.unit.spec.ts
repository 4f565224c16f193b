import { describe, expect, it } from '@jest/globals';
import { featureLines } from './features.js';

describe('the feature level, as skyctl version shows it', () => {
  it('is a line when everything is on', () => {
    expect(featureLines({ inForce: 2, reads: 2, heldBackBy: [], off: [] })).toEqual(['Features: level 2, all are on']);
  });

  it('says what is off and who holds it back, some of many', () => {
    const heldBackBy = Array.from({ length: 10 }, (_, index) => ({
      ...{ who: `agent of c${index}`, version: '0.1.0', level: 1, why: 'reads level 1: replace it' },
    }));
    expect(featureLines({ inForce: 1, reads: 2, heldBackBy, off: ['LinkPlanes'] })).toEqual([
      'Features: level 1 is in force, the gateway reads level 2',
      '  off: LinkPlanes',
      '  held back by:',
      ...heldBackBy.slice(0, 8).map(({ who }) => `    ${who} (0.1.0) reads level 1: replace it`),
      '    and 2 more',
    ]);
    const waiting = { inForce: 1, reads: 2, heldBackBy: [{ who: 'time', why: 'in force in 12 s' }], off: ['A'] };
    expect(featureLines(waiting).at(-1)).toBe('    in force in 12 s');
  });
});
