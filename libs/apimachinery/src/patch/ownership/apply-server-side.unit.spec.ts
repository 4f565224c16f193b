import { describe, expect, it } from '@jest/globals';
import { apply, conflictOf, fieldsOf, NOW, object, update } from './ownership-calls.spec.js';

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
