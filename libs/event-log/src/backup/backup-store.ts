/** Where backups are kept, and what can go wrong with them. A store is a flat set of named pieces of bytes: a directory, a bucket. */

export interface BackupStore {
  /** For people: `s3://bucket/prefix`, `/var/backups/sky`. */
  readonly place: string;
  /** Undefined: there is no such piece. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all; replaces what was there under the name. Resolves when it is durable. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Keys that begin with the prefix, sorted. */
  list(prefix: string): Promise<string[]>;
}

/**
 * `empty`: no backups there. `damaged`: bytes are missing or are not those that were written. `key`: it cannot be opened with this key, or
 * needs one. `other-log`: the backups there are of another log. `not-empty`: there is a log already where one is to be restored to.
 */
export type BackupFault = 'empty' | 'damaged' | 'key' | 'other-log' | 'not-empty';

/** The message is for people: what, where, and the way out. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  constructor(
    readonly fault: BackupFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
