/** What may come next on a command line: commands, flags, kinds, and names from the server. Never fails, never waits long. */
import { namesOf, optionOf, route, takesValue } from '../../cli/argv.js';
import type { Route } from '../../cli/argv.js';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler, CommandSpec, Completable, OptionSpec } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { Flags } from '../../cli/flags.js';
import type { FlagValue } from '../../cli/flags.js';
import { GLOBAL_OPTIONS, NAMESPACE_OPTION } from '../../cli/help.js';
import type { Session } from '../../session.js';
import { candidatesFor } from './candidates.js';
import type { Candidate } from './candidates.js';

const DEADLINE = '2s';

/** The command that completes lines made of these commands. */
export const completeAmong =
  (commands: readonly CommandSpec[]): CommandHandler =>
  async (session, { passThrough }) => {
    try {
      for (const { word, description } of await completionsOf(session, passThrough, commands)) {
        session.terminal.line(description === undefined ? word : `${word}\t${description}`);
      }
    } catch (error) {
      // Without a server there are no names to offer; a message here would land in the middle of the line being typed.
      if (!(error instanceof CliError)) throw error;
      if (session.debug) session.terminal.note(error.message);
    }
    return EXIT.ok;
  };

async function completionsOf(
  session: Session,
  words: readonly string[],
  root: readonly CommandSpec[],
): Promise<Candidate[]> {
  const current = words.at(-1) ?? '';
  const routed = route(words.slice(0, -1), root, GLOBAL_OPTIONS);
  const spec = routed.path.at(-1);
  const options = [...(spec?.options ?? [NAMESPACE_OPTION]), ...GLOBAL_OPTIONS];
  const positionals = routed.words.filter((word) => !word.startsWith('-'));
  const connected = session.with(flagsOfWords(routed.words));
  const offer = async (what: Completable | undefined, prefix: string): Promise<Candidate[]> =>
    startingWith(await candidatesFor(connected, what, positionals, prefix), prefix);

  const awaited = optionAwaitingValue(words.at(-2), options);
  if (awaited !== undefined) return await offer(awaited.choices ?? awaited.complete, current);
  const inline = /^(--[a-zA-Z][\w-]*)=(.*)$/s.exec(current);
  if (inline !== null) {
    const [, flag = '', value = ''] = inline;
    const option = optionOf(flag, options);
    const found = await offer(option?.choices ?? option?.complete, value);
    return found.map((candidate) => ({ ...candidate, word: `${flag}=${candidate.word}` }));
  }
  if (current.startsWith('-')) return startingWith(flagCandidates(options), current);
  const commands = commandsAt(routed, root);
  if (commands !== undefined) return startingWith(commandCandidates(commands), current);
  const wanted = spec?.complete ?? [];
  return await offer(wanted[Math.min(positionals.length, wanted.length - 1)], current);
}

/** Commands that may stand here; undefined where arguments do. */
function commandsAt({ path, words }: Route, root: readonly CommandSpec[]): readonly CommandSpec[] | undefined {
  const level = path.length === 0 ? root : path.at(-1)?.subcommands;
  return level !== undefined && words.every((word) => word.startsWith('-')) ? level : undefined;
}

function optionAwaitingValue(previous: string | undefined, options: readonly OptionSpec[]): OptionSpec | undefined {
  if (previous === undefined || !previous.startsWith('-') || previous.includes('=')) return undefined;
  const option = optionOf(previous, options);
  return option !== undefined && takesValue(option) ? option : undefined;
}

/** The flags that say which server and namespace to ask. */
function flagsOfWords(words: readonly string[]): Flags {
  const values = new Map<string, FlagValue>([['request-timeout', DEADLINE]]);
  for (const word of words) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (['namespace', 'server', 'token', 'context'].includes(name)) values.set(name, value);
  }
  return new Flags(values);
}

const flagCandidates = (options: readonly OptionSpec[]): Candidate[] =>
  options.map((option) => ({ word: `--${namesOf(option).long}`, description: option.description }));

const commandCandidates = (commands: readonly CommandSpec[]): Candidate[] =>
  commands.filter(({ hidden }) => hidden !== true).map(({ name, summary }) => ({ word: name, description: summary }));

const startingWith = (candidates: readonly Candidate[], prefix: string): Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(prefix) || word.startsWith(':'));
