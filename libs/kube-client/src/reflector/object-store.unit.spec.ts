import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '../client/kube-object.js';
import { Backoff } from './backoff.js';
import { ObjectStore } from './object-store.js';

const anyObject = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    version: fc.integer({ min: 1, max: 9 }),
    node: fc.constantFrom('x', 'y'),
  })
  .map(({ name, version, node }): KubeObject & { node: string } => ({
    metadata: { name, uid: name, resourceVersion: `${version}${node}` },
    node,
  }));
const anyList = fc.uniqueArray(anyObject, { selector: (object) => object.metadata.name });

describe('the object store', () => {
  it('holds exactly the last list, in its indexes too, and its changes lead there', () => {
    fc.assert(
      fc.property(fc.array(anyList), (lists) => {
        const store = new ObjectStore<KubeObject & { node: string }>({ node: (object) => [object.node] });
        const mirror = new Map<string, KubeObject>();
        for (const list of lists) {
          for (const change of store.replace(list)) {
            if (change.type === 'deleted') mirror.delete(change.key);
            else mirror.set(change.key, change.object);
          }
          const byName = (a: KubeObject, b: KubeObject) => a.metadata.name.localeCompare(b.metadata.name);
          const expected = [...list].sort(byName);
          expect([...store.values()].sort(byName)).toEqual(expected);
          expect([...mirror.values()].sort(byName)).toEqual(expected);
          for (const node of ['x', 'y']) {
            expect([...store.by('node', node)].sort(byName)).toEqual(expected.filter((object) => object.node === node));
          }
        }
      }),
    );
  });
});

describe('the back-off', () => {
  it('stays between base and cap, whatever the dice say', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true })), (dice) => {
        const rolls = [...dice];
        const backoff = new Backoff({ baseMs: 100, capMs: 5_000, random: () => rolls.shift() ?? 0 });
        for (const _ of dice) {
          const pause = backoff.nextMs();
          expect(pause).toBeGreaterThanOrEqual(100);
          expect(pause).toBeLessThanOrEqual(5_000);
        }
      }),
    );
  });
});
