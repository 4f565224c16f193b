/**
 * A failure as a person reads it: one line that says what is wrong, a line for each cause, and what to do about it.
 * Everything that a command throws on purpose is one of these; anything else is a bug and says so.
 */
import { EXIT } from './exit-codes.js';
import type { ExitCode } from './exit-codes.js';

export interface CliErrorParts {
  code: ExitCode;
  /** One line, without a full stop or `error:`. */
  summary: string;
  /** Indented below the summary. */
  causes?: readonly string[];
  /** What to do. */
  hint?: string;
  cause?: unknown;
}

export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly code: ExitCode;
  readonly causes: readonly string[];
  readonly hint: string | undefined;

  constructor(parts: CliErrorParts) {
    super(parts.summary, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.causes = parts.causes ?? [];
    this.hint = parts.hint;
  }
}

/** A wrong command line. */
export const usageError = (summary: string, hint?: string, causes?: readonly string[]): CliError =>
  new CliError({ code: EXIT.usage, summary, ...(hint ? { hint } : {}), ...(causes ? { causes } : {}) });

/** The text for stderr. `debug` adds the stack and what lies below (SKYCTL_DEBUG=1). */
export function renderError(error: unknown, debug: boolean): string {
  const lines =
    error instanceof CliError
      ? [`error: ${error.message}`, ...error.causes.map((cause) => `  ${cause}`)]
      : [`error: skyctl itself failed: ${error instanceof Error ? error.message : String(error)}`];
  if (error instanceof CliError && error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  if (!(error instanceof CliError) && !debug) lines.push('hint: this is a bug; SKYCTL_DEBUG=1 shows where');
  if (debug) lines.push(...stacksOf(error));
  return lines.join('\n');
}

export const exitCodeOf = (error: unknown): ExitCode => (error instanceof CliError ? error.code : EXIT.failure);

function stacksOf(error: unknown): string[] {
  const stacks: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) stacks.push(current.stack ?? '');
  return stacks;
}
