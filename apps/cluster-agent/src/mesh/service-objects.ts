/**
 * The native objects of services on this cluster: applied by server-side apply, put back when someone changes them, removed
 * when they are not wanted. What SkyFlow did not make is never touched.
 */
import { FIELD_MANAGER, LABEL_MANAGED_BY, MANAGED_BY, type Endpoint } from '@skyflow/contracts';
import {
  covers,
  isManaged,
  LABEL_SERVICE_UID,
  nativeService,
  nativeSlices,
  SLICE_MANAGER,
  virtualEndpoints,
  type DesiredService,
  type NativeObject,
} from '@skyflow/domain';
import {
  KubeApiError,
  Reflector,
  resources,
  type KubeClient,
  type KubeObject,
  type KubeResource,
} from '@skyflow/kube-client';

import type { Limited } from './service-spread.js';

const OURS = `${LABEL_MANAGED_BY}=${MANAGED_BY}`;
/** The built-in controller puts the labels of a Service on its own slices too: ours are told by their manager. */
const OUR_SLICES = `${OURS},endpointslice.kubernetes.io/managed-by=${SLICE_MANAGER}`;
const KINDS = [
  { resource: resources.services, selector: OURS },
  { resource: resources.endpointSlices, selector: OUR_SLICES },
];

/** What is known of how other clusters are reached from here. */
export interface Reach {
  /** Whether a source's endpoints may take connections. */
  usable: (source: string) => boolean;
  /** Whether a source was not reached for so long that nothing of it is kept. */
  isGivenUp: (source: string) => boolean;
  /** Where virtual endpoints are; undefined: there are none now. */
  gateway: string | undefined;
  failedPorts: ReadonlySet<number>;
  /** uids of a source's pods that do not answer. */
  failing: (source: string) => ReadonlySet<string>;
  /** Of a service by which this cluster imports: its own endpoints, which no built-in controller puts there. */
  own?: { cluster: string; endpoints: readonly Endpoint[] } | undefined;
  /** Of the endpoints that are reached, which take connections. */
  spread: (reached: ReadonlyMap<string, readonly Endpoint[]>) => Limited;
}

export class ServiceObjects {
  private readonly caches: ReadonlyMap<string, Reflector<KubeObject>>;
  private started = false;

  /** @param onChange told the uid of the service whose native object changed. */
  constructor(
    private readonly client: KubeClient,
    onChange: (service: string) => void,
    private readonly signal: AbortSignal,
  ) {
    this.caches = new Map(
      KINDS.map(({ resource, selector }) => [
        resource.kind,
        new Reflector<KubeObject>({
          client,
          resource,
          labelSelector: selector,
          keep: (object) => object,
          onChange: ({ object }) => {
            const uid = object.metadata.labels?.[LABEL_SERVICE_UID];
            if (uid !== undefined) onChange(uid);
          },
        }),
      ]),
    );
  }

  /** Watches from the first service on: a cluster without services costs nothing. Resolves when everything is known. */
  async known(): Promise<void> {
    if (!this.started) {
      this.started = true;
      for (const cache of this.caches.values()) void cache.run(this.signal);
    }
    await Promise.all([...this.caches.values()].map((cache) => cache.whenSynced(this.signal)));
  }

  /**
   * Makes the native Service what it must be. @returns it as it is now.
   * @throws NameTakenError when the cluster has a Service of the name that is not of this service; KubeApiError.
   */
  async applyService(desired: DesiredService, signal: AbortSignal): Promise<KubeObject> {
    const wanted = nativeService(desired);
    const { namespace, name } = wanted.metadata;
    const key = { name, ...(namespace === undefined ? {} : { namespace }) };
    const live = await this.client.find<KubeObject>(resources.services, key, { signal });
    if (live !== undefined) {
      if (!isManaged(live) || live.metadata.labels?.[LABEL_SERVICE_UID] !== desired.ref.uid) {
        throw new NameTakenError(name, isManaged(live));
      }
      if (isAsWanted(wanted, live)) return live;
    }
    return await this.client.applyServerSide<KubeObject>(resources.services, wanted, {
      fieldManager: FIELD_MANAGER,
      force: true,
      signal,
    });
  }

  /** Makes the slices of all sources what they must be. @returns when to look again, ms; undefined: when something changes. */
  async applySlices(
    desired: DesiredService,
    service: KubeObject,
    { usable, isGivenUp, gateway, failedPorts, failing, own, spread }: Reach,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const owner = { name: service.metadata.name, uid: service.metadata.uid ?? '' };
    const wanted = new Map<string, NativeObject>();
    const remote = new Map<string, readonly Endpoint[]>();
    for (const [source, { plane, endpoints: assigned }] of desired.remote) {
      const dead = failing(source);
      const endpoints = assigned.map((each) => (dead.has(each.uid) ? { ...each, ready: false } : each));
      // Without a gateway its virtual endpoints are nowhere.
      if (plane === 'gateway' && gateway === undefined) continue;
      if (isGivenUp(source)) continue;
      remote.set(source, plane === 'flat' ? endpoints : virtualEndpoints(endpoints, gateway ?? '', failedPorts));
    }
    const { endpoints: taken, againMs } = spread(new Map([...remote].filter(([source]) => usable(source))));
    const { ipFamilies } = service['spec'] as { ipFamilies?: string[] };
    if (own !== undefined) {
      for (const slice of nativeSlices(desired, own.cluster, own.endpoints, owner, true, ipFamilies)) {
        wanted.set(slice.metadata.name, slice);
      }
    }
    for (const [source, all] of remote) {
      // A gateway has one address, which the Service's second family does not have.
      const families = desired.remote.get(source)?.plane === 'flat' ? ipFamilies : undefined;
      const endpoints = taken.get(source) ?? all;
      for (const slice of nativeSlices(desired, source, endpoints, owner, usable(source), families)) {
        wanted.set(slice.metadata.name, slice);
      }
    }
    const there = this.objectsOf(resources.endpointSlices, desired.ref.uid);
    const live = new Map(there.map((slice) => [slice.metadata.name, slice]));
    // New ones first and what is not wanted last: an endpoint that moves is in two for a moment, and never in none.
    const order = [...wanted].sort(([a], [b]) => Number(live.has(a)) - Number(live.has(b)));
    for (const [name, slice] of order) {
      const before = live.get(name);
      if (before !== undefined && isAsWanted(slice, before)) continue;
      await this.client.applyServerSide(resources.endpointSlices, slice, {
        fieldManager: FIELD_MANAGER,
        force: true,
        signal,
      });
    }
    for (const slice of there) {
      if (!wanted.has(slice.metadata.name)) await this.remove(resources.endpointSlices, slice, signal);
    }
    return againMs;
  }

  /** Removes what was made for a service. True when the API itself has nothing of it any more. */
  async removeAll(uid: string, signal: AbortSignal): Promise<boolean> {
    let isGone = true;
    for (const { resource, selector } of KINDS) {
      const { items } = await this.client.list<KubeObject>(resource, {
        labelSelector: `${selector},${LABEL_SERVICE_UID}=${uid}`,
        signal,
      });
      for (const object of items) {
        isGone = false;
        await this.remove(resource, object, signal);
      }
    }
    return isGone;
  }

  private objectsOf(resource: KubeResource, uid: string): KubeObject[] {
    const cache = this.caches.get(resource.kind);
    return [...(cache?.store.values() ?? [])].filter(({ metadata }) => metadata.labels?.[LABEL_SERVICE_UID] === uid);
  }

  private async remove(resource: KubeResource, object: KubeObject, signal: AbortSignal): Promise<void> {
    const { uid } = object.metadata;
    if (object.metadata.deletionTimestamp !== undefined || uid === undefined) return;
    try {
      await this.client.delete(resource, object.metadata, { preconditions: { uid }, signal });
    } catch (error) {
      // Gone, or another of the same name: either way this one is not there any more.
      if (!(error instanceof KubeApiError && (error.code === 404 || error.code === 409))) throw error;
    }
  }
}

/** The native name is taken. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
  constructor(name: string, byUs: boolean) {
    super(
      byUs
        ? `the cluster still has Service ${name} of another service of SkyFlow; it follows when that is gone`
        : `the cluster has a Service ${name} that SkyFlow did not make; rename the service, or delete that Service on the cluster`,
    );
  }
}

/** Whether nothing of ours was changed: labels, owner and content; what others added besides does not matter. */
function isAsWanted(wanted: NativeObject, live: KubeObject): boolean {
  const { labels, annotations, ownerReferences } = wanted.metadata as KubeObject['metadata'];
  if (!covers({ labels, annotations, ownerReferences }, live.metadata)) return false;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...content } = wanted;
  return covers(content, live);
}
