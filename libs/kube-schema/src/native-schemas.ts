/**
 * The schemas of Kubernetes' own kinds, read once per process from what the build generated.
 *
 * The objects are shared and must not be changed. Loading takes a few milliseconds; nothing is read before it is asked for.
 */
import { readFileSync } from 'node:fs';
import type { Schema } from '@skyflow/contracts';
import { DESCRIPTIONS_FILE, SCHEMAS_FILE } from './generated-files.js';
import type { TypeDescription } from './generator/generate.js';

/** The build has not run, or its output was removed. */
export class SchemasNotBuiltError extends Error {
  override readonly name = 'SchemasNotBuiltError';
}

let schemas: Readonly<Record<string, Schema>> | undefined;
let byKind: ReadonlyMap<string, Schema> | undefined;
let described: Readonly<Record<string, Schema>> | undefined;

/**
 * Schemas by upstream's name (`io.k8s.api.apps.v1.Deployment`), without descriptions.
 * Throws {@link SchemasNotBuiltError}.
 */
export function nativeSchemas(): Readonly<Record<string, Schema>> {
  schemas ??= read(SCHEMAS_FILE) as Record<string, Schema>;
  return schemas;
}

/** Schema of a native kind, or undefined where it is not native. Throws {@link SchemasNotBuiltError}. */
export function findNativeSchema({ apiVersion, kind }: { apiVersion: string; kind: string }): Schema | undefined {
  byKind ??= indexByKind(nativeSchemas());
  return byKind.get(`${apiVersion} ${kind}`);
}

/** The same with descriptions, for OpenAPI and `kubectl explain`. Three times the memory. */
export function describedNativeSchemas(): Readonly<Record<string, Schema>> {
  described ??= describe(nativeSchemas(), read(DESCRIPTIONS_FILE) as Record<string, TypeDescription>);
  return described;
}

function indexByKind(all: Readonly<Record<string, Schema>>): Map<string, Schema> {
  const index = new Map<string, Schema>();
  for (const schema of Object.values(all)) {
    for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      index.set(`${group === '' ? '' : `${group}/`}${version} ${kind}`, schema);
    }
  }
  return index;
}

function describe(
  plain: Readonly<Record<string, Schema>>,
  descriptions: Readonly<Record<string, TypeDescription>>,
): Record<string, Schema> {
  const result: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(plain)) {
    const text = descriptions[name];
    result[name] = text === undefined ? schema : withDescription(schema, text, descriptions);
  }
  return result;
}

/** The models have no words for a field whose type has some: those of the type are its own. */
function withDescription(
  schema: Schema,
  text: TypeDescription,
  all: Readonly<Record<string, TypeDescription>>,
): Schema {
  const properties: Record<string, Schema> = {};
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    const description = text.fields[field] ?? all[typeOf(property)]?.description;
    properties[field] = description === undefined ? property : { ...property, description };
  }
  return { ...schema, description: text.description, properties };
}

const typeOf = ({ $ref = '' }: Schema): string => $ref.slice($ref.lastIndexOf('/') + 1);

function read(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new SchemasNotBuiltError(
      `the generated Kubernetes schemas cannot be read from libs/kube-schema/generated; build them with: npx nx build kube-schema`,
      { cause },
    );
  }
}
