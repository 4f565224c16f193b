import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeOf, placeText } from './stream-place.js';

const kind = fc.stringMatching(/^[a-z]{1,9}(\.[a-z]{1,5}){0,2}$/);

describe('the place of a reader', () => {
  it('comes back from its text', () => {
    const versions = fc.bigInt({ min: 1n, max: 9_007_199_254_740_991n }).map(String);
    const places = fc.uniqueArray(fc.tuple(kind, versions), { selector: ([name]) => name });
    fc.assert(
      fc.property(places, (entries) => {
        const place = new Map(entries);
        expect(placeOf(placeText(place), [...place.keys()], 'id')).toEqual(place);
      }),
    );
  });

  it('is of the kinds that are asked for only', () => {
    expect(placeOf('jobs=10000,pods=5,nodes=0', ['jobs', 'nodes'], 'id')).toEqual(new Map([['jobs', '10000']]));
  });

  it('is one version for all, or none', () => {
    expect(placeOf('70000', ['jobs', 'clusters'], 'id')).toEqual(
      new Map([
        ['jobs', '70000'],
        ['clusters', '70000'],
      ]),
    );
    for (const text of [undefined, '', '0']) expect(placeOf(text, ['jobs'], 'id').size).toBe(0);
  });

  it.each(['x', 'jobs=', 'jobs=-1', '=', 'jobs=1,', 'jobs=1;pods=2', '99999999999999999999'])('refuses %s', (text) => {
    expect(() => placeOf(text, ['jobs'], 'Last-Event-ID')).toThrow(/^Last-Event-ID: invalid value .*give the id/);
  });
});
