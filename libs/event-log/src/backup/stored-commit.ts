/** A commit as it is stored, byte for byte: what backups are made of. */
import { hashOf, peekPrev } from '../commit-codec.js';
import type { HashChain } from '../hash-chain.js';

export interface StoredCommit {
  seq: number;
  subject: string;
  /** When the server stored it, ms since the epoch. */
  storedAt: number;
  /** The message's body: JSON of one commit. */
  data: string;
}

/** Follows the chain with it; gives its hash. @throws BrokenChainError */
export function follow(chain: HashChain, { subject, seq, data }: StoredCommit): string {
  const bytes = Buffer.from(data);
  const hash = hashOf(bytes);
  chain.advance(subject, seq, peekPrev(bytes), hash);
  return hash;
}
