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
  /** Bytes that may wait on a lane because its reader is slow. */
  laneBytes: number;
  /** Lanes to a peer that are kept ready; that there may be, in use or not (0: it speaks no lanes). */
  idleLanes: number;
  mostLanes: number;
  /** Least time between two that are opened, and on average between two connections that take one: handshakes stay cheap, and many short connections share a session. */
  laneEveryMs: number;
  /** More free ones than are kept ready are closed when they were not needed for this long. */
  idleLaneMs: number;
  /** A port that could not be listened on is tried again after this long. */
  relistenMs: number;
  /** Grace period of a removed virtual endpoint: it accepts connections until kube-proxy has removed its address from the rules. */
  lingerMs: number;
  /** Longest wait of a new connection for a session to its peer, for example while the peer's gateway restarts. */
  pathWaitMs: number;
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
  laneBytes: 1024 * 1024,
  idleLanes: 4,
  mostLanes: 256,
  laneEveryMs: 20,
  idleLaneMs: 10_000,
  relistenMs: 5_000,
  // kube-proxy syncs within seconds; its full resync (syncPeriod) is 30 s. Less than the quarantine of the port.
  lingerMs: 30_000,
  pathWaitMs: 10_000,
};
