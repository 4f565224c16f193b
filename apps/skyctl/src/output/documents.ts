/** Objects as documents: JSON, YAML, names, JSONPath. What is bookkeeping of the server (managedFields) is left out. */
import type { ApiObject } from '@skyflow/contracts';
import { usageError } from '../cli/cli-error.js';
import { qualifiedName } from '../gateway/kinds.js';
import type { ResourceKind } from '../gateway/kinds.js';
import type { DocumentFormat } from './format.js';

export interface PrintedObject {
  kind: ResourceKind;
  object: ApiObject;
}

/** `single`: the command named one object, so it is printed itself and not in a List. */
export async function renderDocuments(
  format: DocumentFormat,
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
      return await fromJsonPath(format.template, root, format.asJson);
    case 'go-template':
      return await fromGoTemplate(format.template, root, format.missingKeys);
  }
}

export async function toYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

async function fromJsonPath(template: string, root: unknown, asJson: boolean): Promise<string> {
  const [{ parseTemplate }, { render, valuesOf }, { JsonPathError }] = await Promise.all([
    import('./jsonpath/parse-template.js'),
    import('./jsonpath/evaluate.js'),
    import('./jsonpath/syntax.js'),
  ]);
  try {
    const nodes = parseTemplate(template);
    return asJson ? `${JSON.stringify(valuesOf(nodes, root), null, 4)}\n` : render(nodes, root);
  } catch (error) {
    if (error instanceof JsonPathError) throw usageError(`-o jsonpath: ${error.message}`);
    throw error;
  }
}

async function fromGoTemplate(template: string, root: unknown, missingKeys: boolean): Promise<string> {
  const [{ parseGoTemplate }, { renderGoTemplate }, { TemplateError }] = await Promise.all([
    import('./go-template/parse.js'),
    import('./go-template/evaluate.js'),
    import('./go-template/syntax.js'),
  ]);
  try {
    return renderGoTemplate(parseGoTemplate(template), root, missingKeys);
  } catch (error) {
    if (error instanceof TemplateError) throw usageError(`-o go-template: ${error.message}`);
    throw error;
  }
}

function withoutManagedFields(object: ApiObject): ApiObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
