/** `-o` as given: which form, and for the forms with a template, the template. */
import { readFileSync } from 'node:fs';
import { usageError } from '../cli/cli-error.js';
import type { Flags } from '../cli/flags.js';

/** One document for all objects, or one for each. */
export type DocumentFormat =
  | { type: 'json' | 'yaml' | 'name' }
  | { type: 'jsonpath'; template: string; asJson: boolean }
  | { type: 'go-template'; template: string; missingKeys: boolean };

export type Format = { type: 'table'; wide: boolean } | DocumentFormat | { type: 'custom-columns'; template: string };

/** Forms with a template, and what they are short for. */
const TEMPLATED = {
  jsonpath: 'jsonpath',
  'jsonpath-file': 'jsonpath',
  'jsonpath-as-json': 'jsonpath',
  'go-template': 'go-template',
  'go-template-file': 'go-template',
  template: 'go-template',
  templatefile: 'go-template',
  'custom-columns': 'custom-columns',
  'custom-columns-file': 'custom-columns',
} as const;
type Templated = keyof typeof TEMPLATED;

const EXAMPLES = {
  jsonpath: `-o jsonpath='{.metadata.name}'`,
  'go-template': `-o go-template='{{.metadata.name}}'`,
  'custom-columns': '-o custom-columns=NAME:.metadata.name',
} as const;

/** For `-o`, with what completes it. */
export const DOCUMENT_FORMATS = [
  'json',
  'yaml',
  'name',
  'jsonpath=',
  'jsonpath-file=',
  'jsonpath-as-json=',
  'go-template=',
  'go-template-file=',
] as const;
export const FORMATS = ['table', 'wide', ...DOCUMENT_FORMATS, 'custom-columns=', 'custom-columns-file='] as const;

/** What `-o`, `--template` and `--allow-missing-template-keys` say together. @throws CliError (usage) */
export function formatOf(flags: Flags): Format {
  const template = flags.text('template');
  const missingKeys = !flags.has('allow-missing-template-keys') || flags.on('allow-missing-template-keys');
  const output = flags.text('output') ?? (template === undefined ? 'table' : 'go-template');
  return parseFormat(output, template, missingKeys);
}

/** @throws CliError (usage) */
export function parseFormat(text: string | undefined, given?: string, missingKeys = true): Format {
  const [word, inline] = splitOnce(text ?? 'table');
  if (word === 'table' || word === 'wide') return { type: 'table', wide: word === 'wide' };
  if (word === 'json' || word === 'yaml' || word === 'name') return { type: word };
  if (!isTemplated(word)) {
    throw usageError(`-o ${text ?? ''}: there is no such format`, `there are ${FORMATS.join(', ')}`);
  }
  const type = TEMPLATED[word];
  const source = inline ?? given;
  if (source === undefined || source === '') throw usageError(`-o ${word} needs a template`, `write ${EXAMPLES[type]}`);
  const isFile = word.endsWith('file');
  const template = isFile ? reading(word, source) : source;
  switch (type) {
    case 'jsonpath':
      return { type, template, asJson: word === 'jsonpath-as-json' };
    case 'go-template':
      return { type, template, missingKeys };
    case 'custom-columns':
      return { type, template: isFile ? columnsOfFile(source, template) : template };
  }
}

const isTemplated = (word: string): word is Templated => Object.hasOwn(TEMPLATED, word);

/** Two lines: titles, and below each its path. */
function columnsOfFile(file: string, text: string): string {
  const [titles = [], paths = []] = text.split('\n').map((line) => line.trim().split(/\s+/));
  if (titles.length !== paths.length || titles[0] === '') {
    throw usageError(`-o custom-columns-file=${file}: needs a line of titles, and one with a path for each of them`);
  }
  return titles.map((title, index) => `${title}:${paths[index] ?? ''}`).join(',');
}

function reading(word: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw usageError(`-o ${word}=${file}: ${(error as Error).message}`);
  }
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
