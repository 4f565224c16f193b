/** What each cluster must have by the log itself: read from its first entry to its last, past every service. */
import { workSubject, observationSubject, positionOf } from '@skyflow/contracts';
import { evolveDesired, initialDesired, type DesiredState } from '@skyflow/domain';
import { JetStreamEventLog } from '@skyflow/event-log';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

export async function workInLog(
  server: { url: string; seed: Uint8Array },
  clusters: readonly string[],
): Promise<ReadonlyMap<string, DesiredState>> {
  const connection = await connect({ servers: server.url, authenticator: nkeyAuthenticator(server.seed) });
  const log = await JetStreamEventLog.open({ connection, create: false });
  try {
    const states = new Map(clusters.map((cluster) => [cluster, initialDesired()]));
    for (const [cluster, state] of states) {
      const subjects = [workSubject(cluster), observationSubject(cluster)];
      for await (const { seq, commit } of log.read({ subjects })) {
        for (const [index, entry] of commit.entries.entries()) evolveDesired(state, entry, positionOf(seq, index));
      }
    }
    return states;
  } finally {
    await log.close();
    await connection.close();
  }
}
