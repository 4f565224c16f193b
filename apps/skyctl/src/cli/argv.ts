/**
 * From words to a command and words that commander understands.
 *
 * Global flags and -n may stand before the command. `--foo_bar` is `--foo-bar`. A flag that takes pairs accepts the seed's two
 * words (`--labels app nginx`) and becomes one (`--labels=app=nginx`), so that no following argument is swallowed.
 * What is after `--` is set aside, and the command that `exec` runs without one.
 */
import type { CommandSpec, OptionSpec } from './command-spec.js';
import { NAMESPACE_OPTION } from './help.js';

export interface Route {
  /** From the root down; empty if the first word is no command. */
  path: readonly CommandSpec[];
  /** Words after the command's name, normalised. */
  words: readonly string[];
  passThrough: readonly string[];
}

export function route(argv: readonly string[], root: readonly CommandSpec[], globals: readonly OptionSpec[]): Route {
  const separator = argv.indexOf('--');
  const own = separator < 0 ? argv : argv.slice(0, separator);
  const passThrough = separator < 0 ? [] : argv.slice(separator + 1);
  const leading: string[] = [];
  const path: CommandSpec[] = [];
  let level = root;
  let index = 0;
  for (; index < own.length && level.length > 0; index += 1) {
    const word = own[index] ?? '';
    if (word.startsWith('-') && word !== '-') {
      leading.push(word);
      const option = optionOf(word, [...globals, NAMESPACE_OPTION]);
      if (option !== undefined && takesValue(option) && !word.includes('=') && index + 1 < own.length) {
        index += 1;
        leading.push(own[index] ?? '');
      }
      continue;
    }
    const spec = level.find(({ name, aliases = [] }) => [name, ...aliases].includes(word.toLowerCase()));
    if (spec === undefined) break;
    path.push(spec);
    level = spec.subcommands ?? [];
  }
  const byFlags = path.at(-1)?.byFlags;
  const next = [...leading, ...own.slice(index)].filter((word) => word.startsWith('-'));
  if (byFlags !== undefined && next.some((word) => optionOf(word, byFlags.options ?? []) !== undefined))
    path.push(byFlags);
  const options = [...(path.at(-1)?.options ?? []), ...globals];
  const { words, rest } = normalise([...leading, ...own.slice(index)], options, path.at(-1)?.restFrom);
  return { path, words, passThrough: [...rest, ...passThrough] };
}

/** The words in the one spelling that the parser knows, and those that are not for it. */
function normalise(
  words: readonly string[],
  options: readonly OptionSpec[],
  restFrom = Number.POSITIVE_INFINITY,
): { words: string[]; rest: readonly string[] } {
  const normal: string[] = [];
  let positionals = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const option = word.startsWith('-') ? optionOf(word, options) : undefined;
    if (option === undefined) {
      if (!word.startsWith('-')) {
        if (positionals === restFrom) return { words: normal, rest: words.slice(index) };
        positionals += 1;
      }
      normal.push(word);
      continue;
    }
    const { long } = namesOf(option);
    const at = word.indexOf('=');
    const inline = word.startsWith('--') && at > 0 ? word.slice(at + 1) : undefined;
    if (!takesValue(option)) {
      normal.push(inline === 'false' ? `--no-${long}` : inline === undefined || inline === 'true' ? `--${long}` : word);
    } else if (inline !== undefined) {
      normal.push(`--${long}=${inline}`);
    } else if (option.bare !== undefined && option.choices?.includes(words[index + 1] ?? '') !== true) {
      normal.push(`--${long}=${option.bare}`);
    } else if (index + 1 >= words.length) {
      normal.push(`--${long}`);
    } else {
      index += 1;
      let value = words[index] ?? '';
      const second = words[index + 1];
      // A value may begin with a dash; a long flag of the command is that flag, and the pair lacks its second word.
      const isFlag = second?.startsWith('--') === true && optionOf(second, options) !== undefined;
      if (option.takes === 'pairs' && !value.includes('=') && second !== undefined && !isFlag) {
        index += 1;
        value = `${value}=${second}`;
      }
      normal.push(`--${long}=${value}`);
    }
  }
  return { words: normal, rest: [] };
}

/** Short and long name of an option, without dashes. */
export function namesOf(option: OptionSpec): { short: string | undefined; long: string } {
  const short = /(?:^|\s)-([A-Za-z])(?=[,\s]|$)/.exec(option.flags)?.[1];
  const long = /--([a-z][a-z-]*)/.exec(option.flags)?.[1] ?? '';
  return { short, long };
}

export const takesValue = (option: OptionSpec): boolean => /[<[]/.test(option.flags);

/** The option that a word of a command line means, in any of its spellings. */
export function optionOf(word: string, options: readonly OptionSpec[]): OptionSpec | undefined {
  if (!word.startsWith('--')) {
    // The seed has long spellings with one dash: -inv, -cts.
    const short = word.slice(1);
    return options.find((option) => short === namesOf(option).short || (option.spellings ?? []).includes(short));
  }
  const given = (word.split('=', 1)[0] ?? '').slice(2).replaceAll('_', '-');
  return options.find((option) => {
    const { long } = namesOf(option);
    return long === given || (option.spellings ?? []).some((spelling) => spelling.replaceAll('_', '-') === given);
  });
}
