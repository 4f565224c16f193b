import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandSubject, type RawEntry } from '@skyflow/contracts';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LogUnavailableError, type EventLog } from './event-log.js';
import { JetStreamEventLog } from './jetstream/jetstream-event-log.js';
import { Projection } from './projection.js';
import { SubjectWriter } from './subject-writer.js';
import type { Fold } from './fold.js';
import { rawEntry } from './testing/index.js';

const cmd = commandSubject();
const numbered = (text: string): RawEntry => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: text });

/** Every name once; a name that is there already is counted as a repetition. */
interface Names {
  all: Set<string>;
  repeated: number;
}
const names: Fold<Names> = {
  version: '1',
  initial: () => ({ all: new Set(), repeated: 0 }),
  evolve(state, entry) {
    if (entry.type !== 'NamespaceWithdrawn') return state;
    if (state.all.has(entry.data.namespace)) state.repeated++;
    state.all.add(entry.data.namespace);
    return state;
  },
};

describe('SubjectWriter on a real server', () => {
  let nats: NatsFixture;
  const connections: NatsConnection[] = [];
  const openLog = async (): Promise<JetStreamEventLog> => {
    const connection = await connect({
      servers: nats.url,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 50,
    });
    connections.push(connection);
    return JetStreamEventLog.open({ connection });
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await nats.stop();
  });

  it('two writers that race over crashes of the server store every acknowledged name once and lose none', async () => {
    const clients = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const log = await openLog();
        const projection = new Projection({ log, fold: names });
        await projection.start();
        const overlay = new Set<string>();
        const writer = new SubjectWriter({
          log,
          subject: cmd,
          writer: `test/${name}`,
          state: projection,
          overlay: {
            clear: () => overlay.clear(),
            add: (entries) => entries.forEach(({ data }) => overlay.add((data as { namespace: string }).namespace)),
          },
          retryForMs: 20_000,
        });
        return { name, log, projection, overlay, writer };
      }),
    );
    const acknowledged = new Map<string, string>();
    let refused = 0;
    const work = clients.flatMap(({ name, projection, overlay, writer }) =>
      Array.from({ length: 8 }, async (_, worker) => {
        for (let i = 0; i < 150; i++) {
          // Half of the names are wanted by both clients: only one may get each.
          const wanted = i % 2 === 0 ? `both-${worker}-${i}` : `${name}-${worker}-${i}`;
          const outcome = await writer.submit<string, 'taken'>(() =>
            projection.state.all.has(wanted) || overlay.has(wanted)
              ? { refuse: 'taken' }
              : { entries: [numbered(wanted)], result: wanted },
          );
          if (!outcome.ok) refused++;
          else acknowledged.set(wanted, `${outcome.seq}/${outcome.index}`);
        }
      }),
    );
    const crashes = (async () => {
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        await nats.kill9();
        await nats.restart();
      }
    })();
    await Promise.all([...work, crashes]);
    // The work may be done before the last crash: then the clients are still on their way back.
    for (const { log } of clients) await answering(log);
    const stored = new Map<string, string>();
    for await (const { seq, commit } of clients[0]!.log.read()) {
      commit.entries.forEach(({ data }, index) => {
        const name = (data as { namespace: string }).namespace;
        expect(stored.has(name)).toBe(false);
        stored.set(name, `${seq}/${index}`);
      });
    }
    expect(stored).toEqual(acknowledged);
    expect(refused).toBe(8 * 75);
    for (const { projection, writer, log } of clients) {
      await projection.waitFor(await log.head());
      expect(projection.state.repeated).toBe(0);
      expect(projection.state.all.size).toBe(stored.size);
      await writer.close();
      await projection.close();
    }
  }, 60_000);
});

/** Resolves when the log answers. */
async function answering(log: EventLog, deadlineMs = 20_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      await log.head();
      return;
    } catch (error) {
      if (!(error instanceof LogUnavailableError) || performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
