/** Server-side apply: creates the object, or merges what the manager applies, by ownership of fields (KEP-555). */
import { badRequest, conflict, isStatus, notFound } from '../api/errors.js';
import { cloneJson, isRecord, type KubeObject } from '@skyflow/contracts';
import type { WriteResult } from '../api/request-options.js';
import { applyWithLastApplied } from '../patch/ownership/last-applied.js';
import { findUnknownFields } from '../schema/unknown-fields.js';
import { storeChange } from './change.js';
import { createObject } from './creation.js';
import { ignoredFields } from './field-ownership.js';
import { dropUnknownFields, readEnvelope } from './object-input.js';
import type { RequestContext } from '../store/resource-store.js';
import type { PatchRequest } from './patching.js';
import { apiVersionOf, type ResourceSetup } from './resource-setup.js';
import { WRITE_ATTEMPTS } from './write-attempts.js';

/**
 * `created`: there was no such object.
 * @throws StatusError 409 Conflict with a cause for each field that another manager owns, and as create and update.
 */
export async function applyObject(
  setup: ResourceSetup,
  request: PatchRequest,
): Promise<WriteResult<KubeObject> & { created: boolean }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryApply(setup, request);
    } catch (error) {
      const raced = (isStatus(error, 'Conflict') && !isFieldConflict(error)) || isStatus(error, 'AlreadyExists');
      if (attempt >= WRITE_ATTEMPTS || !raced || insists(request.patch)) throw error;
    }
  }
}

const asReader = ({ verb: _write, ...context }: RequestContext): RequestContext => context;

async function tryApply(
  setup: ResourceSetup,
  request: PatchRequest,
): Promise<WriteResult<KubeObject> & { created: boolean }> {
  const { definition, schemas, store } = setup;
  const { target, options, context, subresource, patch } = request;
  if (!isRecord(patch) || patch.kind === undefined || patch.apiVersion === undefined) {
    throw badRequest('an applied configuration must be an object with apiVersion and kind');
  }
  const applied = readEnvelope(setup, cloneJson(patch), target);
  refuseUnknownFields(setup, applied);
  const warnings = dropUnknownFields(setup, applied, options.fieldValidation);
  // Of what there may be and is not known a store tells a write nothing; here it is created, and the store says whether it was there.
  const live = await store.get(target, subresource === undefined ? asReader(context) : context);
  if (live === undefined && subresource !== undefined) throw notFound(definition, target.name);
  const { object, managedFields } = applyWithLastApplied({
    applied,
    manager: options.fieldManager ?? '',
    force: options.force === true,
    apiVersion: apiVersionOf(definition),
    schema: definition.schema,
    set: schemas,
    nowMs: setup.nowMs(),
    ignoredFields: ignoredFields(definition, subresource),
    ...(live === undefined ? {} : { live }),
    ...(subresource === undefined ? {} : { subresource }),
  });
  const inner = { ...options, fieldValidation: 'Ignore' as const };
  const next = cloneJson(object);
  if (live === undefined) {
    const { uid } = applied.metadata;
    if (uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(definition, target.name, why);
    }
    const created = await createObject(setup, next, target, inner, context, managedFields);
    return { object: created.object, warnings: [...warnings, ...created.warnings], created: true };
  }
  const changed = await storeChange(setup, {
    live,
    next,
    target,
    options: inner,
    context,
    ownershipIsSet: true,
    ...(subresource === undefined ? {} : { subresource }),
  });
  return { object: changed.object, warnings: [...warnings, ...changed.warnings], created: false };
}

/** What nobody knows nobody can own: whatever validation was asked for. @throws StatusError 400 */
function refuseUnknownFields({ definition, schemas }: ResourceSetup, applied: KubeObject): void {
  const [first] = findUnknownFields(applied, definition.schema, schemas);
  if (first === undefined) return;
  const { namespace = '', name } = applied.metadata;
  const what = `${namespace}/${name}; ${apiVersionOf(definition)}, Kind=${definition.kind}`;
  throw badRequest(`failed to create typed patch object (${what}): .${first.path}: field not declared in schema`);
}

const isFieldConflict = (error: { details?: { causes?: { reason: string }[] } | undefined }): boolean =>
  error.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict') === true;

/** Whether the configuration names a version or uid, so that trying again is pointless. */
const insists = (patch: unknown): boolean =>
  isRecord(patch) && isRecord(patch.metadata) && Boolean(patch.metadata.resourceVersion ?? patch.metadata.uid);
