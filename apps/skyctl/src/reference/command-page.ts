/** What there is to say about one command, in order; from its definition, for help pages of any form. */
import { namesOf, takesValue } from '../cli/argv.js';
import type { CommandSpec, OptionSpec } from '../cli/command-spec.js';
import { GLOBAL_OPTIONS } from '../cli/help.js';

export interface OptionLine {
  /** `-n, --namespace <name>` */
  flags: string;
  description: string;
  /** Other spellings, with dashes. */
  spellings: readonly string[];
  choices: readonly string[];
}

export interface CommandPage {
  /** Words after `skyctl`; empty for skyctl itself. */
  words: readonly string[];
  summary: string;
  details: readonly string[];
  /** `skyctl get [flags] <kind> [names...]` */
  synopsis: string;
  aliases: readonly string[];
  arguments: readonly (readonly [string, string])[];
  options: readonly OptionLine[];
  examples: readonly (readonly [string, string])[];
  /** Name and summary. */
  subcommands: readonly (readonly [string, string])[];
}

/** A page for every command that people may type, each group before its commands. */
export function pagesOf(commands: readonly CommandSpec[], above: readonly string[] = []): CommandPage[] {
  return commands
    .filter(({ hidden = false }) => !hidden)
    .flatMap((spec) => {
      const words = [...above, spec.name];
      return [pageOf(spec, words), ...pagesOf(spec.subcommands ?? [], words)];
    });
}

function pageOf(spec: CommandSpec, words: readonly string[]): CommandPage {
  const args = spec.arguments?.split(' ') ?? [];
  const visible = (spec.subcommands ?? []).filter(({ hidden = false }) => !hidden);
  const own = spec.options ?? [];
  return {
    words,
    summary: spec.summary,
    details: spec.details?.split('\n\n') ?? [],
    synopsis: ['skyctl', ...words, ...(visible.length > 0 ? ['<command>'] : []), ...args, '[flags]'].join(' '),
    aliases: spec.aliases ?? [],
    arguments: args.flatMap((word) => {
      const description = spec.argumentDescriptions?.[word.replaceAll(/[^a-zA-Z]/g, '')];
      return description === undefined ? [] : [[word, description] as const];
    }),
    options: own.map(optionLine),
    examples: spec.examples ?? [],
    subcommands: visible.map(({ name, summary }) => [name, summary] as const),
  };
}

export const globalOptions = (): OptionLine[] => GLOBAL_OPTIONS.map(optionLine);

function optionLine(option: OptionSpec): OptionLine {
  const { long } = namesOf(option);
  const others = new Set((option.spellings ?? []).map((spelling) => `--${spelling}`));
  // Two words for a pair are the seed's way.
  if (takesValue(option) && long.includes('-')) others.add(`--${long.replaceAll('-', '_')}`);
  return {
    flags: option.flags,
    description: option.description,
    spellings: [...others],
    choices: option.choices ?? [],
  };
}
