/**
 * Takes a withdrawn workload off the cluster. Only a withdrawal leads here; only objects with our label, the workload's uid and
 * the very native uid are deleted. "Gone" is said after asking the API itself, pods included, never from a cache alone.
 */
import { LABEL_WORKLOAD_UID, type ObjectRef } from '@skyflow/contracts';
import { resources } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { ObjectApplier } from './object-applier.js';

export type Removal = { type: 'gone' } | { type: 'waiting'; for: string };

/** @throws KubeApiError, KubeUnreachableError */
export async function removeWorkload(
  session: ClusterSession,
  applier: ObjectApplier,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<Removal> {
  for (const { resource, object } of session.workloadsOf(ref.uid)) {
    if (object.metadata.deletionTimestamp === undefined) await applier.remove(resource, object, 'Background', signal);
    else await applier.release(resource, object, signal);
    applier.forget(object.metadata.uid);
  }
  const left = await firstLeft(session, ref, signal);
  return left === undefined ? { type: 'gone' } : { type: 'waiting', for: left };
}

async function firstLeft(session: ClusterSession, ref: ObjectRef, signal: AbortSignal): Promise<string | undefined> {
  // What the caches still show is there, or was a moment ago: no need to ask.
  const [cached] = [...session.workloadsOf(ref.uid).map(({ object }) => object), ...session.podsOf(ref.uid)];
  if (cached !== undefined) return `${cached.kind ?? 'object'} ${cached.metadata.name}`;
  for (const resource of [resources.deployments, resources.jobs, resources.pods]) {
    const { items } = await session.client.list(resource, {
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      labelSelector: `${LABEL_WORKLOAD_UID}=${ref.uid}`,
      limit: 1,
      signal,
    });
    const [item] = items;
    if (item !== undefined) return `${resource.kind} ${item.metadata.name}`;
  }
  return undefined;
}
