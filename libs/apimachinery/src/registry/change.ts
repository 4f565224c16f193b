/**
 * Changing a stored object: what both update and patch do once the new state is known. System metadata is kept, status and
 * spec are kept apart, generation rises when the spec changed, and a change that changes nothing is not written.
 */
import { badRequest, conflict, invalid, modified } from '../api/errors.js';
import { cloneJson, equalJson, type KubeMetadata, type KubeObject, type StatusCause } from '@skyflow/contracts';
import type { WriteOptions, WriteResult } from '../api/request-options.js';
import { validate } from '../schema/validate.js';
import type { RequestContext } from '../store/resource-store.js';
import { recordManager } from './field-ownership.js';
import { lookingAt } from './malformed.js';
import { metadataCauses, metadataUpdateCauses } from './metadata-rules.js';
import { readEnvelope, readFields, type InputTarget } from './object-input.js';
import type { ResourceSetup } from './resource-setup.js';

export interface Change {
  live: KubeObject;
  /** The wanted state as decoded; changed and stored. */
  next: unknown;
  target: InputTarget;
  subresource?: string;
  options: WriteOptions;
  context: RequestContext;
  /** Another name for the endpoint in managedFields: `scale` writes the object itself. */
  writtenBy?: string;
  /** managedFields are final already (server-side apply). */
  ownershipIsSet?: boolean;
}

/**
 * @throws StatusError 400, 409, 422 and what admission and store throw; 409 Conflict when the object has changed since `live`.
 */
export async function storeChange(setup: ResourceSetup, change: Change): Promise<WriteResult<KubeObject>> {
  const { definition, store } = setup;
  const { live, options, context, subresource } = change;
  const given = readEnvelope(setup, change.next, change.target);
  const next = subresource === 'status' ? withOnlyStatus(live, given) : given;
  const warnings = readFields(setup, next, options.fieldValidation);
  keepSystemMetadata(setup, next.metadata, live, change.ownershipIsSet === true);
  if (subresource === undefined && definition.hasStatus === true) {
    if (live.status === undefined) delete next.status;
    else next.status = cloneJson(live.status);
  }
  const nowMs = setup.nowMs();
  // A client may rewrite the record itself, as kubectl does on its way from client-side to server-side apply.
  const rewritesOwnership = !equalJson(next.metadata.managedFields ?? [], live.metadata.managedFields ?? []);
  if (change.ownershipIsSet !== true) {
    recordManager(setup, {
      old: live,
      updated: next,
      options,
      nowMs,
      ...optional(subresource),
      ...(change.writtenBy === undefined ? {} : { writtenBy: change.writtenBy }),
    });
  }
  const strategy = definition.strategy;
  const strategyContext = { nowMs, request: context, ...optional(subresource) };
  await lookingAt(setup, next, async () => {
    strategy?.prepareForUpdate?.(next, live, strategyContext);
    if (definition.tracksGeneration !== false && subresource !== 'status' && specChanged(next, live)) {
      next.metadata.generation = (live.metadata.generation ?? 0) + 1;
    }
    for (const admit of setup.admission) {
      await admit({ operation: 'update', definition, object: next, old: live, context, ...optional(subresource) });
    }
  });

  const causes: StatusCause[] = [
    ...metadataCauses(definition, next.metadata),
    ...metadataUpdateCauses(next.metadata, live.metadata),
    ...validate(next, definition.schema, setup.schemas),
  ];
  if (causes.length === 0) {
    causes.push(...(strategy?.validate?.(next, strategyContext) ?? []));
    causes.push(...(strategy?.validateUpdate?.(next, live, strategyContext) ?? []));
  }
  if (causes.length > 0) throw invalid(definition, live.metadata.name, causes);

  warnings.push(...(strategy?.warnings?.(next) ?? []));
  if (changesNothing(next, live, change.ownershipIsSet === true || rewritesOwnership))
    return { object: live, warnings };
  for (const admit of setup.validatingAdmission) {
    await admit({ operation: 'update', definition, object: next, old: live, context, ...optional(subresource) });
  }
  if (context.dryRun === true) {
    if (subresource !== 'status') await store.assertWritable?.('update', [next], context);
    return { object: next, warnings };
  }
  const { resourceVersion } = live.metadata;
  const stored = await store.update(next, context, {
    ...(resourceVersion === undefined ? {} : { expectedResourceVersion: resourceVersion }),
    ...optional(subresource),
  });
  return { object: stored, warnings };
}

/** Fills in what clients may leave out, and refuses a change made from another version or of another object. */
function keepSystemMetadata(
  { definition, store }: ResourceSetup,
  metadata: KubeMetadata,
  object: KubeObject,
  ownershipIsSet: boolean,
): void {
  const live = object.metadata;
  if (metadata.uid && metadata.uid !== live.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${live.uid ?? ''}`;
    throw conflict(definition, live.name, why);
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== live.resourceVersion) {
    if (!/^\d+$/.test(metadata.resourceVersion)) {
      throw badRequest(
        `metadata.resourceVersion: "${metadata.resourceVersion}" is not a version; send the one that the last read returned, or none`,
      );
    }
    if (store.isCurrent?.(object, metadata.resourceVersion) !== true) throw modified(definition, live.name);
  }
  assign(metadata, 'uid', live.uid);
  assign(metadata, 'resourceVersion', live.resourceVersion);
  assign(metadata, 'generation', live.generation);
  metadata.creationTimestamp ??= live.creationTimestamp ?? '';
  if (metadata.deletionTimestamp === undefined) assign(metadata, 'deletionTimestamp', live.deletionTimestamp);
  if (metadata.deletionGracePeriodSeconds === undefined) {
    assign(metadata, 'deletionGracePeriodSeconds', live.deletionGracePeriodSeconds);
  }
  // Nobody owns anything any more: that is final too.
  if (metadata.managedFields === undefined && !ownershipIsSet) {
    assign(metadata, 'managedFields', live.managedFields);
  }
}

function assign<K extends keyof KubeMetadata>(
  metadata: KubeMetadata,
  field: K,
  value: KubeMetadata[K] | undefined,
): void {
  if (value === undefined) Reflect.deleteProperty(metadata, field);
  else metadata[field] = value;
}

/** The live object (a copy) with the given status, and the given versions to be checked. */
function withOnlyStatus(live: KubeObject, given: KubeObject): KubeObject {
  const next = cloneJson(live);
  if (given.status === undefined) delete next.status;
  else next.status = given.status;
  for (const field of ['uid', 'resourceVersion', 'managedFields'] as const) {
    if (given.metadata[field] !== undefined) assign(next.metadata, field, given.metadata[field]);
  }
  return next;
}

function specChanged(next: KubeObject, live: KubeObject): boolean {
  const differs = (key: string): boolean => key !== 'metadata' && key !== 'status' && !equalJson(next[key], live[key]);
  return Object.keys(next).some(differs) || Object.keys(live).some((key) => !(key in next) && differs(key));
}

function changesNothing(next: KubeObject, live: KubeObject, withOwnership: boolean): boolean {
  const comparable = (object: KubeObject): unknown => ({
    ...object,
    metadata: {
      ...object.metadata,
      managedFields: withOwnership
        ? object.metadata.managedFields?.map((entry) => ({ ...entry, time: undefined }))
        : undefined,
    },
  });
  return equalJson(comparable(next), comparable(live));
}

const optional = (subresource: string | undefined): { subresource?: string } =>
  subresource === undefined ? {} : { subresource };
