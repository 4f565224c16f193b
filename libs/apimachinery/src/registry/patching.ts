/** Patches: JSON patch, merge patch, strategic merge patch and server-side apply, tried again when the object moved on. */
import { badRequest, conflict, isStatus, notFound } from '../api/errors.js';
import { cloneJson, isRecord, type KubeObject, valueAt } from '@skyflow/contracts';
import type { WriteOptions, WriteResult } from '../api/request-options.js';
import { StatusError } from '../api/status-error.js';
import { jsonPatch } from '../patch/json-patch.js';
import { mergePatch } from '../patch/merge-patch.js';
import { strategicMergePatch } from '../patch/strategic-merge-patch.js';
import type { RequestContext } from '../store/resource-store.js';
import { storeChange } from './change.js';
import type { InputTarget } from './object-input.js';
import type { ResourceSetup } from './resource-setup.js';
import { WRITE_ATTEMPTS } from './write-attempts.js';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchRequest {
  target: InputTarget & { name: string };
  type: PatchType;
  /** The decoded patch; not changed. */
  patch: unknown;
  subresource?: string;
  options: WriteOptions & { force?: boolean };
  context: RequestContext;
}

/** @throws StatusError as an update, and 400 or 422 for a patch that does not fit the object. */
export async function patchObject(setup: ResourceSetup, request: PatchRequest): Promise<WriteResult<KubeObject>> {
  const { target, context, options, subresource } = request;
  for (let attempt = 1; ; attempt++) {
    const live = await setup.store.get(target, context);
    if (live === undefined) throw notFound(setup.definition, target.name);
    const next = cloneJson(patched(setup, request, live));
    try {
      return await storeChange(setup, {
        live,
        next,
        target,
        options,
        context,
        ...(subresource === undefined ? {} : { subresource }),
      });
    } catch (error) {
      if (attempt >= WRITE_ATTEMPTS || !isStatus(error, 'Conflict') || namesVersion(next, live)) throw error;
    }
  }
}

function patched(setup: ResourceSetup, { type, patch }: PatchRequest, live: KubeObject): unknown {
  const { definition, schemas } = setup;
  switch (type) {
    case 'json':
      return jsonPatch(live, patch);
    case 'merge':
      return mergePatch(live, requireObject(patch));
    case 'strategic':
      if (!takesStrategicMerge(setup)) throw unsupportedPatch(setup);
      return strategicMergePatch(live, requireObject(patch), definition.schema, schemas);
    case 'apply':
      throw conflict(definition, live.metadata.name, 'apply goes through applyObject');
  }
}

/** Strategic merge is for kinds that Kubernetes compiles in; custom kinds (a group with a dot) must say so. */
function takesStrategicMerge({ definition }: Pick<ResourceSetup, 'definition'>): boolean {
  return definition.strategicMerge ?? (!definition.group.includes('.') || definition.group.endsWith('.k8s.io'));
}

function unsupportedPatch({ definition }: ResourceSetup): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `application/strategic-merge-patch+json is not supported for ${definition.kind}; send application/merge-patch+json, application/json-patch+json or application/apply-patch+yaml (kubectl: --type=merge)`,
  );
}

function requireObject(patch: unknown): Record<string, unknown> {
  if (isRecord(patch)) return patch;
  throw badRequest(`the patch must be a JSON object, got ${Array.isArray(patch) ? 'a list' : JSON.stringify(patch)}`);
}

/** Whether the patch itself insists on a version, so that trying again is pointless. */
function namesVersion(next: unknown, live: KubeObject): boolean {
  const version = valueAt(next, 'metadata.resourceVersion');
  const uid = valueAt(next, 'metadata.uid');
  return version !== live.metadata.resourceVersion || uid !== live.metadata.uid;
}
