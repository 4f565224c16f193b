import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRecord, type KubeObject } from '@skyflow/contracts';
import { StatusError } from '../../api/status-error.js';
import { anyWorkload, spec as anySpec } from '../../schema/workload-schema.spec.js';
import { apply, fieldsOf, NOW, update } from './ownership-calls.spec.js';

/** Items of keyed lists by name, so that their order does not count. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value) && value.every(isRecord)) {
    return Object.fromEntries(
      value.map((item) => [JSON.stringify([item.name, item.port, item.protocol, item.manager]), unordered(item)]),
    );
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, unordered(field)]));
}

describe('laws of server-side apply', () => {
  it('applying again changes nothing', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (before, spec) => {
        const once = apply(apply(undefined, before, 'other'), spec, 'm', { force: true });
        expect(apply(once, spec, 'm', { nowMs: NOW + 1e6 })).toEqual(once);
      }),
    );
  });

  it('what was applied is there', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (before, spec) => {
        const result = apply(apply(undefined, before, 'other'), spec, 'm', { force: true });
        expect(apply(result, spec, 'm').spec).toEqual(result.spec);
        const merged = unordered(result.spec) as Record<string, unknown>;
        expect(merged).toMatchObject(unordered(withoutEmptyLists(spec)) as object);
      }),
    );
  });

  it('two managers of the same fields or of different ones commute where they do not conflict', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (a, b) => {
        let result: KubeObject | undefined;
        try {
          result = apply(apply(undefined, a, 'a'), b, 'b');
        } catch (error) {
          expect((error as StatusError).code).toBe(409);
          expect(() => apply(apply(undefined, b, 'b'), a, 'a')).toThrow(StatusError);
          return;
        }
        const other = apply(apply(undefined, b, 'b'), a, 'a');
        expect(unordered(other.spec)).toEqual(unordered(result.spec));
        expect(fieldsOf(other, 'a')).toEqual(fieldsOf(result, 'a'));
        expect(fieldsOf(other, 'b')).toEqual(fieldsOf(result, 'b'));
      }),
    );
  });

  it('a manager that applies and withdraws leaves what was there', () => {
    fc.assert(
      fc.property(anySpec, anySpec, (a, b) => {
        const before = apply(undefined, a, 'a');
        let both: KubeObject;
        try {
          both = apply(before, b, 'b');
        } catch {
          return;
        }
        const after = apply(both, {}, 'b');
        // An empty list is nobody's (as upstream), so it stays.
        expect(unordered(withoutEmptyLists(after.spec))).toEqual(unordered(withoutEmptyLists(before.spec)));
        expect(fieldsOf(after, 'a')).toEqual(fieldsOf(before, 'a'));
      }),
    );
  });

  it('an update after any apply keeps every owned field in the object', () => {
    fc.assert(
      fc.property(anyWorkload, anyWorkload, (a, b) => {
        const applied = apply(undefined, a.spec, 'a');
        const updated = update(applied, { ...b, metadata: { ...b.metadata } }, 'u');
        for (const { fieldsV1 } of updated.metadata.managedFields ?? []) expectPresent(fieldsV1, updated);
      }),
    );
  });
});

function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => !(Array.isArray(field) && field.length === 0))
      .map(([key, field]) => [key, withoutEmptyLists(field)]),
  );
}

function expectPresent(fields: Record<string, unknown>, value: unknown): void {
  for (const [element, below] of Object.entries(fields)) {
    if (element === '.') continue;
    let child: unknown;
    if (element.startsWith('f:')) child = isRecord(value) ? value[element.slice(2)] : undefined;
    else if (element.startsWith('v:'))
      child = (value as unknown[]).find((item) => JSON.stringify(item) === element.slice(2));
    else {
      const keys = Object.entries(JSON.parse(element.slice(2)) as object);
      child = (value as Record<string, unknown>[]).find((item) =>
        keys.every(([key, wanted]) => (item[key] ?? 'TCP') === wanted),
      );
    }
    expect(child).toBeDefined();
    expectPresent(below as Record<string, unknown>, child);
  }
}
