import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storedObject } from './histories.testing.js';
import { ObjectTable } from './object-table.js';
import { initialObjects } from './objects-state.js';
import { createdRecord } from './records.js';

const caches = initialObjects();
const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const namespaces = fc.constantFrom('x', 'y', 'z');
const steps = fc.array(fc.tuple(fc.boolean(), namespaces, names, fc.boolean()));

describe('the table of objects', () => {
  it('lists in order from any key, whatever was put and removed and read in between', () => {
    fc.assert(
      fc.property(steps, namespaces, names, (changes, afterNamespace, afterName) => {
        const table = new ObjectTable();
        const model = new Set<string>();
        for (const [put, namespace, name, read] of changes) {
          if (put)
            table.put(
              createdRecord(storedObject('ConfigMap', namespace, name, 'u'), 1, { at: 1, actor: 'user' }, caches),
            );
          else table.remove('ConfigMap', namespace, name);
          if (put) model.add(`${namespace}/${name}`);
          else model.delete(`${namespace}/${name}`);
          if (read) [...table.ordered('ConfigMap')].forEach(() => undefined);
        }
        const after = { namespace: afterNamespace, name: afterName };
        const listed = [...table.ordered('ConfigMap', undefined, after)].map(
          (each) => `${each.namespace}/${each.name}`,
        );
        const expected = [...model].sort().filter((key) => key > `${afterNamespace}/${afterName}`);
        expect(listed).toEqual(expected);
        expect(table.count('ConfigMap', undefined, after)).toBe(expected.length);
        expect(table.count('ConfigMap')).toBe(model.size);
        expect([...table.ordered('ConfigMap', 'y')]).toHaveLength(table.count('ConfigMap', 'y'));
      }),
    );
  });
});
