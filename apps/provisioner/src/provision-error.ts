/** A failure with its class: what the state machine decides by. Anything else that is thrown is a fault of ours. */
import type { FailureClass, ProvisionFailure } from '@skyflow/contracts';

export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
  readonly failure: ProvisionFailure;

  constructor(cause: FailureClass, message: string, advice: string, options: { line?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.failure = { class: cause, message, ...(options.line === undefined ? {} : { line: options.line }), advice };
  }
}

/** The failure of whatever was thrown. */
export function failureOf(error: unknown): ProvisionFailure {
  if (error instanceof ProvisionError) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  return { class: 'unknown', message, advice: 'look at the log of the provisioner' };
}
