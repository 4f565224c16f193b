/** Times and limits of a gateway; tests take shorter ones. */
export interface Limits {
  /** Between two pings of a session, and how many may go unanswered before it is given up. */
  pingEveryMs: number;
  lostPings: number;
  /** Least and longest pause before a peer is dialled again. */
  redialMs: { base: number; cap: number };
  /** For TCP and TLS to a peer. */
  dialMs: number;
  /** For a peer's answer to a route; for a pod to accept. */
  answerMs: number;
  podDialMs: number;
  /** Sessions kept to a peer: more than one, so that one lost packet does not hold up every connection. */
  sessions: number;
  /** Connections of one peer that are carried at a time; above it: OVERLOAD. */
  mostOpen: number;
  /** Bytes of one connection that may wait here because its reader is slow. */
  windowBytes: number;
  /** A port that could not be listened on is tried again after this long. */
  relistenMs: number;
}

export const LIMITS: Limits = {
  pingEveryMs: 2_000,
  lostPings: 3,
  redialMs: { base: 100, cap: 5_000 },
  dialMs: 5_000,
  answerMs: 10_000,
  podDialMs: 5_000,
  sessions: 2,
  mostOpen: 20_000,
  windowBytes: 1024 * 1024,
  relistenMs: 5_000,
};
