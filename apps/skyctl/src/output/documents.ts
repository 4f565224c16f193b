/** Objects as documents: JSON, YAML, names, JSONPath. What is bookkeeping of the server (managedFields) is left out. */
import type { ApiObject } from '@skyflow/contracts';
import { usageError } from '../cli/cli-error.js';
import { qualifiedName } from '../gateway/kinds.js';
import type { ResourceKind } from '../gateway/kinds.js';
import type { Format } from './format.js';

export interface PrintedObject {
  kind: ResourceKind;
  object: ApiObject;
}

/** `single`: the command named one object, so it is printed itself and not in a List. */
export async function renderDocuments(
  format: Exclude<Format, { type: 'table' | 'custom-columns' }>,
  objects: readonly PrintedObject[],
  { single, managedFields }: { single: boolean; managedFields: boolean },
): Promise<string> {
  if (format.type === 'name') {
    return objects.map(({ kind, object }) => `${qualifiedName(kind)}/${object.metadata.name}\n`).join('');
  }
  const cleaned = objects.map(({ object }) => (managedFields ? object : withoutManagedFields(object)));
  const [first] = cleaned;
  const root: unknown =
    single && first !== undefined
      ? first
      : { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: cleaned };
  switch (format.type) {
    case 'json':
      return `${JSON.stringify(root, null, 4)}\n`;
    case 'yaml':
      return await toYaml(root);
    case 'jsonpath':
      return await fromTemplate(format.template, root);
  }
}

export async function toYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

async function fromTemplate(template: string, root: unknown): Promise<string> {
  const [{ parseTemplate }, { render }, { JsonPathError }] = await Promise.all([
    import('./jsonpath/parse-template.js'),
    import('./jsonpath/evaluate.js'),
    import('./jsonpath/syntax.js'),
  ]);
  try {
    return render(parseTemplate(template), root);
  } catch (error) {
    if (error instanceof JsonPathError) throw usageError(`-o jsonpath: ${error.message}`);
    throw error;
  }
}

function withoutManagedFields(object: ApiObject): ApiObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
