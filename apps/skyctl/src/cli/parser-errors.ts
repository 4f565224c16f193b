/** commander's errors in skyctl's words. Known by their shape: nest-commander throws those of its own copy. */
import { usageError } from './cli-error.js';
import type { CliError } from './cli-error.js';

interface ParserError {
  code: string;
  message: string;
}

function isParserError(error: unknown): error is ParserError {
  const code: unknown = error instanceof Error ? (error as Partial<ParserError>).code : undefined;
  return typeof code === 'string' && code.startsWith('commander.');
}

/** Help or the version was asked for and is printed already. */
export const isHelp = (error: unknown): boolean =>
  isParserError(error) && ['commander.helpDisplayed', 'commander.version', 'commander.help'].includes(error.code);

/** Undefined: not an error of the parser. */
export function usageOf(error: unknown, argv: readonly string[]): CliError | undefined {
  if (!isParserError(error)) return undefined;
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const command = argv.filter((word) => /^[a-z]/.test(word)).slice(0, COMMAND_WORDS);
  if (first === "unknown option '--at'") return usageError(`${command.join(' ')}: there is no --at here`, TAKE_AT);
  const guess = /\(Did you mean (?:one of )?(.*?)\?\)/.exec(suggestion ?? '')?.[1];
  const known = isUnknown(command, error.code, first) ? [] : command;
  const help = `"${['skyctl', ...known].join(' ')} --help" shows what there is`;
  return usageError(first, guess === undefined ? help : `did you mean ${guess}? ${help}`);
}

const COMMAND_WORDS = 1;
/** Not of what is done or looked at now and is not in the log: `mesh top`, `mesh check`, `rollout status`, `wait`. */
const TAKE_AT =
  'reads of what the log keeps take it: get, describe, status, top, explain, history, events, logs, queue; usage takes --from and --to';

/** Of `rollout frob` it is frob that is unknown, and the help of rollout that lists what there is. */
const isUnknown = (command: readonly string[], code: string, message: string): boolean =>
  code === 'commander.unknownCommand' && message.includes(`'${command[0] ?? ''}'`);
