/**
 * Reads one model of @kubernetes/client-node: names, types and formats from its attribute map, requiredness and documentation
 * from its declaration file. Fails on a form that it does not know, so that a new client-node is noticed at build time.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface ModelField {
  /** As on the wire. */
  name: string;
  /** As client-node writes it: `Array<V1Container>`, `{ [key: string]: string; }`, `number`. */
  type: string;
  format: string;
  required: boolean;
  description: string;
}

export interface Model {
  /** e.g. `V1PodSpec`. */
  name: string;
  description: string;
  fields: ModelField[];
}

interface Attribute {
  name: string;
  baseName: string;
  type: string;
  format: string;
}

const directory = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')),
  'gen/models',
);

export async function readModel(name: string): Promise<Model> {
  const attributes = await readAttributes(name);
  const declaration = readFileSync(path.join(directory, `${name}.d.ts`), 'utf8');
  const start = declaration.indexOf(`export declare class ${name} {`);
  if (start < 0)
    throw new Error(`${name}.d.ts declares no class ${name}: @kubernetes/client-node has changed its form`);
  const declared = readDeclaredFields(declaration.slice(start));
  const fields = attributes.map((attribute): ModelField => {
    const found = declared.get(attribute.name);
    if (found === undefined) throw new Error(`${name}.d.ts does not declare "${attribute.name}"`);
    return { name: attribute.baseName, type: attribute.type, format: attribute.format, ...found };
  });
  return { name, description: lastComment(declaration.slice(0, start)), fields };
}

async function readAttributes(name: string): Promise<readonly Attribute[]> {
  const module = (await import(pathToFileURL(path.join(directory, `${name}.js`)).href)) as Record<string, unknown>;
  const model = module[name] as { attributeTypeMap?: readonly Attribute[] } | undefined;
  if (model?.attributeTypeMap === undefined) throw new Error(`${name}.js has no attributeTypeMap`);
  return model.attributeTypeMap;
}

/** A field with the comment before it, where there is one. */
const FIELD = /(?:\/\*\*\s*\n([^]*?)\*\/\s*\n)?\s*'([^']+)'(\?)?: /g;

function readDeclaredFields(body: string): Map<string, Pick<ModelField, 'required' | 'description'>> {
  const end = body.indexOf('static readonly discriminator');
  const fields = new Map<string, Pick<ModelField, 'required' | 'description'>>();
  for (const [, comment, name, optional] of body.slice(0, end).matchAll(FIELD)) {
    if (name !== undefined) fields.set(name, { required: optional === undefined, description: plain(comment ?? '') });
  }
  return fields;
}

function lastComment(text: string): string {
  const comments = [...text.matchAll(/\/\*\*\s*\n([^]*?)\*\//g)];
  return plain(comments.at(-1)?.[1] ?? '');
}

/** A comment's text without its stars and escapes. */
const plain = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, ''))
    .join('\n')
    .replaceAll(/\\(['"])/g, '$1')
    .trim();
