/** What JetStream says of a delivered message in its reply subject. */

export interface Delivery {
  streamSeq: number;
  /** 1, 2, 3, … over the life of the consumer. */
  consumerSeq: number;
  /** ms since the epoch. */
  storedAt: number;
}

/**
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time ns>.<pending>`, or with domain and account hash after
 * ACK and a random token at the end (nats-server ADR-15). Undefined if it is neither.
 */
export function parseDelivery(reply: string): Delivery | undefined {
  if (!reply.startsWith('$JS.ACK.')) return undefined;
  const tokens = reply.split('.');
  if (tokens.length < 9) return undefined;
  const at = tokens.length === 9 ? 5 : 7;
  const streamSeq = Number(tokens[at]);
  const consumerSeq = Number(tokens[at + 1]);
  // Nanoseconds are more than a number holds exactly: the last six digits are cut off as text.
  const storedAt = Number(tokens[at + 2]?.slice(0, -6));
  return streamSeq > 0 && consumerSeq > 0 && storedAt > 0 ? { streamSeq, consumerSeq, storedAt } : undefined;
}
