import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze } from '@skyflow/contracts';
import { StatusError } from '../api/status-error.js';
import { anyWorkload, set, spec, workload } from '../schema/workload-schema.spec.js';
import { strategicMergePatch } from './strategic-merge-patch.js';

const patchSpec = (current: unknown, patch: unknown): unknown =>
  (strategicMergePatch(deepFreeze({ spec: current }), deepFreeze({ spec: patch }), workload, set) as { spec: unknown })
    .spec;

const patchMeta = (current: unknown, patch: unknown): unknown =>
  (strategicMergePatch({ metadata: current }, { metadata: patch }, workload, set) as { metadata: unknown }).metadata;

const a = { name: 'a', image: 'x' };
const b = { name: 'b', image: 'y' };

const tcp = { port: 53, protocol: 'TCP' };
const udp = { port: 53, protocol: 'UDP' };
const ports = (...list: unknown[]): unknown => ({ containers: [{ name: 'a', ports: list }] });

describe('a strategic merge patch of a list with several keys', () => {
  it.each([
    ['changes the one item with the merge key, as upstream', [tcp], [{ port: 53, protocol: 'UDP' }], [udp]],
    ['tells two of the patch apart', [tcp], [tcp, udp], [tcp, udp]],
    ['tells two of the list apart', [tcp, udp], [{ ...udp, name: 'dns' }], [tcp, { ...udp, name: 'dns' }]],
    [
      'takes the default of a key that is absent',
      [tcp, udp],
      [{ port: 53, name: 'dns' }],
      [{ ...tcp, name: 'dns' }, udp],
    ],
    ['deletes all with the merge key', [tcp, udp, { port: 80 }], [{ port: 53, $patch: 'delete' }], [{ port: 80 }]],
  ])('%s', (_, current, patch, expected) => {
    expect(patchSpec(ports(...current), ports(...patch))).toEqual(ports(...expected));
  });
});

describe('a strategic merge patch', () => {
  it.each([
    ['sets and removes fields', { replicas: 1, paused: true }, { replicas: 2, paused: null }, { replicas: 2 }],
    [
      'merges items by key, patched ones in the order of the patch',
      { containers: [a, b] },
      { containers: [{ name: 'b', image: 'z' }] },
      { containers: [a, { name: 'b', image: 'z' }] },
    ],
    ['puts new items before the others', { containers: [a] }, { containers: [b] }, { containers: [b, a] }],
    ['deletes an item', { containers: [a, b] }, { containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [b] }],
    [
      'deletes what is not there without harm',
      { containers: [a] },
      { containers: [{ name: 'c', $patch: 'delete' }] },
      { containers: [a] },
    ],
    [
      'replaces a list',
      { containers: [a, b] },
      { containers: [{ $patch: 'replace' }, { name: 'c' }] },
      { containers: [{ name: 'c' }] },
    ],
    ['empties a list', { containers: [a, b] }, { containers: [{ $patch: 'replace' }] }, { containers: [] }],
    [
      'orders a list',
      { containers: [a, b] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
      { containers: [b, a] },
    ],
    [
      'orders a list and adds to it; the server\u2019s own items keep their neighbours',
      { containers: [{ name: 's' }, a, b] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }], containers: [{ name: 'c' }] },
      { containers: [{ name: 's' }, b, { name: 'c' }, a] },
    ],
    ['replaces lists that are not merged', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    [
      'merges maps that ownership takes as one',
      { selector: { a: '1', b: '2' } },
      { selector: { a: null, c: '3' } },
      { selector: { b: '2', c: '3' } },
    ],
    [
      'replaces an object',
      { strategy: { type: 'x', rolling: { surge: 1 } } },
      { strategy: { $patch: 'replace', type: 'y' } },
      { strategy: { type: 'y' } },
    ],
    ['empties an object', { strategy: { type: 'x' } }, { strategy: { $patch: 'delete' } }, { strategy: {} }],
    [
      'retains only some keys',
      { strategy: { type: 'x', rolling: { surge: 1 } } },
      { strategy: { $retainKeys: ['type'], type: 'y' } },
      { strategy: { type: 'y' } },
    ],
    [
      'leaves no directive in what it makes',
      {},
      { containers: [{ name: 'a', env: [{ name: 'e', $patch: 'delete' }, { name: 'f' }] }] },
      { containers: [{ name: 'a', env: [{ name: 'f' }] }] },
    ],
    [
      'keeps what it cannot know, as it is given',
      { free: { a: { b: 1 } } },
      { free: { a: { c: 2 }, l: [1] } },
      { free: { a: { b: 1, c: 2 }, l: [1] } },
    ],
  ])('%s', (_, current, patch, expected) => {
    expect(patchSpec(current, patch)).toEqual(expected);
  });

  it.each([
    [
      'merges lists of plain values',
      { finalizers: ['a', 'b'] },
      { finalizers: ['c', 'a'] },
      { finalizers: ['c', 'a', 'b'] },
    ],
    [
      'deletes from them',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a', 'x'] },
      { finalizers: ['b'] },
    ],
    [
      'orders them',
      { finalizers: ['a', 'b', 'c'] },
      { '$setElementOrder/finalizers': ['c', 'a'], '$deleteFromPrimitiveList/finalizers': ['b'] },
      { finalizers: ['c', 'a'] },
    ],
  ])('%s', (_, current, patch, expected) => {
    expect(patchMeta(current, patch)).toEqual(expected);
  });

  it.each([
    [
      { containers: [{ image: 'x' }] },
      /spec\.containers\[0\] has no "name"; the items of spec\.containers are merged by it/,
    ],
    [{ containers: ['x'] }, /spec\.containers\[0\] is "x"; items of this list must be objects with "name"/],
    [
      { strategy: { $patch: 'merge-all' } },
      /spec\.strategy\.\$patch is "merge-all"; it must be "replace", "delete" or "merge"/,
    ],
    [{ containers: [{ name: 'a', $patch: 'remove' }] }, /spec\.containers\[0\]\.\$patch is "remove"/],
    [{ $put: 1 }, /spec\.\$put is not a directive of strategic merge patch/],
    [{ $retainKeys: 'type' }, /spec\.\$retainKeys is "type"; it must be a list/],
    [{ '$deleteFromPrimitiveList/args': ['a'] }, /the list is replaced as a whole/],
  ])('%j is refused with the path', (patch, message) => {
    const attempt = (): unknown => patchSpec({ args: ['a'], strategy: {} }, patch);
    expect(attempt).toThrow(StatusError);
    expect(attempt).toThrow(message);
  });

  it('must be an object', () => {
    expect(() => strategicMergePatch({}, [], workload, set)).toThrow('must be an object');
  });

  it('applied twice is as once', () => {
    fc.assert(
      fc.property(anyWorkload, spec, (current, patch) => {
        const once = strategicMergePatch(deepFreeze(current), deepFreeze({ spec: patch }), workload, set);
        expect(strategicMergePatch(once, { spec: patch }, workload, set)).toEqual(once);
      }),
    );
  });

  it('of an object with itself changes nothing', () => {
    fc.assert(
      fc.property(anyWorkload, (object) => {
        expect(strategicMergePatch(object, object, workload, set)).toEqual(object);
      }),
    );
  });

  it('sets every plain field and every item that it names', () => {
    fc.assert(
      fc.property(anyWorkload, spec, (current, patch) => {
        const { spec: result } = strategicMergePatch(current, { spec: patch }, workload, set) as { spec: typeof patch };
        if (patch.replicas !== undefined) expect(result.replicas).toBe(patch.replicas);
        if (patch.args !== undefined) expect(result.args).toEqual(patch.args);
        for (const item of patch.containers ?? []) {
          const found = result.containers?.filter(({ name }) => name === item.name) ?? [];
          expect(found).toHaveLength(1);
          if (item.image !== undefined) expect(found[0]?.image).toBe(item.image);
        }
      }),
    );
  });
});
