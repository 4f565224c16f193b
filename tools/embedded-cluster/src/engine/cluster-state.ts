/**
 * What a cluster holds, indexed for its controllers: by kind and namespace, by uid, by owner, and pods by node. It is fed by
 * the store's own writes, so it is never behind them. Objects are shared with the store and frozen.
 */
import type { KubeObject } from '@skyflow/contracts';
import type { OwnershipView } from '../controllers/garbage-collector.js';
import type { ClusterView, OfKind } from '../controllers/reconcile.js';
import { controllerOf, uidOf } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';

type ByName = Map<string, KubeObject>;

export class ClusterState implements ClusterView, OwnershipView {
  readonly #kinds = new Map<string, Map<string, ByName>>();
  readonly #uids = new Map<string, KubeObject>();
  readonly #dependents = new Map<string, Map<string, KubeObject>>();
  /** Pods by node name; those that wait for one under ''. */
  readonly #podsByNode = new Map<string, Map<string, Pod>>();
  /** Objects without a managing controller by kind and namespace, of the kinds that are ever managed. */
  readonly #unmanaged = new Map<string, Map<string, KubeObject>>();
  readonly #served: ReadonlySet<string>;

  /** @param served `<apiVersion>/<kind>` of everything that the cluster serves. */
  constructor(served: ReadonlySet<string>) {
    this.#served = served;
  }

  get<K extends string>(kind: K, namespace: string | undefined, name: string): OfKind<K> | undefined {
    return this.#kinds
      .get(kind)
      ?.get(namespace ?? '')
      ?.get(name) as OfKind<K> | undefined;
  }

  list<K extends string>(kind: K, namespace?: string): OfKind<K>[] {
    const namespaces = this.#kinds.get(kind);
    if (namespaces === undefined) return [];
    if (namespace !== undefined) return [...(namespaces.get(namespace)?.values() ?? [])] as OfKind<K>[];
    return [...namespaces.values()].flatMap((names) => [...names.values()]) as OfKind<K>[];
  }

  controlledBy<K extends string>(kind: K, ownerUid: string): OfKind<K>[] {
    return this.dependentsOf(ownerUid).filter(
      (object) => object.kind === kind && controllerOf(object)?.uid === ownerUid,
    ) as OfKind<K>[];
  }

  unmanaged<K extends string>(kind: K, namespace: string | undefined): OfKind<K>[] {
    return [...(this.#unmanaged.get(`${kind}/${namespace ?? ''}`)?.values() ?? [])] as OfKind<K>[];
  }

  podsOnNode(nodeName: string): Pod[] {
    return [...(this.#podsByNode.get(nodeName)?.values() ?? [])];
  }

  byUid(uid: string): KubeObject | undefined {
    return this.#uids.get(uid);
  }

  dependentsOf(uid: string): KubeObject[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  serves(apiVersion: string, kind: string): boolean {
    return this.#served.has(`${apiVersion}/${kind}`);
  }

  /** How many objects of a kind there are. */
  count(kind: string): number {
    let sum = 0;
    for (const names of this.#kinds.get(kind)?.values() ?? []) sum += names.size;
    return sum;
  }

  /** Stores a newer state; an older one is ignored. */
  put(object: KubeObject): void {
    const old = this.#uids.get(uidOf(object));
    if (Number(old?.metadata.resourceVersion ?? 0) > Number(object.metadata.resourceVersion)) return;
    if (old !== undefined) this.#unindex(old);
    let namespaces = this.#kinds.get(object.kind);
    if (namespaces === undefined) this.#kinds.set(object.kind, (namespaces = new Map<string, ByName>()));
    const namespace = object.metadata.namespace ?? '';
    let names = namespaces.get(namespace);
    if (names === undefined) namespaces.set(namespace, (names = new Map<string, KubeObject>()));
    names.set(object.metadata.name, object);
    this.#uids.set(uidOf(object), object);
    for (const { uid } of object.metadata.ownerReferences ?? []) add(this.#dependents, uid, uidOf(object), object);
    if (isPod(object)) add(this.#podsByNode, object.spec.nodeName ?? '', uidOf(object), object);
    const orphanage = orphanageOf(object);
    if (orphanage !== undefined) add(this.#unmanaged, orphanage, uidOf(object), object);
  }

  remove(object: KubeObject): void {
    const namespaces = this.#kinds.get(object.kind);
    const namespace = object.metadata.namespace ?? '';
    const names = namespaces?.get(namespace);
    names?.delete(object.metadata.name);
    if (names?.size === 0) namespaces?.delete(namespace);
    const old = this.#uids.get(uidOf(object));
    this.#uids.delete(uidOf(object));
    if (old !== undefined) this.#unindex(old);
  }

  #unindex(object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) drop(this.#dependents, uid, uidOf(object));
    if (isPod(object)) drop(this.#podsByNode, object.spec.nodeName ?? '', uidOf(object));
    const orphanage = orphanageOf(object);
    if (orphanage !== undefined) drop(this.#unmanaged, orphanage, uidOf(object));
  }
}

const ADOPTABLE = new Set(['Pod', 'ReplicaSet']);

const orphanageOf = (object: KubeObject): string | undefined =>
  ADOPTABLE.has(object.kind) && controllerOf(object) === undefined
    ? `${object.kind}/${object.metadata.namespace ?? ''}`
    : undefined;

const isPod = (object: KubeObject): object is Pod => object.kind === 'Pod';

function add<T>(index: Map<string, Map<string, T>>, key: string, id: string, value: T): void {
  const entries = index.get(key);
  if (entries === undefined) index.set(key, new Map([[id, value]]));
  else entries.set(id, value);
}

function drop<T>(index: Map<string, Map<string, T>>, key: string, id: string): void {
  const entries = index.get(key);
  entries?.delete(id);
  if (entries?.size === 0) index.delete(key);
}
