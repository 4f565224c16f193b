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
  const dots = dotsOf(reply);
  if (dots.length < 8) return undefined;
  // On the path of every replayed message: numbers are cut out by the places of the dots, without an array of tokens.
  const at = dots.length === 8 ? 4 : 6;
  const streamSeq = numberBetween(reply, dots[at], dots[at + 1]);
  const consumerSeq = numberBetween(reply, dots[at + 1], dots[at + 2]);
  // Nanoseconds are more than a number holds exactly: the last six digits are cut off.
  const storedAt = numberBetween(reply, dots[at + 2], (dots[at + 3] ?? 0) - 6);
  return streamSeq > 0 && consumerSeq > 0 && storedAt > 0 ? { streamSeq, consumerSeq, storedAt } : undefined;
}

const DOT = 0x2e;
const ZERO = 0x30;

function dotsOf(text: string): number[] {
  const dots: number[] = [];
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === DOT) dots.push(i);
  return dots;
}

/** The decimal number after the dot at `start` and before `end`; 0 if there is none. */
function numberBetween(text: string, start = 0, end = 0): number {
  let value = 0;
  for (let i = start + 1; i < end; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}
