import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { initialDesired, type DesiredState } from '@skyflow/domain';
import { DependencyIndex, usersOf } from './dependency-index.js';

const config = (value: string): StoredObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'team', uid: 'uid-settings', creationTimestamp: '2026-11-24T08:00:00Z' },
  data: { value },
});

function assign(state: DesiredState, uid: string, position: number, dependencies: StoredObject[]): void {
  const metadata = { name: uid, namespace: 'team', uid, creationTimestamp: '2026-11-24T08:00:00Z' };
  const object = { apiVersion: 'skyflow.io/v1', kind: 'Job', metadata };
  const ref = { kind: 'Job', namespace: 'team', name: uid, uid };
  state.work.set(uid, {
    ref,
    epoch: 1,
    decision: position,
    generation: 1,
    replicas: 1,
    object,
    dependencies,
    position,
  });
}
const changed = (...uids: string[]) => ({
  everything: false,
  uids: new Set(uids),
  namespaces: new Set<string>(),
  services: new Set<string>(),
  exports: new Set<string>(),
});

describe('the index of dependencies', () => {
  it('gives the newest content with all users, whatever the order in which they came', () => {
    for (const order of [
      ['old', 'new'],
      ['new', 'old'],
    ]) {
      const state = initialDesired();
      const index = new DependencyIndex();
      for (const uid of order) {
        assign(state, uid, uid === 'new' ? 20 : 10, [config(uid)]);
        index.update(state, changed(uid));
      }
      const native = index.nativeOf(state, config('any'));
      expect(native).toMatchObject({ data: { value: 'new' } });
      expect(usersOf(native!)).toEqual(['new', 'old']);
    }
  });

  it('forgets a user that went or that needs it no more, and with the last the dependency', () => {
    const state = initialDesired();
    const index = new DependencyIndex();
    assign(state, 'a', 10, [config('x')]);
    assign(state, 'b', 20, [config('y')]);
    index.update(state, { ...changed(), everything: true });
    const native = index.nativeOf(state, config('any'))!;
    state.work.delete('b');
    index.update(state, changed('b'));
    expect([...index.usersOf(native)]).toEqual(['a']);
    assign(state, 'a', 30, []);
    index.update(state, changed('a'));
    expect(index.isUsed(native)).toBe(false);
    expect(index.nativeOf(state, config('any'))).toBeUndefined();
  });
});
