/**
 * Whether nobody waited longer than he may while any one of a kind was away. Pure.
 *
 * A gateway or service that is lost costs at most the time of a lease. A node of NATS may be the leader of the log: then its others choose
 * another one, which takes nobody here less time. While two of a kind are away nothing is promised but that nothing is lost.
 */

export interface Wait {
  /** From one acknowledged write of a client to its next; ms of one clock. */
  fromMs: number;
  toMs: number;
  /** For people. */
  words: string;
}

export interface Away {
  kind: 'gateway' | 'nats';
  who: string;
  fromMs: number;
  toMs: number;
}

export interface JudgedWaits {
  /** Longest of those that are judged, ms. */
  longestMs: number;
  /** That took longer than they may. */
  late: string[];
  /** While more than one of a kind was away. */
  unjudged: number;
}

/** Of `Leases` in libs/event-log. */
export const LEASE_MS = 5_000;
/** Longest time until a follower stands for leader (nats-server, server/raft.go: 4 to 9 s, chosen at random, not to be set). */
export const ELECTION_MS = 9_000;

export function judgeWaits(waits: readonly Wait[], aways: readonly Away[]): JudgedWaits {
  const judged: JudgedWaits = { longestMs: 0, late: [], unjudged: 0 };
  for (const wait of waits) {
    const during = aways.filter(({ fromMs, toMs }) => fromMs < wait.toMs && toMs > wait.fromMs);
    const nodes = mostAtOnce(during.filter(({ kind }) => kind === 'nats'));
    if (nodes > 1 || mostAtOnce(during.filter(({ kind }) => kind === 'gateway')) > 1) {
      judged.unjudged++;
      continue;
    }
    const tookMs = wait.toMs - wait.fromMs;
    const mostMs = nodes === 0 ? LEASE_MS : LEASE_MS + ELECTION_MS;
    judged.longestMs = Math.max(judged.longestMs, tookMs);
    if (tookMs > mostMs) {
      judged.late.push(`${wait.words} (at most ${mostMs / 1_000} s while ${awayWords(during)})`);
    }
  }
  return judged;
}

/** So many different ones were away at one moment: where one more goes, or never. */
function mostAtOnce(aways: readonly Away[]): number {
  return Math.max(
    0,
    ...aways.map(
      ({ fromMs: at }) => new Set(aways.filter((o) => o.fromMs <= at && o.toMs > at).map((o) => o.who)).size,
    ),
  );
}

const awayWords = (aways: readonly Away[]): string =>
  aways.length === 0 ? 'all are there' : `${[...new Set(aways.map(({ who }) => who))].join(' and ')} were away`;
