/**
 * Documents of YAML and JSON sources, with where each one stands. All problems of all sources are found in one go, so that
 * nothing is sent before everything can be.
 */
import { LineCounter, parseAllDocuments } from 'yaml';
import type { YAMLError } from 'yaml';
import { fromSeedDocument, isSeedDocument } from '@skyflow/domain';
import type { Source } from './source.js';

interface ManifestDocument {
  object: ManifestObject;
  /** `file.yaml, document 2 (line 14)`. */
  where: string;
}

export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

export interface ReadManifests {
  documents: ManifestDocument[];
  problems: string[];
  /** What was understood otherwise than written, for people. */
  notes: string[];
}

/** @param namespace of documents in the seed's form that name none. */
export function readManifests(sources: readonly Source[], namespace: string): ReadManifests {
  const read: Reading = { documents: [], problems: [], notes: [], namespace };
  for (const source of sources) readSource(source, read);
  return read;
}

interface Reading extends ReadManifests {
  namespace: string;
}

function readSource({ name, text }: Source, read: Reading): void {
  const lineCounter = new LineCounter();
  // Kubernetes reads YAML 1.1 booleans as its library does, but only `true` and `false` are booleans to it in practice.
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, uniqueKeys: true, merge: true });
  if (!Array.isArray(documents)) return;
  let count = 0;
  for (const document of documents) {
    count += 1;
    const start = document.contents?.range[0] ?? document.range[0];
    const line = lineCounter.linePos(start).line;
    const where = documents.length === 1 ? name : `${name}, document ${count} (line ${line})`;
    if (document.errors.length > 0) {
      read.problems.push(...document.errors.map((error) => syntaxProblem(name, error, lineCounter)));
      continue;
    }
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 1_000 });
    } catch (error) {
      read.problems.push(`${where}: ${(error as Error).message}`);
      continue;
    }
    if (value !== null && value !== undefined) takeObject(value, where, read);
  }
}

/** One object, or the items of a List. */
function takeObject(value: unknown, where: string, read: Reading): void {
  const object = value as Partial<ManifestObject> & { items?: unknown };
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    read.problems.push(`${where}: is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}, not an object`);
    return;
  }
  if (typeof object.kind === 'string' && object.kind.endsWith('List') && Array.isArray(object.items)) {
    for (const [index, item] of object.items.entries()) takeObject(item, `${where}, items[${index}]`, read);
    return;
  }
  if (isSeedDocument(value)) {
    takeSeedDocument(value, where, read);
    return;
  }
  const missing = missingFields(object);
  if (missing.length > 0) {
    read.problems.push(...missing.map((field) => `${where}: ${field}: is required and must be text`));
    return;
  }
  read.documents.push({ object: object as ManifestObject, where });
}

/** What the seed system's users have: accepted, and said what it was taken for. */
function takeSeedDocument(document: Readonly<Record<string, unknown>>, where: string, read: Reading): void {
  const result = fromSeedDocument(document, read.namespace);
  if (!result.ok) {
    const form = `${where}, in the seed system's form${document.apiVersion === undefined ? ' (it has no apiVersion)' : ''}`;
    read.problems.push(...result.problems.map(({ field, message }) => `${form}: ${field}: ${message}`));
    return;
  }
  const objects = result.objects as readonly ManifestObject[];
  const names = objects.map(({ apiVersion, kind, metadata }) => `${kind} ${metadata.name} of ${apiVersion}`);
  read.notes.push(`${where} is in the seed system's form, taken for ${names.join(' and ')}`);
  read.documents.push(...objects.map((object) => ({ object, where })));
}

function missingFields({ apiVersion, kind, metadata }: Partial<ManifestObject>): string[] {
  const given: (readonly [string, unknown])[] = [
    ['apiVersion', apiVersion],
    ['kind', kind],
    ['metadata.name', (metadata as Partial<ManifestObject['metadata']> | null | undefined)?.name],
  ];
  return given.filter(([, value]) => typeof value !== 'string' || value === '').map(([field]) => field);
}

/** `file.yaml, line 12, column 3: …` */
function syntaxProblem(name: string, error: YAMLError, lineCounter: LineCounter): string {
  const { line, col } = lineCounter.linePos(error.pos[0]);
  return `${name}, line ${line}, column ${col}: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}`;
}
