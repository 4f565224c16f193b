/**
 * Fills a commander command from its spec. Both ways of running a command come through here, the direct one and the Nest
 * container's, so flags, help and errors are the same in both.
 */
import { createOption } from 'commander';
import type { Command } from 'commander';
import { namesOf, takesValue } from './argv.js';
import type { CommandSpec, OptionSpec } from './command-spec.js';
import { Flags } from './flags.js';
import type { FlagValue } from './flags.js';
import { GLOBAL_OPTIONS, helpTail } from './help.js';

export function configureCommand(command: Command, spec: CommandSpec): void {
  command.summary(spec.summary).description([spec.summary, spec.details].filter(Boolean).join('\n\n'));
  command.helpOption('-h, --help', 'show this help').showSuggestionAfterError(true).exitOverride();
  // A word too many is a slip of the pen: half of what was meant is not done.
  command.allowExcessArguments(false);
  command.configureOutput({ outputError: () => undefined });
  command.configureHelp({ showGlobalOptions: false, subcommandTerm: (sub) => sub.name() });
  command.addHelpText('after', () => helpTail(spec, pathOf(command)));
  for (const alias of spec.aliases ?? []) command.alias(alias);
  for (const word of spec.arguments?.split(' ') ?? []) {
    command.argument(word, spec.argumentDescriptions?.[word.replace(/[^a-zA-Z]/g, '')] ?? '');
  }
  for (const option of optionsOf(spec)) addOption(command, option);
}

/** Without skyctl itself. */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

/** What commander parsed, by the flags' own names. */
export function flagsOf(command: Command, spec: CommandSpec): Flags {
  const values = new Map<string, FlagValue>();
  for (const option of optionsOf(spec)) {
    const { long } = namesOf(option);
    const negative = long.startsWith('no-');
    const value: unknown = command.getOptionValue(camelCase(negative ? long.slice('no-'.length) : long));
    if (negative) values.set(long, value === false);
    else if (value !== undefined) values.set(long, value as FlagValue);
  }
  return new Flags(values);
}

/** A group of commands has no options: they follow the command's own name. */
const optionsOf = (spec: CommandSpec): readonly OptionSpec[] =>
  spec.subcommands ? [] : [...(spec.options ?? []), ...GLOBAL_OPTIONS];

function addOption(command: Command, spec: OptionSpec): void {
  const option = createOption(spec.flags, spec.description);
  if (spec.choices) option.choices([...spec.choices]);
  else if (spec.takes === 'list' || spec.takes === 'pairs') {
    option.argParser<string[]>((value, before) => [...(Array.isArray(before) ? before : []), value]);
  }
  command.addOption(option);
  // `--x=false` is turned into this by route().
  const { long } = namesOf(spec);
  if (!takesValue(spec) && !long.startsWith('no-')) command.addOption(createOption(`--no-${long}`).hideHelp());
}

const camelCase = (name: string): string => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
