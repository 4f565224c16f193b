/** Which workloads use which dependency, so that a shared ConfigMap outlives the first of its users and has its newest content. */
import type { StoredObject } from '@skyflow/contracts';
import { nativeDependency, type DesiredState, type DesiredWork, type NativeObject } from '@skyflow/domain';
import type { DesiredChange } from './desired-source.js';

/** uids of the workloads that use the object, separated by commas: who may still need it when one of them goes. */
const ANNOTATION_USED_BY = 'skyflow.io/used-by';

export const usersOf = (object: NativeObject): string[] =>
  (object.metadata.annotations?.[ANNOTATION_USED_BY] ?? '').split(',').filter((uid) => uid !== '');

export class DependencyIndex {
  /** By kind, namespace and name: uids of users. */
  private readonly users = new Map<string, Set<string>>();
  private readonly used = new Map<string, string[]>();

  /** Takes up what changed. */
  update(state: DesiredState, change: DesiredChange): void {
    if (change.everything) {
      this.users.clear();
      this.used.clear();
    }
    for (const uid of change.everything ? state.work.keys() : change.uids) this.updateOne(state, uid);
  }

  /** The native object, as the newest of its users brought it, marked with all of them. */
  nativeOf(state: DesiredState, dependency: StoredObject): NativeObject | undefined {
    const key = keyOf(dependency);
    let newest: { work: DesiredWork; object: StoredObject } | undefined;
    const users = [...(this.users.get(key) ?? [])].sort();
    for (const uid of users) {
      const work = state.work.get(uid);
      const object = work?.dependencies.find((candidate) => keyOf(candidate) === key);
      if (work === undefined || object === undefined) continue;
      if (newest === undefined || work.position > newest.work.position) newest = { work, object };
    }
    if (newest === undefined) return undefined;
    const native = nativeDependency(newest.object, newest.work);
    // All workloads of a cluster may have one class; who uses it is known from what is desired.
    if (dependency.kind === 'PriorityClass') return native;
    const annotations = { ...native.metadata.annotations, [ANNOTATION_USED_BY]: users.join(',') };
    return { ...native, metadata: { ...native.metadata, annotations } };
  }

  /** Whether any desired workload still uses the native object. */
  isUsed(native: NativeObject): boolean {
    return this.users.has(keyOf(native));
  }

  usersOf(native: NativeObject): Iterable<string> {
    return this.users.get(keyOf(native)) ?? [];
  }

  private updateOne(state: DesiredState, uid: string): void {
    for (const key of this.used.get(uid) ?? []) {
      const users = this.users.get(key);
      users?.delete(uid);
      if (users?.size === 0) this.users.delete(key);
    }
    this.used.delete(uid);
    const keys = (state.work.get(uid)?.dependencies ?? []).map(keyOf);
    if (keys.length === 0) return;
    this.used.set(uid, keys);
    for (const key of keys) this.users.set(key, (this.users.get(key) ?? new Set()).add(uid));
  }
}

const keyOf = ({ kind, metadata }: NativeObject | StoredObject): string =>
  `${kind ?? ''} ${metadata.namespace ?? ''}/${metadata.name}`;
