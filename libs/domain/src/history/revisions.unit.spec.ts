import { describe, expect, it } from '@jest/globals';
import type { Entry, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { type RevisionState, REVISIONS_KEPT, evolveRevisions, initialRevisions } from './revisions.js';

const SUBJECT = { kind: 'Deployment', namespace: 'default', name: 'web' };

const web = (image: string, generation: number, uid = 'u1', more: object = {}): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid,
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation,
    ...more,
  },
  spec: { replicas: generation, template: { spec: { containers: [{ name: 'main', image }] } } },
});

function revisionsOf(images: readonly string[]): RevisionState<{ actor: string }> {
  const state = initialRevisions<{ actor: string }>();
  images.forEach((image, index) => {
    const object = web(image, index + 1);
    const entry = { type: index === 0 ? 'ObjectCreated' : 'ObjectUpdated', data: { object, expect: 0 } } as Entry;
    evolveRevisions(state, SUBJECT, entry, { actor: `user-${index}` });
  });
  return state;
}

const short = ({ revisions }: RevisionState<object>): unknown[] =>
  revisions.map(({ revision, generation, images }) => [revision, generation, ...images]);

describe('revisions of a workload', () => {
  it('count templates, not edits', () => {
    expect(short(revisionsOf(['a', 'a', 'b', 'b', 'c']))).toEqual([
      [1, 1, 'a'],
      [2, 3, 'b'],
      [3, 5, 'c'],
    ]);
  });

  it('give a template that comes back the newest number', () => {
    expect(short(revisionsOf(['a', 'b', 'a']))).toEqual([
      [2, 2, 'b'],
      [3, 3, 'a'],
    ]);
  });

  it('say who wrote it and why, and begin anew with another object of the same name', () => {
    const state = revisionsOf(['a', 'b']);
    const annotations = { 'kubernetes.io/change-cause': 'new logo' };
    const entry = { type: 'ObjectCreated', data: { object: web('z', 1, 'u2', { annotations }) } } as Entry;
    evolveRevisions(state, SUBJECT, entry, { actor: 'ann' });
    expect(state.revisions).toMatchObject([{ revision: 1, changeCause: 'new logo', actor: 'ann', images: ['z'] }]);
  });

  it('are those of the object that is asked for', () => {
    const state = revisionsOf(['a']);
    const other = { ...SUBJECT, name: 'api' };
    evolveRevisions(state, other, { type: 'ObjectUpdated', data: { object: web('b', 2), expect: 1 } } as Entry, {
      actor: 'x',
    });
    expect(state.revisions).toHaveLength(1);
  });

  it('end with what it has, each template once, numbers rising, not more than are kept', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 150 }).map(String), { minLength: 1, maxLength: 300 }),
        (images) => {
          const { revisions } = revisionsOf(images);
          expect(revisions.at(-1)?.images).toEqual([images.at(-1)]);
          expect(new Set(revisions.map(({ images: [image] }) => image)).size).toBe(revisions.length);
          expect(revisions.length).toBeLessThanOrEqual(REVISIONS_KEPT);
          const numbers = revisions.map(({ revision }) => revision);
          expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        },
      ),
      { numRuns: 50 },
    );
  });
});
