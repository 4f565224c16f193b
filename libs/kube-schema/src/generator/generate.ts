/**
 * Makes the schemas: models of @kubernetes/client-node, and over them what their types do not say (../overlay).
 * Descriptions are kept apart: validation, patches and ownership do not need them, and they are two thirds of the bytes.
 */
import type { Schema } from '@skyflow/contracts';
import { applyOverlay } from '../overlay/apply-overlay.js';
import { overlays } from '../overlay/overlays.js';
import { builtInSchemas, fieldSchema } from './field-schema.js';
import { listedKinds, unlistedKinds, type KindSource } from './kinds.js';
import type { Model } from './model-source.js';
import { nameModels, type NamedModel } from './schema-names.js';

/** Of one schema: of the type itself, and of its fields. */
export interface TypeDescription {
  description: string;
  fields: Record<string, string>;
}

export interface Generated {
  schemas: Record<string, Schema>;
  descriptions: Record<string, TypeDescription>;
}

export async function generate(): Promise<Generated> {
  const named = await nameModels();
  const nameOf = (model: string): string => {
    const found = named.get(model);
    if (found === undefined) throw new Error(`model ${model} was not reached; add it to generator/kinds.ts`);
    return found.schemaName;
  };
  const kinds = groupVersionKinds();
  const schemas: Record<string, Schema> = { ...builtInSchemas };
  const descriptions: Record<string, TypeDescription> = {};
  for (const { schemaName, model } of sorted(named)) {
    if (schemas[schemaName] !== undefined) throw new Error(`two models have the schema name ${schemaName}`);
    const kind = kinds.get(model.name);
    schemas[schemaName] = {
      ...typeSchema(model, nameOf),
      ...(kind === undefined ? {} : { 'x-kubernetes-group-version-kind': [kind] }),
    };
    descriptions[schemaName] = describe(model);
  }
  for (const overlay of overlays) applyOverlay(schemas, overlay);
  return { schemas, descriptions };
}

function typeSchema(model: Model, nameOf: (model: string) => string): Schema {
  const properties: Record<string, Schema> = {};
  for (const field of model.fields) properties[field.name] = fieldSchema(field, nameOf);
  const required = model.fields
    .filter((field) => isRequired(field.type, field.required, model))
    .map(({ name }) => name);
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

/**
 * Upstream's `required` says that Go always writes the field, not that a client must: of counts and flags in a status the
 * zero value is meant where they are absent, and `status: {}` is in many a manifest.
 */
function isRequired(type: string, required: boolean, model: Model): boolean {
  return required && !(model.name.endsWith('Status') && (type === 'number' || type === 'boolean'));
}

function describe(model: Model): TypeDescription {
  const fields: Record<string, string> = {};
  for (const { name, description } of model.fields) if (description !== '') fields[name] = description;
  return { description: model.description, fields };
}

function groupVersionKinds(): Map<string, { group: string; version: string; kind: string }> {
  const kinds = new Map<string, { group: string; version: string; kind: string }>();
  const add = ({ group, version, kind, model }: KindSource, suffix: string): void => {
    kinds.set(model + suffix, { group, version, kind: kind + suffix });
  };
  for (const source of listedKinds) {
    add(source, '');
    add(source, 'List');
  }
  for (const source of unlistedKinds) add(source, '');
  return kinds;
}

const sorted = (named: ReadonlyMap<string, NamedModel>): NamedModel[] =>
  [...named.values()].sort((a, b) => (a.schemaName < b.schemaName ? -1 : 1));
