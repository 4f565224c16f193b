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

/**
 * Undefined: not an error of the parser.
 * @param commandNamed names of the command that the line is for, as far as it is one: of `rollout frob` rollout, whose help lists what there is
 */
export function usageOf(error: unknown, commandNamed: () => readonly string[]): CliError | undefined {
  if (!isParserError(error)) return undefined;
  const command = commandNamed();
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  if (first === "unknown option '--at'") return usageError(`${command.join(' ')}: there is no --at here`, TAKE_AT);
  const guess = /\(Did you mean (?:one of )?(.*?)\?\)/.exec(suggestion ?? '')?.[1];
  const help = `"${['skyctl', ...command].join(' ')} --help" shows what there is`;
  return usageError(first, guess === undefined ? help : `did you mean ${guess}? ${help}`);
}

/** Not of what is done or looked at now and is not in the log: `mesh top`, `mesh check`, `rollout status`, `wait`. */
const TAKE_AT =
  'reads of what the log keeps take it: get, describe, status, top, explain, history, events, logs, queue; usage takes --from and --to';
