/**
 * Decisions on commands about API objects. Pure; deciding a command again after its entries were folded gives no further entry, or says
 * that it is already so. A refusal is a value.
 */
import { type Position, type StoredObject, isWorkloadKind } from '@skyflow/contracts';
import type {
  Accepted,
  CreateObject,
  Decision,
  DeleteObject,
  ObjectCommand,
  ObjectEntryDraft,
  UpdateObject,
} from './commands.js';
import { ENTRIES_PER_COMMAND } from './commands.js';
import { requestPrint } from './idempotency.js';
import { withPropagation } from './garbage/propagation.js';
import { queueDeletionProblem, queueingProblem } from './queueing-refusals.js';
import type { ObjectRecord } from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import { hasDerivedStatus, refOf, writtenFields } from './records.js';
import { placementProblem } from './placement-refusals.js';
import { QuotaClaims } from './quotas/quota-claims.js';
import { quotaVerdict } from './quotas/quota-refusals.js';
import { type Rejection, isRejection } from './rejection.js';
import { alreadyExists, conflict, missing, namespaceProblem, podsCannotStay, takenName } from './refusals.js';
import { nativeKindOf } from './workload-facts.js';

/** The namespace that always exists. */
export const DEFAULT_NAMESPACE = 'default';

/** @param claims what commands before it in the same commit take of quotas. */
export function decideObjects(
  state: ObjectsState,
  command: ObjectCommand,
  claims: QuotaClaims = QuotaClaims.none(),
): Decision {
  const before = remembered(state, command);
  if (before !== undefined) return before;
  switch (command.verb) {
    case 'create':
      return decideCreate(state, command, claims);
    case 'update':
      return decideUpdate(state, command, claims);
    case 'delete':
      return decideDelete(state, command);
  }
}

function decideCreate(state: ObjectsState, { object }: CreateObject, claims: QuotaClaims): Decision {
  const { name, namespace = '' } = object.metadata;
  const problem = namespaceProblem(state, namespace);
  if (problem) return problem;
  const existing = state.table.get(object.kind, namespace, name);
  if (existing) return alreadyExists(existing);
  const taken =
    takenName(state, object) ?? placementProblem(state, object, undefined) ?? queueingProblem(state, object, undefined);
  if (taken) return taken;
  const claim = quotaVerdict(state, object, undefined, claims);
  if (isRejection(claim)) return claim;
  const created = withoutServerFields(object);
  return {
    entries: [{ type: 'ObjectCreated', data: { object: created } }],
    ref: { kind: object.kind, ...(namespace === '' ? {} : { namespace }), name, uid: object.metadata.uid },
    claim,
  };
}

function decideUpdate(state: ObjectsState, { object, expect }: UpdateObject, claims: QuotaClaims): Decision {
  const { name, namespace = '', uid } = object.metadata;
  const old = state.table.get(object.kind, namespace, name);
  if (old === undefined) return missing(object.kind, namespace, name);
  const stale = staleWrite(old, uid, expect);
  if (stale) return stale;
  if (old.workload !== undefined && nativeKindOf(object) !== old.workload.facts.native) {
    return {
      rejected: 'IMMUTABLE',
      field: 'spec.template.spec.restartPolicy',
      message: `${old.kind} ${name} cannot change between running for ever and running to completion; delete it and create it anew`,
    };
  }
  const problem = placementProblem(state, object, old) ?? queueingProblem(state, object, old);
  if (problem) return problem;
  const written = writtenFields(object, state);
  const sameBody = written.body === old.body;
  if (sameBody && written.meta === old.meta && written.managed === old.managed) return { entries: [], ref: refOf(old) };
  const claim = quotaVerdict(state, object, old, claims);
  if (isRejection(claim)) return claim;
  const next = withoutServerFields(object);
  next.metadata.creationTimestamp = old.creationTimestamp;
  if (old.workload !== undefined) next.metadata.generation = old.generation + (sameBody ? 0 : 1);
  return {
    entries: [{ type: 'ObjectUpdated', data: { object: next, expect: expect ?? old.position } }],
    ref: refOf(old),
    claim,
  };
}

function decideDelete(state: ObjectsState, command: DeleteObject): Decision {
  const { kind, namespace = '', name, uid, expect, propagation } = command;
  // Nothing else waits for clusters; finalizers are never passed over.
  const force = command.force === true && (isWorkloadKind(kind) || kind === 'Cluster' || kind === 'Service');
  const old = state.table.get(kind, namespace, name);
  if (old === undefined) return missing(kind, namespace, name);
  const stale = staleWrite(old, uid, expect);
  if (stale) return stale;
  if (expect !== undefined && expect > state.position) return conflict(old, expect);
  if (kind === 'Namespace' && name === DEFAULT_NAMESPACE) {
    return { rejected: 'PROTECTED', message: `namespace "${name}" cannot be deleted; delete what is in it instead` };
  }
  const inUse = queueDeletionProblem(state, old);
  if (inUse) return inUse;
  const ref = refOf(old);
  const podsStay = propagation === 'Orphan' && isWorkloadKind(kind) && old.deletedAt === 0;
  if (podsStay) return podsCannotStay(old);
  const isMarked = withPropagation(state, old, propagation) !== old;
  if (old.deletedAt > 0 && !force && !isMarked) return { entries: [], ref };
  const data = { ref, ...(force ? { force } : {}), ...(isMarked ? { propagation } : {}) };
  const deletion: ObjectEntryDraft = { type: 'ObjectDeleted', data };
  const contents = kind === 'Namespace' ? deletionsIn(state, name, ENTRIES_PER_COMMAND - 1) : [];
  return { entries: [deletion, ...contents], ref };
}

function deletionsIn(state: ObjectsState, namespace: string, limit: number): ObjectEntryDraft[] {
  const entries: ObjectEntryDraft[] = [];
  for (const record of state.table.contentsOf(namespace)) {
    if (entries.length >= limit) break;
    if (record.deletedAt === 0) entries.push({ type: 'ObjectDeleted', data: { ref: refOf(record) } });
  }
  return entries;
}

function staleWrite(old: ObjectRecord, uid: string | undefined, expect: Position | undefined): Rejection | undefined {
  if (uid !== undefined && uid !== '' && uid !== old.uid) {
    const message = `${old.kind} "${old.name}" is another object now (uid ${old.uid}, not ${uid}); read it again`;
    return { rejected: 'UID_MISMATCH', message, field: 'metadata.uid' };
  }
  return expect !== undefined && old.specPosition > expect ? conflict(old, expect) : undefined;
}

function remembered(state: ObjectsState, command: ObjectCommand): Accepted | Rejection | undefined {
  const before = command.key === undefined ? undefined : state.idempotency.get(command.key);
  if (before === undefined) return undefined;
  const subject = command.verb === 'delete' ? deletedRef(command) : command.object;
  if (before.print === requestPrint(command.verb, subject)) {
    return { entries: [], ref: before.ref, replayOf: before.position };
  }
  return {
    rejected: 'KEY_REUSED',
    message: `this idempotency key was used for another request, about ${before.ref.kind} "${before.ref.name}"; use a new key for a new request`,
  };
}

const deletedRef = ({
  kind,
  namespace,
  name,
}: DeleteObject): { kind: string; namespace?: string; name: string; uid: string } => ({
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
  uid: '',
});

/** The object as the log keeps it. */
function withoutServerFields(object: StoredObject): StoredObject {
  const {
    resourceVersion: _version,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    ...metadata
  } = object.metadata as StoredObject['metadata'] & Record<string, unknown>;
  const stored: StoredObject = { ...object, metadata: { ...metadata } };
  if (hasDerivedStatus(object.kind)) delete stored.status;
  return stored;
}
