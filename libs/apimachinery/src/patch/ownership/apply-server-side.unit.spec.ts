import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze, isRecord } from '../../api/json-values.js';
import type { KubeObject, ManagedFieldsEntry } from '../../api/objects.js';
import { StatusError } from '../../api/status-error.js';
import { anyWorkload, set, spec as anySpec, workload } from '../../schema/workload-schema.spec.js';
import { applyServerSide, type ApplyRequest } from './apply-server-side.js';
import { recordUpdate } from './record-update.js';

const NOW = Date.UTC(2026, 0, 1);

const object = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'test/v1',
  kind: 'Workload',
  metadata: { name: 'w', ...metadata },
  spec,
});

function apply(
  live: KubeObject | undefined,
  spec: object,
  manager: string,
  options: Partial<ApplyRequest> = {},
): KubeObject {
  return applyServerSide({
    ...(live === undefined ? {} : { live: deepFreeze(live) }),
    applied: deepFreeze(object(spec)),
    manager,
    force: false,
    apiVersion: 'test/v1',
    schema: workload,
    set,
    nowMs: NOW,
    ...options,
  }).object;
}

function update(old: KubeObject | undefined, updated: KubeObject, manager: string): KubeObject {
  const managedFields = recordUpdate({
    ...(old === undefined ? {} : { old: deepFreeze(old) }),
    updated,
    manager,
    apiVersion: 'test/v1',
    schema: workload,
    set,
    nowMs: NOW,
  });
  return { ...updated, metadata: { ...updated.metadata, managedFields } };
}

const fieldsOf = (live: KubeObject, manager: string): ManagedFieldsEntry['fieldsV1'] | undefined =>
  live.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;

function conflictOf(attempt: () => unknown): StatusError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('there was no conflict');
}

describe('server-side apply', () => {
  it('creates, and notes what the manager owns in FieldsV1', () => {
    const live = apply(
      undefined,
      {
        replicas: 2,
        selector: { a: 'b' },
        strategy: {},
        args: ['x'],
        containers: [{ name: 'a', image: 'x', ports: [{ port: 80 }] }],
      },
      'kubectl',
    );
    expect(live.metadata.managedFields).toEqual([
      {
        manager: 'kubectl',
        operation: 'Apply',
        apiVersion: 'test/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:args': {},
            'f:containers': {
              'k:{"name":"a"}': {
                '.': {},
                'f:image': {},
                'f:name': {},
                'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
              },
            },
            'f:replicas': {},
            'f:selector': {},
            'f:strategy': {},
          },
        },
      },
    ]);
  });

  it('owns labels one by one and finalizers by value', () => {
    const applied = object({}, { labels: { a: '1' }, finalizers: ['x'] });
    expect(fieldsOf(apply(undefined, {}, 'm', { applied }), 'm')).toEqual({
      'f:metadata': { 'f:labels': { 'f:a': {} }, 'f:finalizers': { 'v:"x"': {} } },
      'f:spec': {},
    });
  });

  it('merges what others own and keeps it theirs', () => {
    const first = apply(undefined, { replicas: 1, containers: [{ name: 'a', image: 'x' }] }, 'one');
    const both = apply(first, { paused: true, containers: [{ name: 'b', image: 'y' }] }, 'two');
    expect(both.spec).toEqual({
      replicas: 1,
      paused: true,
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
    });
    expect(fieldsOf(both, 'one')).toEqual(fieldsOf(first, 'one'));
  });

  it('removes what the manager no longer applies', () => {
    const first = apply(
      undefined,
      {
        replicas: 1,
        paused: true,
        containers: [{ name: 'a', image: 'x', env: [{ name: 'e', value: '1' }] }, { name: 'b' }],
      },
      'one',
    );
    const second = apply(first, { replicas: 1, containers: [{ name: 'a', image: 'x' }] }, 'one');
    expect(second.spec).toEqual({ replicas: 1, containers: [{ name: 'a', image: 'x' }] });
  });

  it('removes a map or list that is left empty', () => {
    const first = apply(
      undefined,
      { replicas: 1, strategy: { rolling: { surge: 1 } }, containers: [{ name: 'a' }] },
      'one',
    );
    expect(apply(first, { replicas: 1 }, 'one').spec).toEqual({ replicas: 1 });
  });

  it('keeps what the manager no longer applies where another manager owns it', () => {
    const first = apply(undefined, { replicas: 1, containers: [{ name: 'a', image: 'x' }] }, 'one');
    const shared = apply(first, { replicas: 1, containers: [{ name: 'a', image: 'x' }] }, 'two');
    const left = apply(shared, {}, 'one');
    expect(left.spec).toEqual(first.spec);
    expect(fieldsOf(left, 'two')).toEqual(fieldsOf(shared, 'two'));
    expect(apply(left, {}, 'two').spec).not.toHaveProperty('replicas');
  });

  it('keeps an item of which another manager owns a part, and removes its own part', () => {
    const first = apply(undefined, { containers: [{ name: 'a', image: 'x', command: ['c'] }] }, 'one');
    const second = apply(first, { containers: [{ name: 'a', env: [{ name: 'e', value: '1' }] }] }, 'two');
    const left = apply(second, {}, 'one');
    expect(left.spec).toEqual({ containers: [{ name: 'a', env: [{ name: 'e', value: '1' }] }] });
  });

  it('leaves alone what nobody applied', () => {
    const first = apply(undefined, { replicas: 1, containers: [{ name: 'a' }] }, 'one');
    const defaulted = { ...first, spec: { ...(first.spec as object), policy: 'Always' }, status: { ready: 1 } };
    const second = apply(defaulted, { containers: [{ name: 'a' }] }, 'one');
    expect(second.spec).toEqual({ policy: 'Always', containers: [{ name: 'a' }] });
    expect(second.status).toEqual({ ready: 1 });
  });

  it('puts applied items in the applied order, others where they were', () => {
    const first = apply(undefined, { containers: [{ name: 'a' }, { name: 'b' }] }, 'one');
    const second = apply(first, { containers: [{ name: 'x' }] }, 'two');
    const third = apply(second, { containers: [{ name: 'b' }, { name: 'c' }, { name: 'a' }] }, 'one');
    const names = (third.spec as { containers: { name: string }[] }).containers.map(({ name }) => name);
    expect(names.filter((name) => name !== 'x')).toEqual(['b', 'c', 'a']);
    expect(names).toHaveLength(4);
  });

  it('changes nothing, not even a time, when the same is applied again', () => {
    const first = apply(undefined, { replicas: 1, containers: [{ name: 'a' }] }, 'one');
    expect(apply(first, { replicas: 1, containers: [{ name: 'a' }] }, 'one', { nowMs: NOW + 60_000 })).toEqual(first);
  });

  it('moves the time of its entry when something changes', () => {
    const first = apply(undefined, { replicas: 1 }, 'one');
    const second = apply(first, { replicas: 2 }, 'one', { nowMs: NOW + 60_000 });
    expect(second.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:01:00Z');
  });

  it('leaves what the server sets in metadata to the server', () => {
    const live = object(
      { replicas: 1 },
      { uid: 'u', creationTimestamp: '2025-01-01T00:00:00Z', generation: 4, resourceVersion: '7' },
    );
    const applied = object({ replicas: 1 }, { creationTimestamp: null, generation: 9 });
    const result = apply(live, {}, 'one', { applied });
    expect(result.metadata).toMatchObject({ uid: 'u', creationTimestamp: '2025-01-01T00:00:00Z', generation: 4 });
    expect(JSON.stringify(fieldsOf(result, 'one'))).not.toMatch(/creationTimestamp|generation/);
  });

  it('does not write or own what its endpoint does not write', () => {
    const applied = { ...object({ replicas: 1 }), status: { ready: 9 } };
    const live = { ...object({}), status: { ready: 1 } };
    const result = apply(live, {}, 'one', { applied, ignoredFields: ['status'] });
    expect(result.status).toEqual({ ready: 1 });
    expect(fieldsOf(result, 'one')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });
});

describe('a conflict of server-side apply', () => {
  const live = apply(undefined, { replicas: 1, containers: [{ name: 'a', image: 'x' }] }, 'one');

  it('names the field and its owner', () => {
    const error = conflictOf(() => apply(live, { replicas: 2 }, 'two'));
    expect(error.toBody()).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' }],
      },
    });
  });

  it('names all of them', () => {
    const error = conflictOf(() => apply(live, { replicas: 2, containers: [{ name: 'a', image: 'y' }] }, 'two'));
    expect(error.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.containers[name="a"].image\n- .spec.replicas',
    );
    expect(error.details?.causes).toHaveLength(2);
  });

  it('with an updater says which version and subresource it wrote', () => {
    const scaled = update(live, object({ ...(live.spec as object), replicas: 5 }, live.metadata), 'hpa');
    const error = conflictOf(() => apply(scaled, { replicas: 2 }, 'two'));
    expect(error.message).toBe('Apply failed with 1 conflict: conflict with "hpa" using test/v1: .spec.replicas');
  });

  it('is none where the value is the same: then both own it', () => {
    const shared = apply(live, { replicas: 1 }, 'two');
    expect(fieldsOf(shared, 'one')).toEqual(fieldsOf(live, 'one'));
    expect(fieldsOf(shared, 'two')).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(conflictOf(() => apply(shared, { replicas: 3 }, 'two')).code).toBe(409);
  });

  it('is overcome by force, which takes the field away', () => {
    const forced = apply(live, { replicas: 2 }, 'two', { force: true });
    expect(forced.spec).toMatchObject({ replicas: 2 });
    expect(fieldsOf(forced, 'one')).not.toHaveProperty('f:spec.f:replicas');
    expect(apply(forced, { containers: [{ name: 'a', image: 'x' }] }, 'one').spec).toMatchObject({ replicas: 2 });
  });

  it('is with everything that was there before the first apply', () => {
    const untracked = object({ replicas: 1, paused: true });
    const error = conflictOf(() => apply(untracked, { replicas: 2 }, 'one'));
    expect(error.message).toContain('conflict with "before-first-apply" using test/v1: .spec.replicas');
    expect(fieldsOf(apply(untracked, { replicas: 2 }, 'one', { force: true }), 'before-first-apply')).toEqual({
      'f:spec': { 'f:paused': {} },
    });
  });

  it('is over an atomic list as a whole', () => {
    const owned = apply(undefined, { args: ['a'] }, 'one');
    expect(conflictOf(() => apply(owned, { args: ['a', 'b'] }, 'two')).message).toMatch(/: \.spec\.args$/);
  });
});

describe('a configuration that cannot be applied', () => {
  it.each([
    ['has managedFields', { applied: object({}, { managedFields: [] }) }, 400, /metadata\.managedFields must be nil/],
    ['has no manager', { manager: '' }, 422, /fieldManager: Required value: is required for apply patch/],
    ['has a long manager', { manager: 'm'.repeat(129) }, 422, /must not be longer than 128 characters/],
    [
      'has two items of one identity',
      { applied: object({ containers: [{ name: 'a' }, { name: 'a' }] }) },
      422,
      /spec\.containers\[1\]: Duplicate value: \[name="a"\]/,
    ],
    [
      'has an item without identity',
      { applied: object({ containers: [{ image: 'a' }] }) },
      422,
      /spec\.containers\[0\]: Invalid value: \{…\}: must be an object with name/,
    ],
    [
      'has an object in a set',
      { applied: object({}, { finalizers: [{}] }) },
      422,
      /metadata\.finalizers\[0\].*must be a plain value/,
    ],
  ])('%s: refused', (_, options, code, message) => {
    const error = conflictOf(() => apply(undefined, {}, 'm', options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

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
