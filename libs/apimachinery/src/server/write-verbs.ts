/** create, update, patch, delete and deletecollection over HTTP. */
import { badRequest, invalidOptions, type OptionsKind } from '../api/errors.js';
import { cloneJson, forbiddenCause, isRecord, type KubeObject, requiredCause } from '@skyflow/contracts';
import { jsonPatch } from '../patch/json-patch.js';
import { mergePatch } from '../patch/merge-patch.js';
import type { PatchRequest, PatchType } from '../registry/patching.js';
import type { UpdateRequest } from '../registry/resource.js';
import { apiVersionOf } from '../registry/resource-setup.js';
import type { RequestContext } from '../store/resource-store.js';
import type { Call } from './call.js';
import { deleteOptions, isTrue, selectorsOf, writeOptions } from './query.js';
import { answerList, answerObject, keyOf } from './read-verbs.js';
import { contentType, decodeJson, decodeYaml, readBody, readObject, unsupportedType } from './request-body.js';
import { send } from './response.js';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

export async function serveCreate(call: Call): Promise<void> {
  const { dryRun, ...options } = writeOptions(call.query, call.request.headers['user-agent'], 'CreateOptions');
  const body = await objectBody(call);
  const context = withDryRun(call.context, dryRun);
  const target = call.path.namespace === undefined ? {} : { namespace: call.path.namespace };
  const items = itemsOfList(call, body);
  if (items === undefined) {
    const { object, warnings } = await call.resource.create(body, target, options, context);
    answerObject(call, 201, object, warnings);
    return;
  }
  const { object: created, warnings } = await call.resource.createMany(items, target, options, context);
  const resourceVersion = created.at(-1)?.metadata.resourceVersion ?? '';
  answerList(call, 201, { items: created, resourceVersion }, warnings);
}

/** SkyFlow's extension: a List posted to a collection creates all of its items in one go. */
function itemsOfList({ resource }: Call, body: unknown): readonly unknown[] | undefined {
  if (!isRecord(body) || !('items' in body)) return undefined;
  const { kind, apiVersion, items } = body;
  const { definition } = resource;
  const ours = kind === `${definition.kind}List` && apiVersion === apiVersionOf(definition);
  if (!ours && !(kind === 'List' && apiVersion === 'v1')) return undefined;
  if (Array.isArray(items)) return items as unknown[];
  throw badRequest(`items: must be a list of ${definition.kind} objects`);
}

export async function serveUpdate(call: Call): Promise<void> {
  const body = await objectBody(call);
  const { options, request } = updateRequest(call, 'UpdateOptions');
  const { object, warnings } =
    call.path.subresource === 'scale'
      ? await call.resource.updateScale(() => body, { ...request, options })
      : await call.resource.update(body, { ...request, options });
  answerObject(call, 200, object, warnings);
}

export async function servePatch(call: Call): Promise<void> {
  const type = PATCH_TYPES[contentType(call.request)];
  if (type === undefined) throw unsupportedType(contentType(call.request), Object.keys(PATCH_TYPES));
  const raw = await readBody(call.request, call.limits);
  const patch = type === 'apply' ? decodeYaml(raw, call.limits) : decodeJson(raw, call.limits);
  if (patch === undefined) throw badRequest('the body of a patch must not be empty');
  const { options, request } = updateRequest(call, 'PatchOptions');
  if (call.path.subresource === 'scale') {
    const { object, warnings } = await call.resource.updateScale((scale) => patchedScale(type, scale, patch), {
      ...request,
      options,
    });
    answerObject(call, 200, object, warnings);
    return;
  }
  const force = call.query.get('force');
  if (force !== null && type !== 'apply') {
    throw invalidOptions('PatchOptions', forbiddenCause('force', 'may not be specified for non-apply patch'));
  }
  if (type === 'apply' && !call.query.get('fieldManager')) {
    throw invalidOptions('PatchOptions', requiredCause('fieldManager', 'is required for apply patch'));
  }
  const patchRequest: PatchRequest = { ...request, options, type, patch };
  if (force !== null) patchRequest.options = { ...options, force: isTrue(force) };
  const { object, warnings, created } = await call.resource.patch(patchRequest);
  answerObject(call, created ? 201 : 200, object, warnings);
}

function patchedScale(type: PatchType, scale: KubeObject, patch: unknown): unknown {
  if (type === 'json') return jsonPatch(scale, patch);
  return cloneJson(mergePatch(scale, patch));
}

export async function serveDelete(call: Call): Promise<void> {
  const { dryRun, ...options } = deleteOptions(call.query, await optionalBody(call));
  const { object, gone } = await call.resource.delete(keyOf(call), options, withDryRun(call.context, dryRun));
  if (!gone || call.resource.definition.returnsDeleted === true) {
    answerObject(call, 200, object);
    return;
  }
  const { definition } = call.resource;
  const { name, uid } = object.metadata;
  const details = {
    name,
    ...(definition.group === '' ? {} : { group: definition.group }),
    kind: definition.plural,
    uid,
  };
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  send(call.response, { code: 200, body }, call.representation);
}

export async function serveDeleteCollection(call: Call): Promise<void> {
  const { dryRun, ...options } = deleteOptions(call.query, await optionalBody(call));
  const { namespace } = call.path;
  const scope = {
    selectors: selectorsOf(call.query, call.resource.definition),
    ...(namespace === undefined ? {} : { namespace }),
    ...(call.visible === undefined ? {} : { visible: call.visible }),
  };
  const removed = await call.resource.deleteCollection(scope, options, withDryRun(call.context, dryRun));
  answerList(call, 200, removed);
}

async function objectBody({ request, limits, resource }: Call): Promise<unknown> {
  const body = await readObject(request, limits);
  if (body !== undefined) return body;
  throw badRequest(`the body is empty; send one ${resource.definition.kind} object in JSON or YAML`);
}

async function optionalBody({ request, limits }: Call): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return length === '0' || (length === undefined && encoding === undefined) ? undefined : readObject(request, limits);
}

function updateRequest(
  call: Call,
  kind: OptionsKind,
): { options: UpdateRequest['options']; request: Omit<UpdateRequest, 'options'> } {
  const { dryRun, ...options } = writeOptions(call.query, call.request.headers['user-agent'], kind);
  const { subresource } = call.path;
  return {
    options,
    request: {
      target: keyOf(call),
      context: withDryRun(call.context, dryRun),
      ...(subresource === undefined ? {} : { subresource }),
    },
  };
}

const withDryRun = (context: RequestContext, dryRun: boolean): RequestContext =>
  dryRun ? { ...context, dryRun } : context;
