import { describe, expect, it } from '@jest/globals';
import { positionOf } from '@skyflow/contracts';
import fc from 'fast-check';
import { BatchScope } from './batch-scope.js';
import type { ObjectCommand } from './commands.js';
import { decideObjects } from './decide-objects.js';
import { foldAll, histories, storedObject } from './histories.testing.js';
import { idempotencyKey } from './idempotency.js';
import { type ObjectsState, initialObjects } from './objects-state.js';
import { isRejection } from './rejection.js';

let seq = 1_000;
/** Decides, folds what was decided, and says what the decision was. */
function run(state: ObjectsState, command: ObjectCommand): string {
  const decision = decideObjects(state, command);
  if (isRejection(decision)) return decision.rejected;
  seq += 1;
  for (const [index, draft] of decision.entries.entries()) {
    const key = index === 0 ? command.key?.split('\n')[1] : undefined;
    const entry = { ...draft, v: 1, at: seq, actor: 'user', corr: 'c', ...(key === undefined ? {} : { idem: key }) };
    foldAll([{ entry: entry, place: { position: positionOf(seq, index), subject: 'sky.cmd.0' } }], state);
  }
  return decision.entries.map((entry) => entry.type).join(' ');
}

function withNamespaces(...namespaces: string[]): ObjectsState {
  const state = initialObjects();
  for (const name of namespaces)
    run(state, { verb: 'create', object: storedObject('Namespace', '', name, `ns-${name}`) });
  return state;
}

const job = (name: string, more: Parameters<typeof storedObject>[4] = {}, uid = `uid-${name}`): ObjectCommand => ({
  verb: 'create',
  object: storedObject('Job', 'default', name, uid, more),
});

const commands: fc.Arbitrary<ObjectCommand> = fc
  .tuple(
    fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
    fc.constantFrom('Job', 'Deployment', 'ConfigMap', 'Namespace'),
    fc.constantFrom('default', 'team'),
    fc.constantFrom('a', 'b'),
    fc.constantFrom('u1', 'u2'),
    fc.integer({ min: 0, max: 2 }),
    fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined }),
  )
  .map(([verb, kind, namespace, name, uid, replicas, rawKey]): ObjectCommand => {
    const key = rawKey === undefined ? {} : { key: idempotencyKey('user', rawKey) };
    const called = kind === 'Namespace' ? namespace : name;
    if (verb === 'delete') {
      return { verb, kind, ...(kind === 'Namespace' ? {} : { namespace }), name: called, ...key };
    }
    return { verb, object: storedObject(kind, namespace, called, uid, { replicas }), ...key };
  });

const state0 = (history: Parameters<typeof foldAll>[0]): ObjectsState => foldAll(history, withNamespaces('default'));

describe('deciding about objects', () => {
  it('is idempotent: the same command again adds nothing, or is refused', () => {
    fc.assert(
      fc.property(histories, commands, (history, command) => {
        const state = state0(history);
        run(state, command);
        const again = decideObjects(state, command);
        expect(isRejection(again) || again.entries.length === 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same for commands admitted to one batch as for one after the other', () => {
    fc.assert(
      fc.property(histories, fc.array(commands, { minLength: 2, maxLength: 5 }), (history, batch) => {
        const together = state0(history);
        const scope = new BatchScope();
        const admitted = batch.filter((command) => scope.admit(command));
        const decisions = admitted.map((command) => decideObjects(together, command));
        const oneByOne = state0(history);
        for (const [index, command] of admitted.entries()) {
          const alone = decideObjects(oneByOne, command);
          expect(JSON.stringify(decisions[index])).toEqual(JSON.stringify(alone));
          run(oneByOne, command);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('answers the same key and request with the first object, and refuses the key for another request', () => {
    const state = withNamespaces('default');
    const key = idempotencyKey('user', 'once');
    expect(run(state, { ...job('x'), key })).toBe('ObjectCreated');
    const again = decideObjects(state, { ...job('x', {}, 'another-uid'), key });
    expect(again).toMatchObject({ entries: [], ref: { name: 'x', uid: 'uid-x' } });
    expect(run(state, { ...job('y'), key })).toBe('KEY_REUSED');
  });

  it('refuses what is in no namespace, or in one that goes', () => {
    const state = withNamespaces('default', 'team');
    const inTeam = storedObject('Job', 'team', 'x', 'u1');
    expect(run(state, { verb: 'create', object: storedObject('Job', 'nowhere', 'x', 'u1') })).toBe(
      'NAMESPACE_NOT_FOUND',
    );
    expect(run(state, { verb: 'create', object: inTeam })).toBe('ObjectCreated');
    expect(run(state, { verb: 'delete', kind: 'Namespace', name: 'team' })).toBe('ObjectDeleted ObjectDeleted');
    expect(run(state, { verb: 'create', object: storedObject('Job', 'team', 'y', 'u2') })).toBe(
      'NAMESPACE_TERMINATING',
    );
  });

  it('lets a namespace go when the last of its contents is gone', () => {
    const state = withNamespaces('default', 'team');
    run(state, { verb: 'create', object: storedObject('ConfigMap', 'team', 'x', 'u1') });
    run(state, { verb: 'delete', kind: 'Namespace', name: 'team' });
    expect(state.table.get('Namespace', '', 'team')).toBeUndefined();
    expect(state.table.countIn('team')).toBe(0);
  });

  it('deletes of a namespace larger than a commit only a part at once', () => {
    const state = withNamespaces('default', 'team');
    for (let index = 0; index < 2_100; index++) {
      const object = storedObject('ConfigMap', 'team', `c${String(index)}`, `u${String(index)}`);
      foldAll(
        [
          {
            entry: { type: 'ObjectCreated', v: 1, at: 1, actor: 'u', corr: 'c', data: { object } },
            place: { position: state.position + 1, subject: 'sky.cmd.0' },
          },
        ],
        state,
      );
    }
    run(state, { verb: 'delete', kind: 'Namespace', name: 'team' });
    expect(state.table.countIn('team')).toBe(101);
  });

  it('keeps the default namespace', () => {
    expect(run(withNamespaces('default'), { verb: 'delete', kind: 'Namespace', name: 'default' })).toBe('PROTECTED');
  });

  it('refuses a Job and a Deployment that would be one native object, and only those', () => {
    const state = withNamespaces('default');
    run(state, { verb: 'create', object: storedObject('Deployment', 'default', 'x', 'u1') });
    expect(run(state, job('x'))).toBe('NAME_TAKEN');
    expect(run(state, job('x', { restartPolicy: 'Never' }))).toBe('ObjectCreated');
  });

  it('refuses a change made from an older version than the last change by a user, but not than the last status', () => {
    const state = withNamespaces('default');
    run(state, job('x'));
    const first = state.table.get('Job', 'default', 'x')!.position;
    const change = (replicas: number, expect: number): ObjectCommand => ({
      verb: 'update',
      object: storedObject('Job', 'default', 'x', 'uid-x', { replicas }),
      expect,
    });
    expect(run(state, change(2, first))).toBe('ObjectUpdated');
    expect(run(state, change(3, first))).toBe('CONFLICT');
    expect(state.table.get('Job', 'default', 'x')).toMatchObject({ generation: 2 });
  });

  it('refuses a placement on clusters that do not exist and names those that do', () => {
    const state = withNamespaces('default');
    run(state, { verb: 'create', object: storedObject('Cluster', '', 'here', 'c1') });
    const object = storedObject('Job', 'default', 'x', 'u1');
    (object.spec as Record<string, unknown>).placement = { clusters: ['here', 'there'] };
    expect(decideObjects(state, { verb: 'create', object })).toEqual({
      rejected: 'CLUSTER_NOT_FOUND',
      field: 'spec.placement.clusters[1]',
      message: 'there is no cluster "there"; the clusters are: here',
    });
  });

  it('refuses the same anywhere in a placement, in policies, and of policies that do not exist', () => {
    const state = withNamespaces('default', 'team');
    run(state, { verb: 'create', object: storedObject('Cluster', '', 'here', 'c1') });
    const policy = storedObject('PlacementPolicy', 'team', 'eu', 'p1');
    policy.spec = { groups: [{ name: 'g', clusters: ['here', 'there'] }] };
    expect(decideObjects(state, { verb: 'create', object: policy })).toMatchObject({
      rejected: 'CLUSTER_NOT_FOUND',
      field: 'spec.groups[0].clusters[1]',
    });
    policy.spec = { excludeClusters: ['here'] };
    run(state, { verb: 'create', object: policy });
    const object = storedObject('Job', 'default', 'x', 'u1');
    (object.spec as Record<string, unknown>).placement = { policy: 'eu' };
    expect(decideObjects(state, { verb: 'create', object })).toEqual({
      rejected: 'POLICY_NOT_FOUND',
      field: 'spec.placement.policy',
      message: 'there is no PlacementPolicy "eu" in namespace "default"; there is none in this namespace yet',
    });
    object.metadata.namespace = 'team';
    expect(decideObjects(state, { verb: 'create', object })).toMatchObject({ ref: { name: 'x' } });
  });

  it('refuses to turn a job that ends into one that runs for ever', () => {
    const state = withNamespaces('default');
    run(state, job('x', { restartPolicy: 'Never' }));
    const object = storedObject('Job', 'default', 'x', 'uid-x', { restartPolicy: 'Always' });
    expect(run(state, { verb: 'update', object })).toBe('IMMUTABLE');
  });

  it('deletes only the object that was meant', () => {
    const state = withNamespaces('default');
    run(state, job('x'));
    const target = { verb: 'delete' as const, kind: 'Job', namespace: 'default', name: 'x' };
    expect(run(state, { ...target, uid: 'other' })).toBe('UID_MISMATCH');
    expect(run(state, target)).toBe('ObjectDeleted');
    expect(state.table.get('Job', 'default', 'x')?.deletedAt).toBeGreaterThan(0);
    expect(run(state, target)).toBe('');
    expect(run(state, { ...target, force: true })).toBe('ObjectDeleted');
    expect(run(state, target)).toBe('NOT_FOUND');
  });
});
