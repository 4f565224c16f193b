/**
 * Changes to the text of a kubeconfig. An entry goes in behind the last one of its list and comes out by its own lines, so that comments,
 * order, indentation and quotes of everything else stay as they are. Lists in flow style (JSON) are written anew by the `yaml` package, which
 * keeps comments. Every change is compared with what it should have done before it is returned.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, stringify, type YAMLMap } from 'yaml';
import { usageError } from '../../cli/cli-error.js';

/** The lists of a kubeconfig. */
export const LISTS = ['clusters', 'users', 'contexts'] as const;
export type List = (typeof LISTS)[number];

export interface Entry {
  name: string;
  cluster?: { server?: string; [field: string]: unknown };
  user?: {
    token?: string;
    exec?: {
      command?: string;
      args?: string[] | null;
      env?: { name: string; value: string }[] | null;
      [field: string]: unknown;
    };
  };
  context?: { cluster?: string; user?: string; namespace?: string };
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1 */
export type KubeConfig = Partial<Record<List, Entry[] | null>> & {
  'current-context'?: string | null;
  [field: string]: unknown;
};

/** @throws CliError where `text` is not YAML or not a kubeconfig. @param file for the message */
export function readKubeconfig(text: string, file: string): KubeConfig {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined)
    throw unusable(file, `is not YAML: ${error.message.split('\n', 1)[0]?.replace(/:$/, '') ?? ''}`);
  const config = document.toJS() as unknown;
  if (config === null) return {};
  if (typeof config !== 'object' || Array.isArray(config)) {
    throw unusable(file, 'is not a kubeconfig: it must be a mapping with clusters, users and contexts');
  }
  for (const list of LISTS) {
    const entries = (config as KubeConfig)[list] as unknown;
    if (entries === undefined || entries === null) continue;
    if (!Array.isArray(entries)) throw unusable(file, `is not a kubeconfig: ${list} must be a list`);
    for (const [index, entry] of (entries as (Partial<Entry> | null)[]).entries()) {
      if (typeof entry?.name !== 'string') {
        throw unusable(file, `is not a kubeconfig: ${list}[${index}].name must be a string`);
      }
    }
  }
  return config as KubeConfig;
}

const unusable = (file: string, what: string): Error =>
  usageError(`${file} ${what}; it was not changed`, 'correct it, or name another file with --file');

/** Puts `entry` behind the last one of `list`, or in place of the one of its name. */
export function putEntry(text: string, list: List, entry: Entry): string {
  const before = parseDocument(text).toJS() as KubeConfig | null;
  const entries = before?.[list] ?? [];
  const at = entries.findIndex(({ name }) => name === entry.name);
  if (at >= 0 && isDeepStrictEqual(entries[at], entry)) return text;
  const without = at < 0 ? text : removeEntry(text, list, entry.name);
  const kept = entries.filter((_, index) => index !== at);
  return verified(
    without,
    { ...before, [list]: [...kept, entry] },
    (document) => spliceIn(without, document, list, entry),
    (document) => {
      if (!isSeq(document.get(list))) document.set(list, document.createNode([]));
      document.addIn([list], entry);
    },
  );
}

/** Takes out the entry of that name; the text as it is where there is none. */
export function removeEntry(text: string, list: List, name: string): string {
  const before = parseDocument(text).toJS() as KubeConfig | null;
  const entries = before?.[list] ?? [];
  const at = entries.findIndex((entry) => entry.name === name);
  if (at < 0) return text;
  return verified(
    text,
    { ...before, [list]: entries.toSpliced(at, 1) },
    (document) => spliceOut(text, document, list, at),
    (document) => document.deleteIn([list, at]),
  );
}

/** @param name undefined: takes it out */
export function setCurrentContext(text: string, name: string | undefined): string {
  const before = (parseDocument(text).toJS() as KubeConfig | null) ?? {};
  const { 'current-context': current, ...rest } = before;
  if (current === name) return text;
  return verified(
    text,
    name === undefined ? rest : { ...before, 'current-context': name },
    (document) => {
      const root = mapOf(document);
      const pair = pairOf(root, 'current-context');
      if (pair === undefined) return appended(text, root, stringify({ 'current-context': name }));
      const key = rangeOf(pair.key);
      const value = rangeOf(pair.value);
      if (key === undefined || value === undefined) return undefined;
      if (name === undefined) return text.slice(0, lineStart(text, key[0])) + text.slice(lineEnd(text, value[1]));
      return `${text.slice(0, key[1])}: ${stringify(name).trimEnd()}${text.slice(value[1])}`;
    },
    (document) => (name === undefined ? document.delete('current-context') : document.set('current-context', name)),
  );
}

/** The text of `splice` where it does what is wanted and nothing else, or that of the `yaml` package. */
function verified(
  text: string,
  wanted: KubeConfig,
  splice: (document: Document) => string | undefined,
  write: (document: Document) => unknown,
): string {
  const spliced = splice(parseDocument(text));
  if (spliced !== undefined && gives(spliced, wanted)) return spliced;
  const document = parseDocument(text);
  document.contents ??= document.createNode({}) as never;
  write(document);
  const written = document.toString({ lineWidth: 0 });
  if (!gives(written, wanted)) throw new Error('the yaml package did not write what it was given');
  return written;
}

function gives(text: string, wanted: KubeConfig): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted);
}

function spliceIn(text: string, document: Document, list: List, entry: Entry): string | undefined {
  const root = mapOf(document);
  const pair = pairOf(root, list);
  if (pair === undefined)
    return appended(text, root, stringify({ [list]: [entry] }, { lineWidth: 0, indentSeq: false }));
  const { value } = pair;
  const item = stringify([entry], { lineWidth: 0 });
  if (isSeq(value) && value.items.length > 0) {
    const range = rangeOf(value);
    if (value.flow === true || range === undefined) return undefined;
    const indent = ' '.repeat(range[0] - lineStart(text, range[0]));
    return inserted(
      text,
      lineEnd(text, rangeOf(value.items.at(-1))?.[1] ?? range[1]),
      item.replaceAll(/^(?=.)/gm, indent),
    );
  }
  // Empty, or null.
  const key = rangeOf(pair.key);
  const range = rangeOf(value);
  if (key === undefined || range === undefined) return undefined;
  const indent = ' '.repeat(key[0] - lineStart(text, key[0]));
  return `${text.slice(0, key[1])}:\n${item.trimEnd().replaceAll(/^(?=.)/gm, indent)}${text.slice(range[1])}`;
}

function spliceOut(text: string, document: Document, list: List, at: number): string | undefined {
  const pair = pairOf(mapOf(document), list);
  const value = pair?.value;
  if (!isSeq(value) || value.flow === true) return undefined;
  const [key, range, item] = [rangeOf(pair?.key), rangeOf(value), rangeOf(value.items[at])];
  if (key === undefined || range === undefined || item === undefined) return undefined;
  const end = lineEnd(text, item[1]);
  if (value.items.length === 1) return `${text.slice(0, key[1])}: []\n${text.slice(end)}`;
  return text.slice(0, lineStart(text, text.lastIndexOf('-', item[0] - 1))) + text.slice(end);
}

/** Behind the last field. */
const appended = (text: string, root: YAMLMap | undefined, field: string): string | undefined =>
  root?.flow === true
    ? undefined
    : inserted(text, root === undefined ? text.length : lineEnd(text, rangeOf(root)?.[1] ?? text.length), field);

function inserted(text: string, at: number, lines: string): string {
  const own = text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines;
  const before = text.slice(0, at);
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${own}${text.slice(at)}`;
}

const mapOf = ({ contents }: Document): YAMLMap | undefined => (isMap(contents) ? contents : undefined);
const pairOf = (root: YAMLMap | undefined, key: string): YAMLMap['items'][number] | undefined =>
  root?.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
const rangeOf = (node: unknown): NonNullable<Node['range']> | undefined =>
  (node as Node | null | undefined)?.range ?? undefined;
const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Where the line ends that `at` is in, behind its line break; `at` itself where a line begins. */
function lineEnd(text: string, at: number): number {
  if (at === 0 || text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
