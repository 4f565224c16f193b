/** Follows the hash chain of each subject: every commit must name the hash of the one before it. */
import { CHAIN_START } from '@skyflow/contracts';
import { BrokenChainError, type ChainHeads, type SubjectHead } from './event-log.js';

export class HashChain {
  readonly #heads: Map<string, SubjectHead>;
  readonly #complete: boolean;

  /** @param complete whether the first commit seen on a subject without a head must be the first one ever. */
  constructor(heads: ChainHeads | undefined, complete: boolean) {
    this.#heads = new Map(heads);
    this.#complete = complete;
  }

  /** Takes the next commit of a subject. @throws BrokenChainError if it does not follow the one before. */
  advance(subject: string, seq: number, prev: string, hash: string): void {
    const head = this.#heads.get(subject);
    const expected = head?.hash ?? (this.#complete ? CHAIN_START : prev);
    if (prev !== expected) {
      const before = head === undefined ? 'nothing' : `commit ${head.seq} with hash ${head.hash}`;
      throw new BrokenChainError(
        `${subject}: commit ${seq} follows ${prev === '' ? 'nothing' : `hash ${prev}`}, but before it there is ${before}. ` +
          'The log was edited, forked or truncated: restore its store from a backup; of several nats-servers one may hold another log than the ' +
          'others, which is mended without (docs/troubleshooting.md)',
      );
    }
    this.#heads.set(subject, { seq, hash });
  }
}
