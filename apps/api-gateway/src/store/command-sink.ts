/** Where stores send what users ask for; decided and appended elsewhere. */
import type { Position } from '@skyflow/contracts';
import type { Accepted, ObjectCommand, ObjectRecord, Rejection } from '@skyflow/domain';

/** Who asked; recorded with every entry. */
export interface CommandOrigin {
  actor: string;
  correlationId: string;
  trace?: string;
}

/** One command of a commit that is durable. */
export interface CommittedCommand extends Accepted {
  /** The record that it was decided on; undefined for a create. */
  before: ObjectRecord | undefined;
  /** Position of its first entry; undefined if it needed none. */
  position: Position | undefined;
  /** Time of its entries, ms since the epoch. */
  at: number;
}

export type CommandOutcome = CommittedCommand[] | (Rejection & { index: number });

export interface CommandSink {
  /**
   * Decides the commands and appends what they lead to in one commit, or nothing if one of them is refused.
   * @throws StatusError 503 when the log cannot be reached; the message says whether the outcome is known.
   */
  submit(commands: readonly ObjectCommand[], origin: CommandOrigin): Promise<CommandOutcome>;

  /**
   * What `read` finds in the model once it has all that was stored when this was asked: another gateway may have written just now.
   * @throws StatusError 503 when the log cannot be reached
   */
  surely<T>(read: () => T): Promise<T>;
}
