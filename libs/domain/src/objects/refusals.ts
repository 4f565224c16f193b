/** The reasons for which a command about an object is refused, each with what to do. */
import { type Position, type StoredObject, isWorkloadKind } from '@skyflow/contracts';
import type { ObjectRecord } from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import type { Rejection } from './rejection.js';
import { nativeKindOf } from './workload-facts.js';

/** Namespaced objects need a namespace that is there to stay. */
export function namespaceProblem(state: ObjectsState, namespace: string): Rejection | undefined {
  if (namespace === '') return undefined;
  const record = state.table.get('Namespace', '', namespace);
  if (record === undefined) {
    const message = `namespaces "${namespace}" not found; create it first, or use one of those there are`;
    return { rejected: 'NAMESPACE_NOT_FOUND', message, field: 'metadata.namespace' };
  }
  if (record.deletedAt === 0) return undefined;
  const message = `namespace "${namespace}" is being deleted, nothing new can be created in it; wait until it is gone or use another`;
  return { rejected: 'NAMESPACE_TERMINATING', message, field: 'metadata.namespace' };
}

export function alreadyExists(existing: ObjectRecord): Rejection {
  const next =
    existing.deletedAt > 0 ? ' and is being deleted; wait until it is gone' : '; choose another name or update it';
  return {
    rejected: 'ALREADY_EXISTS',
    message: `${existing.kind} "${existing.name}" already exists${next}`,
    field: 'metadata.name',
  };
}

/** A Job that runs for ever and a Deployment of the same name would be one native object on a cluster. */
export function takenName(state: ObjectsState, object: StoredObject): Rejection | undefined {
  if (!isWorkloadKind(object.kind)) return undefined;
  const { name, namespace = '' } = object.metadata;
  const other = state.table.get(object.kind === 'Job' ? 'Deployment' : 'Job', namespace, name);
  if (other === undefined || other.workload?.facts.native !== nativeKindOf(object)) return undefined;
  return {
    rejected: 'NAME_TAKEN',
    field: 'metadata.name',
    message:
      `${other.kind} "${name}" has this name in namespace "${namespace}", and both would become the native ` +
      `${other.workload?.facts.native ?? ''} "${name}" on the clusters; choose another name`,
  };
}

/** The pods of a workload are part of it here: it cannot leave them behind, and taking them away would be the opposite of what was asked. */
export const podsCannotStay = ({ kind, name }: ObjectRecord): Rejection => ({
  rejected: 'IMMUTABLE',
  field: 'propagationPolicy',
  message: `Orphan would leave the pods of ${kind} "${name}" behind, which SkyFlow does not do; use Background or Foreground, or cordon its clusters and keep it`,
});

export const missing = (kind: string, namespace: string, name: string): Rejection => ({
  rejected: 'NOT_FOUND',
  message: `${kind} "${name}" not found${namespace === '' ? '' : ` in namespace "${namespace}"`}`,
});

export const conflict = (old: ObjectRecord, expect: Position): Rejection => ({
  rejected: 'CONFLICT',
  field: 'metadata.resourceVersion',
  message:
    `the ${old.kind} "${old.name}" has been modified since version ${String(expect)} (it is at ${String(old.specPosition)}); ` +
    'please apply your changes to the latest version and try again',
});
