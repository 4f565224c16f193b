/**
 * Commands as data: the one definition from which the parser, the help, the completions and the Nest commands are made.
 * The code of a command is loaded when it runs, so that starting skyctl costs the same however many commands it has.
 */
import type { Session } from '../session.js';
import type { Flags } from './flags.js';

/** What a completion may offer for a value. `kind:name` is an object of the kind before it. */
export type Completable =
  | 'kind'
  | 'kind:name'
  | 'job'
  | 'workload'
  | 'namespace'
  | 'cluster'
  | 'queue'
  | 'priorityclass'
  | 'policy'
  | 'context'
  | 'file'
  | readonly string[];

export interface OptionSpec {
  /** In commander's notation: `-o, --output <format>`. */
  flags: string;
  description: string;
  /**
   * `once` (default): the last one counts. `list`: may be repeated. `pairs`: repeated, `K V` in two words as in the seed's
   * CLI or `K=V` in one.
   */
  takes?: 'once' | 'list' | 'pairs';
  /** Value where it is given alone, that is: not followed by one of the choices. */
  bare?: string;
  /** Other long spellings, without dashes. Underscores for dashes are always understood. */
  spellings?: readonly string[];
  /** Allowed values, also offered as completions. */
  choices?: readonly string[];
  complete?: Completable;
}

export interface CommandSpec {
  name: string;
  aliases?: readonly string[];
  /** In commander's notation: `<kind> [names...]`. */
  arguments?: string;
  argumentDescriptions?: Record<string, string>;
  /** One line for the list of commands. */
  summary: string;
  /** Words after so many arguments are another program's, as if `--` stood before them. */
  restFrom?: number;
  /** Paragraphs below the summary in the command's own help. */
  details?: string;
  /** Command line and what it does. */
  examples?: readonly (readonly [string, string])[];
  options?: readonly OptionSpec[];
  /** Completions of each argument; the last one also for those after it. */
  complete?: readonly Completable[];
  subcommands?: readonly CommandSpec[];
  /** Of a group: runs where one of its flags, instead of a subcommand, comes first. */
  byFlags?: CommandSpec;
  hidden?: boolean;
  /** Takes part in the speed budget: is run without building a Nest container (docs/adr, "skyctl without Nest where it reads"). */
  direct?: boolean;
  load?: () => Promise<CommandHandler>;
}

/** Resolves with an exit code of ours, or with that of a command that ran elsewhere. */
export type CommandHandler = (session: Session, call: Invocation) => Promise<number>;

export interface Invocation {
  args: readonly string[];
  flags: Flags;
  /** Words after `--`. */
  passThrough: readonly string[];
}
