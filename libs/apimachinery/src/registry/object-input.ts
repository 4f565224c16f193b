/**
 * From a decoded body to an object of the resource: envelope checked, unknown fields refused, warned of or dropped, defaults
 * set. What comes out has metadata of the right types, apiVersion, kind and namespace; values are not validated yet.
 */
import { badRequest } from '../api/errors.js';
import { isRecord, type KubeMetadata, type KubeObject } from '@skyflow/contracts';
import type { FieldValidation } from '../api/request-options.js';
import { applyDefaults } from '../schema/defaults.js';
import { prune } from '../schema/prune.js';
import { describeUnknownField, findUnknownFields } from '../schema/unknown-fields.js';
import { metadataShapeProblem } from './metadata-shape.js';
import { apiVersionOf, type ResourceSetup } from './resource-setup.js';

export interface InputTarget {
  /** Of the URL; absent for cluster-scoped resources. */
  namespace?: string;
  /** Of the URL; absent on create. */
  name?: string;
}

/**
 * @param body changed in place and returned.
 * @throws StatusError 400
 */
export function readEnvelope(setup: ResourceSetup, body: unknown, target: InputTarget): KubeObject {
  const { definition } = setup;
  const expected = apiVersionOf(definition);
  if (!isRecord(body)) {
    throw badRequest(`the body must be one ${definition.kind} object in JSON or YAML, got ${describe(body)}`);
  }
  body.kind = matching('kind', body.kind, definition.kind);
  body.apiVersion = matching('apiVersion', body.apiVersion, expected);
  body.metadata ??= {};
  const problem = metadataShapeProblem(body.metadata);
  if (problem !== undefined) {
    throw badRequest(
      `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: ${problem}`,
    );
  }
  const object = body as KubeObject;
  dropNulls(object.metadata);
  placeInNamespace(setup, object.metadata, target);
  checkName(object.metadata, target);
  return object;
}

/**
 * Drops unknown fields and sets defaults, in place. Returns warnings.
 * @throws StatusError 400 for unknown fields when validation is strict.
 */
export function readFields(setup: ResourceSetup, object: KubeObject, validation?: FieldValidation): string[] {
  const warnings = dropUnknownFields(setup, object, validation);
  applyDefaults(object, setup.definition.schema, setup.schemas);
  setup.definition.completeDefaults?.(object);
  return warnings;
}

/** As {@link readFields}, without defaults. */
export function dropUnknownFields(
  { definition, schemas }: ResourceSetup,
  object: KubeObject,
  validation: FieldValidation = 'Warn',
): string[] {
  const found = validation === 'Ignore' ? [] : findUnknownFields(object, definition.schema, schemas);
  const unknown = found.map(describeUnknownField);
  if (validation === 'Strict' && unknown.length > 0) {
    const kind = definition.kind;
    throw badRequest(
      `${kind} in version "${definition.version}" cannot be handled as a ${kind}: strict decoding error: ${unknown.join(', ')}`,
    );
  }
  prune(object, definition.schema, schemas);
  return unknown;
}

function matching(field: 'kind' | 'apiVersion', value: unknown, expected: string): string {
  if (value === undefined || value === null || value === '' || value === expected) return expected;
  const data = typeof value === 'string' ? value : JSON.stringify(value);
  throw badRequest(
    field === 'kind'
      ? `the kind in the data (${data}) does not match the expected kind (${expected}) of this URL; send it to the URL of its kind`
      : `the API version in the data (${data}) does not match the expected API version (${expected})`,
  );
}

function placeInNamespace({ definition }: ResourceSetup, metadata: KubeMetadata, { namespace }: InputTarget): void {
  if (!definition.namespaced) {
    if (metadata.namespace) {
      throw badRequest(
        `namespace provided on cluster-scoped object: ${definition.kind} is not namespaced; remove metadata.namespace "${metadata.namespace}"`,
      );
    }
    delete metadata.namespace;
    return;
  }
  if (namespace === undefined) return;
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the provided object (${metadata.namespace}) does not match the namespace sent on the request (${namespace})`,
    );
  }
  metadata.namespace = namespace;
}

function checkName(metadata: KubeMetadata, { name }: InputTarget): void {
  // Bodies may lack it (generateName); from here on it is a string.
  const given = (metadata as Partial<KubeMetadata>).name ?? '';
  if (name !== undefined && given !== '' && given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
  metadata.name = given === '' ? (name ?? '') : given;
}

function dropNulls(metadata: KubeMetadata): void {
  const fields = metadata as unknown as Record<string, unknown>;
  for (const key of Object.keys(fields)) if (fields[key] === null) Reflect.deleteProperty(fields, key);
}

function describe(body: unknown): string {
  if (body === undefined) return 'an empty body';
  if (body === null) return 'null';
  return Array.isArray(body) ? 'a list' : `a ${typeof body}`;
}
