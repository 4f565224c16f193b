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
  const tokens = reply.split('.');
  if (tokens.length < 9 || !reply.startsWith('$JS.ACK.')) return undefined;
  const at = tokens.length === 9 ? 5 : 7;
  const streamSeq = Number(tokens[at]);
  const consumerSeq = Number(tokens[at + 1]);
  const storedAt = Number(tokens[at + 2]?.slice(0, -6));
  return Number.isSafeInteger(streamSeq) && Number.isSafeInteger(consumerSeq) && Number.isSafeInteger(storedAt)
    ? { streamSeq, consumerSeq, storedAt }
    : undefined;
}
