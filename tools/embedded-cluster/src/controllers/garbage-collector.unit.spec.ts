import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { Simulation } from '../testing/simulation.js';
import { collect, FOREGROUND, ORPHAN } from './garbage-collector.js';

const object = (kind: string, name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'default', ...more },
});
const owner = (of: KubeObject, blockOwnerDeletion = true) => ({
  apiVersion: of.apiVersion,
  kind: of.kind,
  name: of.metadata.name,
  uid: of.metadata.uid ?? '',
  blockOwnerDeletion,
});

/** The simulation's state, in which every kind is served. */
function world() {
  const simulation = new Simulation();
  const view = {
    byUid: (uid: string) => simulation.state.byUid(uid),
    dependentsOf: (uid: string) => simulation.state.dependentsOf(uid),
    serves: (_apiVersion: string, kind: string) => kind !== 'Unheard',
  };
  return { simulation, run: (each: KubeObject) => simulation.apply(collect(view, each).writes), view };
}

describe('the garbage collector', () => {
  it('deletes what has owners and none of them is left', () => {
    const { simulation, run } = world();
    const gone = { ...object('Set', 'gone'), metadata: { name: 'gone', uid: 'nowhere' } };
    const child = simulation.add(object('Child', 'child', { ownerReferences: [owner(gone)] }));
    run(child);
    expect(simulation.state.get('Child', 'default', 'child')).toBeUndefined();
  });

  it('keeps what has another owner left, and forgets the one that is gone', () => {
    const { simulation, run } = world();
    const left = simulation.add(object('Set', 'left'));
    const gone = { ...object('Set', 'gone'), metadata: { name: 'gone', uid: 'nowhere' } };
    const child = simulation.add(object('Child', 'child', { ownerReferences: [owner(left), owner(gone)] }));
    run(child);
    expect(simulation.state.get('Child', 'default', 'child')?.metadata.ownerReferences).toEqual([owner(left)]);
  });

  it('does not judge owners of kinds that are not served here', () => {
    const { simulation, run } = world();
    const foreign = { ...object('Unheard', 'x'), metadata: { name: 'x', uid: 'elsewhere' } };
    run(simulation.add(object('Child', 'child', { ownerReferences: [owner(foreign)] })));
    expect(simulation.state.get('Child', 'default', 'child')).toBeDefined();
  });

  it('holds an owner that is deleted in the foreground until what blocks it is gone', () => {
    const { simulation, run } = world();
    const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [FOREGROUND] };
    const set = simulation.add(object('Set', 'set', deleting));
    simulation.add(object('Child', 'child', { ownerReferences: [owner(set)], finalizers: ['slow'] }));
    run(set);
    expect(simulation.state.get('Child', 'default', 'child')?.metadata.deletionTimestamp).toBeDefined();
    run(set);
    expect(simulation.state.get('Set', 'default', 'set')).toBeDefined();
    simulation.apply([
      {
        op: 'removeFinalizer',
        target: { kind: 'Child', namespace: 'default', name: 'child', uid: '' },
        finalizer: 'slow',
      },
    ]);
    run(set);
    expect(simulation.state.get('Set', 'default', 'set')).toBeUndefined();
  });

  it('lets dependents go free when their owner is deleted with them orphaned', () => {
    const { simulation, run } = world();
    const set = simulation.add(
      object('Set', 'set', { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [ORPHAN] }),
    );
    simulation.add(object('Child', 'child', { ownerReferences: [owner(set)] }));
    run(set);
    expect(simulation.state.get('Child', 'default', 'child')?.metadata.ownerReferences).toBeUndefined();
    expect(simulation.state.get('Set', 'default', 'set')).toBeUndefined();
  });
});
