/**
 * Brings one native object to what is desired, by server-side apply under our field manager; idempotent.
 *
 * Promised: an object that SkyFlow did not make is never changed; work of an older scheduler changes nothing; an object that is
 * already right costs no request. What others changed in our fields is put back.
 */
import { FIELD_MANAGER } from '@skyflow/contracts';
import { FINALIZER_REPORT, covers, planChange, type NativeObject } from '@skyflow/domain';
import { KubeApiError, keyOf, resources, type KubeObject, type KubeResource } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';
import { versionOf } from '../cluster/kept-objects.js';
import { SecretSealedError } from '../secrets/unsealer.js';

export type ApplyResult =
  | { type: 'applied' }
  /** It is on its way out, ours or a predecessor's: look again when it is gone. */
  | { type: 'waiting'; message: string }
  | { type: 'stale'; message: string }
  | { type: 'conflict'; by: 'foreign' | 'workload'; message: string };

type Reveal = (object: NativeObject) => Promise<NativeObject>;
const asItIs: Reveal = (object) => Promise.resolve(object);

const KNOWN_RESOURCES: Readonly<Record<string, KubeResource>> = {
  'apps/v1 Deployment': resources.deployments,
  'batch/v1 Job': resources.jobs,
  'v1 ConfigMap': resources.configMaps,
  'v1 Secret': resources.secrets,
  'scheduling.k8s.io/v1 PriorityClass': resources.priorityClasses,
};

export class ObjectApplier {
  /** By uid of the native object: its version after our last apply. Another one means that someone changed it. */
  private readonly applied = new Map<string, string>();

  constructor(private readonly session: ClusterSession) {}

  /**
   * @param reveal what is sent in the place of `desired`, asked for just before; see Unsealer.
   * @throws KubeApiError, KubeUnreachableError, and what `reveal` throws
   */
  async apply(desired: NativeObject, signal: AbortSignal, reveal: Reveal = asItIs): Promise<ApplyResult> {
    const resource = await this.resourceOf(desired, signal);
    const live = await this.find(resource, desired, signal);
    const plan = planChange(desired, live);
    switch (plan.action) {
      case 'none':
        if (live === undefined || this.isUntouched(desired, live)) return { type: 'applied' };
        return this.repair(resource, desired, signal, reveal);
      case 'create':
      case 'apply':
        return this.send(resource, desired, signal, reveal);
      case 'replace':
        await this.remove(resource, live, 'Foreground', signal);
        return {
          type: 'waiting',
          message: 'what cannot be changed has changed: the old object goes, then it is made anew',
        };
      case 'wait':
        return { type: 'waiting', message: 'the object that was there before is being deleted' };
      case 'stale':
        return { type: 'stale', message: plan.message };
      case 'conflict':
        // Someone took our label off what we made: that is drift.
        if (plan.by === 'foreign' && this.applied.has(live?.metadata.uid ?? '')) {
          return this.send(resource, desired, signal, reveal);
        }
        return { type: 'conflict', by: plan.by, message: plan.message };
    }
  }

  /** Deletes exactly this object, never a namesake made since. True when it was there. */
  async remove(
    resource: KubeResource,
    object: NativeObject | undefined,
    propagationPolicy: 'Background' | 'Foreground',
    signal: AbortSignal,
  ): Promise<boolean> {
    const uid = object?.metadata.uid;
    if (object === undefined || uid === undefined) return false;
    await this.release(resource, object, signal);
    try {
      await this.session.client.delete(resource, object.metadata, {
        preconditions: { uid },
        propagationPolicy,
        signal,
      });
      return true;
    } catch (error) {
      // Gone already, or another object of that name: either way this one is not there any more.
      if (error instanceof KubeApiError && (error.code === 404 || error.code === 409)) return false;
      throw error;
    }
  }

  /** Lets go of an object that is held until it is reported. True when it was held. */
  async release(resource: KubeResource, object: NativeObject, signal: AbortSignal): Promise<boolean> {
    const at = object.metadata.finalizers?.indexOf(FINALIZER_REPORT) ?? -1;
    if (at < 0) return false;
    const path = `/metadata/finalizers/${at}`;
    const patch = [
      { op: 'test', path, value: FINALIZER_REPORT },
      { op: 'remove', path },
    ];
    try {
      await this.session.client.patch(resource, object.metadata, patch, {
        contentType: 'application/json-patch+json',
        fieldManager: FIELD_MANAGER,
        signal,
      });
    } catch (error) {
      if (!(error instanceof KubeApiError && error.code === 404)) throw error;
    }
    return true;
  }

  /** Forgets what was applied to an object that is gone. */
  forget(nativeUid: string | undefined): void {
    if (nativeUid !== undefined) this.applied.delete(nativeUid);
  }

  async resourceOf(object: NativeObject, signal: AbortSignal): Promise<KubeResource> {
    const { apiVersion = 'v1', kind = '' } = object;
    return KNOWN_RESOURCES[`${apiVersion} ${kind}`] ?? this.session.client.resourceOf(apiVersion, kind, { signal });
  }

  /** From the cache; where that does not know of other people's objects the API is asked, so that none is taken over. */
  private async find(
    resource: KubeResource,
    desired: NativeObject,
    signal: AbortSignal,
  ): Promise<NativeObject | undefined> {
    const cached = this.session.cacheOf(resource.kind)?.store.get(keyOf(desired.metadata));
    if (cached !== undefined || this.session.knowsAll(resource.kind)) return cached;
    return await this.session.client.find<KubeObject>(resource, desired.metadata, { signal });
  }

  private isUntouched(desired: NativeObject, live: NativeObject): boolean {
    const uid = live.metadata.uid ?? '';
    const version = typeof live['version'] === 'string' ? live['version'] : versionOf(live);
    const known = this.applied.get(uid);
    if (known === undefined && 'spec' in live && covers(desired['spec'], live['spec'])) {
      // Made by the process before this one, and as it should be: adopted.
      this.applied.set(uid, version);
      return true;
    }
    return known === version || isBehind(live, known);
  }

  /** It was made from what is desired, and may have been changed since. If its values cannot be had now, it is taken as it is. */
  private async repair(
    resource: KubeResource,
    desired: NativeObject,
    signal: AbortSignal,
    reveal: Reveal,
  ): Promise<ApplyResult> {
    try {
      return await this.send(resource, desired, signal, reveal);
    } catch (error) {
      if (error instanceof SecretSealedError) return { type: 'applied' };
      throw error;
    }
  }

  private async send(
    resource: KubeResource,
    desired: NativeObject,
    signal: AbortSignal,
    reveal: Reveal,
  ): Promise<ApplyResult> {
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    const applied = await this.session.client.applyServerSide(resource, await reveal(desired), options);
    if (applied.metadata.uid !== undefined) this.applied.set(applied.metadata.uid, versionOf(applied));
    return { type: 'applied' };
  }
}

/** The cache has not seen our own apply yet: generations only grow. */
const isBehind = ({ metadata: { generation } }: NativeObject, applied: string | undefined): boolean =>
  generation !== undefined && applied !== undefined && generation < Number(applied);
