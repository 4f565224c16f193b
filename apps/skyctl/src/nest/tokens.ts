/** What the container gives to commands. Tokens and not classes: the container is a bundle of its own. */
import type { ExitCode } from '../cli/exit-codes.js';

export const SESSION = Symbol('session');
export const OUTCOME = Symbol('outcome');

/** What a run through nest-commander, which passes on neither, takes in and gives back besides arguments and flags. */
export interface Outcome {
  code: ExitCode;
  readonly passThrough: readonly string[];
}
