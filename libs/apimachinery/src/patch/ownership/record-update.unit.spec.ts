import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cloneJson, deepFreeze, type KubeObject, type ManagedFieldsEntry } from '@skyflow/contracts';
import { anyWorkload, set, workload } from '../../schema/workload-schema.spec.js';
import { FieldSet } from './field-set.js';
import { decodeFields, encodeFields } from './fields-v1.js';
import { formatElements } from './path-element.js';
import { recordUpdate, type UpdateRecord } from './record-update.js';

const object = (spec: object, managedFields?: ManagedFieldsEntry[]): KubeObject => ({
  apiVersion: 'test/v1',
  kind: 'Workload',
  metadata: { name: 'w', uid: 'u', resourceVersion: '1', ...(managedFields === undefined ? {} : { managedFields }) },
  spec,
});

function record(
  old: KubeObject | undefined,
  updated: KubeObject,
  options: Partial<UpdateRecord> = {},
): ManagedFieldsEntry[] {
  return recordUpdate({
    ...(old === undefined ? {} : { old: deepFreeze(cloneJson(old)) }),
    updated: deepFreeze(cloneJson(updated)),
    manager: 'm',
    apiVersion: 'test/v1',
    schema: workload,
    set,
    nowMs: Date.UTC(2026, 0, 1),
    ...options,
  });
}

describe('the record of an update', () => {
  it('of a create owns all that was written, and nothing that the server sets', () => {
    expect(record(undefined, object({ replicas: 1, containers: [{ name: 'a' }] }))).toEqual([
      {
        manager: 'm',
        operation: 'Update',
        apiVersion: 'test/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } } },
      },
    ]);
  });

  it('adds what changed to what the manager had', () => {
    const old = object({ replicas: 1, paused: true });
    old.metadata.managedFields = record(undefined, old);
    const [entry] = record(old, object({ replicas: 2, policy: 'Never' }));
    expect(entry?.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {}, 'f:policy': {} } });
  });

  it('takes what changed from others and leaves them the rest', () => {
    const old = object({ replicas: 1, paused: true });
    old.metadata.managedFields = record(undefined, old, { manager: 'first' });
    const entries = record(old, object({ replicas: 2, paused: true }));
    expect(entries.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['first', { 'f:spec': { 'f:paused': {} } }],
      ['m', { 'f:spec': { 'f:replicas': {} } }],
    ]);
  });

  it('drops a manager that owns nothing any more', () => {
    const old = object({ replicas: 1 });
    old.metadata.managedFields = record(undefined, old, { manager: 'first' });
    expect(record(old, object({ replicas: 2 })).map(({ manager }) => manager)).toEqual(['m']);
    expect(record(old, object({}))).toEqual([]);
  });

  it('of no change is as it was', () => {
    const old = object({ replicas: 1 });
    const before = record(undefined, old, { manager: 'first' });
    expect(record(old, object({ replicas: 1 }), { managedFields: before, nowMs: 9e11 })).toEqual(before);
  });

  it('keeps the entries of subresources apart', () => {
    const old = object({ replicas: 1 });
    const entries = record(old, { ...old, status: { ready: 1 } }, { subresource: 'status' });
    expect(entries).toMatchObject([{ subresource: 'status', fieldsV1: { 'f:status': { 'f:ready': {} } } }]);
  });

  it('passes over what the endpoint does not write', () => {
    const old = object({ replicas: 1 });
    expect(record(old, { ...old, status: { ready: 1 } }, { ignoredFields: ['status'] })).toEqual([]);
  });

  it('keeps a bounded number of updaters: the oldest become one', () => {
    let live = object({});
    for (let i = 0; i < 15; i++) {
      const next = object({
        ...(live.spec as object),
        selector: { [`k${i}`]: 'v' },
        free: { ...(live.spec as { free?: object }).free, [`f${i}`]: i },
      });
      next.metadata.managedFields = record(live, next, { manager: `m${i}`, nowMs: Date.UTC(2026, 0, 1, 0, i) });
      live = next;
    }
    const managers = live.metadata.managedFields?.map(({ manager }) => manager) ?? [];
    expect(managers).toHaveLength(10);
    expect(managers).toContain('ancient-changes');
    expect(managers.at(-1)).toBe('m14');
    const ancient = live.metadata.managedFields?.find(({ manager }) => manager === 'ancient-changes');
    expect(ancient?.fieldsV1).toMatchObject({ 'f:spec': { 'f:free': { 'f:f0': {}, 'f:f5': {} } } });
  });

  it('never conflicts and never throws', () => {
    fc.assert(
      fc.property(anyWorkload, anyWorkload, (a, b) => {
        const old = a as unknown as KubeObject;
        const managedFields = record(undefined, old, { manager: 'first' });
        const entries = record({ ...old, metadata: { ...old.metadata, managedFields } }, b);
        for (const entry of entries) expect(entry.operation).toBe('Update');
      }),
    );
  });
});

describe('field sets', () => {
  const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:"y"');
  const sets = fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 6 }).map((paths) => {
    const fields = new FieldSet();
    for (const path of paths) fields.insert(path);
    return fields;
  });
  const keys = (fields: FieldSet): string[] => [...fields.paths()].map((path) => path.join('/'));

  it('are the same after encoding and decoding', () => {
    fc.assert(fc.property(sets, (fields) => expect(decodeFields(encodeFields(fields)).equals(fields)).toBe(true)));
  });

  it('obey the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [inA, inB] = [keys(a), keys(b)];
        expect(keys(a.union(b)).sort()).toEqual([...new Set([...inA, ...inB])].sort());
        expect(keys(a.intersection(b))).toEqual(inA.filter((key) => inB.includes(key)));
        expect(keys(a.difference(b))).toEqual(inA.filter((key) => !inB.includes(key)));
        expect(a.difference(a).isEmpty).toBe(true);
        expect(a.difference(b).union(a.intersection(b)).equals(a)).toBe(true);
      }),
    );
  });

  it('without others and what is below them have none of those', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const gone = keys(b);
        for (const path of keys(a.recursiveDifference(b))) {
          expect(gone.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))).toBe(false);
        }
      }),
    );
  });

  it.each([
    [['f:spec', 'k:{"name":"a","port":80}', 'f:x'], '.spec[name="a",port=80].x'],
    [['f:spec', 'v:"a"'], '.spec[="a"]'],
    [['f:spec', 'i:0'], '.spec[0]'],
    [['k:{broken'], '[{broken]'],
  ])('show the path %j as %s', (path, text) => {
    expect(formatElements(path)).toBe(text);
  });

  it('decode any JSON without throwing', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(decodeFields(value)).toBeInstanceOf(FieldSet)));
  });
});
