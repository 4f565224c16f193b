/**
 * Whether the node that answered for a stream led it when it did. nats-server has no reads by quorum: a leader that has been cut off from the others
 * goes on answering for ten seconds, while they choose another and take commits. It is believed while it has heard a majority within less time
 * than a follower waits before it stands for election: a lease of the leader (Ongaro, Consensus: Bridging Theory and Practice, 6.4.1).
 */
import { LogUnavailableError } from '../event-log.js';

/** As STREAM.INFO has it. */
export interface StreamCluster {
  leader?: string;
  /** The others; `active`: since when they were heard, ns, 0: never. Absent: the stream is on one node. */
  replicas?: readonly { name: string; active?: number }[];
}

/** Followers are heard every second, and stand for election after four at the earliest (nats-server, raft.go: hbInterval, minElectionTimeout). */
const HEARD_NS = 3_000_000_000;
/** One that has just been elected has heard nobody yet. */
const WITHIN_MS = 2_000;
const AGAIN_MS = 200;

export function isLed({ replicas = [] }: StreamCluster): boolean {
  const heard = replicas.filter(({ active = 0 }) => active > 0 && active < HEARD_NS).length;
  return 2 * (heard + 1) > replicas.length + 1;
}

/** Asks until its leader is to be believed. @throws LogUnavailableError when it is not in time, and what `ask` throws. */
export async function ledAnswer<T extends { cluster?: StreamCluster }>(
  stream: string,
  ask: () => Promise<T>,
): Promise<T> {
  for (const deadline = performance.now() + WITHIN_MS; ;) {
    const answer = await ask();
    if (isLed(answer.cluster ?? {})) return answer;
    if (performance.now() > deadline) {
      const who = answer.cluster?.leader ?? 'the leader';
      throw new LogUnavailableError(
        `${who} of stream ${stream} has not heard a majority of its nodes: another may lead it by now`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
