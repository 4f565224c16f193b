/** What the container gives to commands. Tokens and not classes: the container is a bundle of its own. */
import type { Command } from 'commander';
import type { CommandSpec } from '../cli/command-spec.js';
import type { Flags } from '../cli/flags.js';

export const SESSION = Symbol('session');
export const OUTCOME = Symbol('outcome');
export const PARSING = Symbol('parsing');

/** From specs to commander commands and back to flags, as the direct way does it. */
export interface Parsing {
  configure(command: Command, spec: CommandSpec): void;
  flagsOf(command: Command, spec: CommandSpec): Flags;
}

/** What a run through nest-commander, which passes on neither, takes in and gives back besides arguments and flags. */
export interface Outcome {
  code: number;
  readonly passThrough: readonly string[];
}
