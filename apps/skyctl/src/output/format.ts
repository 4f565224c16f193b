/** `-o` as given: which form, and for the forms with a template, the template. */
import { usageError } from '../cli/cli-error.js';

export type Format =
  | { type: 'table'; wide: boolean }
  | { type: 'json' | 'yaml' | 'name' }
  | { type: 'jsonpath'; template: string }
  | { type: 'custom-columns'; template: string };

const FORMATS = ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath=', 'custom-columns='] as const;

/** @throws CliError (usage) */
export function parseFormat(text: string | undefined): Format {
  const [word, template] = splitOnce(text ?? 'table');
  switch (word) {
    case 'table':
    case 'wide':
      return { type: 'table', wide: word === 'wide' };
    case 'json':
    case 'yaml':
    case 'name':
      return { type: word };
    case 'jsonpath':
    case 'custom-columns':
      if (template !== undefined && template !== '') return { type: word, template };
      throw usageError(
        `-o ${word} needs a template`,
        word === 'jsonpath' ? `write -o jsonpath='{.metadata.name}'` : 'write -o custom-columns=NAME:.metadata.name',
      );
    default:
      throw usageError(`-o ${text ?? ''}: there is no such format`, `there are ${FORMATS.join(', ')}`);
  }
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
