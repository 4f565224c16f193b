/** Of several nodes of NATS, the one that a reader's consumer is on may be behind the others. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { STREAM, observationSubject, readerSubject, workSubject, type ReaderReply } from '@skyflow/contracts';
import { startNatsFixture, startNatsNodes, type NatsFixture, type NatsNodes } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LogUnavailableError, type Followed } from '../event-log.js';
import { appendEntries, rawEntry } from '../testing/index.js';
import { JetStreamApi } from './jetstream-api.js';
import { JetStreamEventLog } from './jetstream-event-log.js';
import { PullSession } from './pull-session.js';
import { createReader, ownReaders } from './readers.js';
import type { StreamInfo } from './stream-setup.js';

const entry = (name: string) => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: name });
const work = workSubject('east');
const observations = observationSubject('east');

describe('a reader whose node is behind the stream', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  let whole: JetStreamEventLog;
  let log: JetStreamEventLog;
  /** Consumers that were made, in order. */
  let made: string[];
  /** Of how many readers the node is behind: it has nothing for them, and says so. */
  let behind: number;

  beforeEach(async () => {
    nats = await startNatsFixture();
    connection = await connect({ servers: nats.url });
    whole = await JetStreamEventLog.open({ connection });
    made = [];
    behind = 0;
    const api = new JetStreamApi(connection);
    const grant = async (slot: number, from: number | 'last'): Promise<ReaderReply> => {
      const reader = await createReader(api, STREAM, `reader-${slot}-${made.length}`, from, [work, observations]);
      made.push(reader.consumer);
      const last = await api.message(STREAM, { last_by_subj: work });
      const said = { ...reader, last: last?.seq ?? 0, level: 1 };
      if (made.length > behind) return said;
      await pause(reader.consumer, 3_600_000);
      return { ...said, pending: 0 };
    };
    connection.subscribe(readerSubject('east'), {
      callback: (_, message) => {
        const { slot, from } = message.json<{ slot?: number; from: number | 'last' }>();
        if (slot === undefined) message.respond(JSON.stringify({ level: 1 }));
        else void grant(slot, from).then((reply) => message.respond(JSON.stringify(reply)));
      },
    });
    await connection.flush();
    log = await JetStreamEventLog.open({ connection, agentOf: 'east' });
    made = [];
  });
  afterEach(async () => {
    await Promise.all([log.close(), whole.close()]);
    await connection.close();
    await nats.stop();
  });

  /** Nothing is delivered to its consumer for so long, but heartbeats (nats-server ADR-46). */
  const pause = (consumer: string, forMs: number): Promise<unknown> =>
    new JetStreamApi(connection).request(`CONSUMER.PAUSE.${STREAM}.${consumer}`, {
      pause_until: new Date(Date.now() + forMs).toISOString(),
    });

  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const deadline = performance.now() + 20_000;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`not within 20 s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('has not caught up before it has delivered what the others hold', async () => {
    for (const name of ['a', 'b', 'c']) await appendEntries(whole, work, entry(name));
    behind = 1;
    const stop = new AbortController();
    const seen: Followed[] = [];
    const following = (async () => {
      for await (const followed of log.follow({ signal: stop.signal })) seen.push(followed);
    })();
    await until('there is a reader', () => made.length === 1);
    // A message that the server would have sent after what it has.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(seen).toEqual([]);
    await pause(made[0] ?? '', 0);
    await until('it has caught up', () => seen.at(-1)?.type === 'caught-up');
    expect(seen.flatMap((each) => (each.type === 'commits' ? each.commits.map(({ seq }) => seq) : []))).toEqual([
      1, 2, 3,
    ]);
    expect(seen.at(-1)).toEqual({ type: 'caught-up', seq: 3 });
    expect(made).toHaveLength(1);
    stop.abort();
    await following;
  }, 60_000);

  it('asks for another reader when the node brings nothing for long, and a finite read is not cut short', async () => {
    for (const name of ['a', 'b', 'c']) await appendEntries(whole, work, entry(name));
    behind = 1;
    const read = await Array.fromAsync(log.read({ to: 3 }), ({ seq }) => seq);
    expect(read).toEqual([1, 2, 3]);
    expect(made).toHaveLength(2);
  }, 60_000);

  it('does not take an older commit of a subject for its last one', async () => {
    await appendEntries(whole, work, entry('a'));
    behind = 1;
    await expect(log.subjectHead(work)).rejects.toThrow(LogUnavailableError);
    expect(await log.subjectHead(work)).toEqual(await whole.subjectHead(work));
  }, 60_000);
});

describe('of several nodes', () => {
  let nodes: NatsNodes;
  let connection: NatsConnection;
  beforeEach(async () => {
    nodes = await startNatsNodes();
    connection = await connect({ servers: [...nodes.urls], waitOnFirstConnect: true, maxReconnectAttempts: -1 });
  }, 60_000);
  afterEach(async () => {
    await connection.close();
    await nodes.stop();
  });

  const opened = (): Promise<JetStreamEventLog> => openedAtLast({ connection, replicas: 3 });

  it("a reader is told by the stream's leader what is the last commit that it will have", async () => {
    const log = await opened();
    const api = new JetStreamApi(connection);
    const lastFor = async (...subjects: string[]): Promise<number | undefined> =>
      (await createReader(api, STREAM, `reader-${subjects.length}-${Math.random()}`.replace('.', ''), 1, subjects))
        .last;
    expect(await lastFor(work)).toBe(0);
    await appendEntries(log, work, entry('a'));
    await appendEntries(log, observations, entry('b'));
    await appendEntries(log, workSubject('west'), entry('c'));
    expect(await lastFor(work)).toBe(1);
    expect(await lastFor(work, observations)).toBe(2);
    expect(await lastFor('sky.work.*', observations)).toBe(3);
    expect(await lastFor()).toBe(3);
    await log.close();
  }, 60_000);

  it('a leader that has lost the others does not say how far the log goes', async () => {
    const log = await opened();
    await appendEntries(log, work, entry('a'));
    const { cluster } = await new JetStreamApi(connection).ledInfo<StreamInfo>(STREAM);
    const leader = nodes.processes.findIndex((_, index) => `node-${index}` === cluster?.leader);
    const there = await connect({ servers: nodes.urls[leader] ?? '' });
    const itsLog = await JetStreamEventLog.open({ connection: there, replicas: 3 });
    expect(await itsLog.head()).toBe(1);
    const others = nodes.processes.filter((_, index) => index !== leader);
    for (const other of others) other.kill('SIGSTOP');
    const refused = async (): Promise<string> => {
      for (;;) {
        try {
          expect(await itsLog.head()).toBe(1);
        } catch (error) {
          return String(error);
        }
      }
    };
    // Before the others can have chosen another.
    expect(await refused()).toMatch(/node-\d of stream \S+ has not heard a majority of its nodes/);
    for (const other of others) other.kill('SIGCONT');
    await Promise.all([itsLog.close(), log.close()]);
    await there.close();
  }, 90_000);

  it('a reader on a node that is cut off from the others does not wait for ever', async () => {
    const log = await opened();
    await appendEntries(log, work, entry('a'));
    // It knows no other, so it does not leave.
    const there = await connect({ servers: nodes.urls[0] ?? '' });
    const session = await sessionOn(there, 'node-0');
    const stop = new AbortController();
    expect(await session.take(10, stop.signal)).toHaveLength(1);
    const others = nodes.processes.slice(1);
    for (const other of others) other.kill('SIGSTOP');
    // It goes on with its heartbeats.
    await expect(session.take(10, stop.signal)).rejects.toThrow(/whether there is more cannot be known/);
    for (const other of others) other.kill('SIGCONT');
    session.close();
    await log.close();
    await there.close();
  }, 90_000);

  /** Servers choose the node of a consumer. */
  const sessionOn = async (its: NatsConnection, node: string): Promise<PullSession> => {
    let consumer = '';
    const api = new JetStreamApi(its);
    const noting = new JetStreamApi(its, {
      open: async (asked, stream, from, subjects) => {
        const reader = await ownReaders.open(asked, stream, from, subjects);
        consumer = reader.consumer;
        return reader;
      },
    });
    for (let tries = 0; tries < 50; tries++) {
      const session = await PullSession.open(noting, STREAM, 1, []);
      const info = await api.request<{ cluster: { leader: string } }>(`CONSUMER.INFO.${STREAM}.${consumer}`);
      if (info.cluster.leader === node) return session;
      session.close();
    }
    throw new Error(`no consumer came to be on ${node}`);
  };
});

describe('a node that has no answer', () => {
  it('is left for one that has', async () => {
    // Two of its three are not there: it finds no leader.
    const deaf = await startNatsNodes();
    for (const process of deaf.processes.slice(1)) process.kill('SIGKILL');
    const nats = await startNatsFixture();
    const connection = await connect({
      servers: [deaf.urls[0] ?? '', nats.url],
      noRandomize: true,
      ignoreClusterUpdates: true,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
    });
    expect(connection.getServer()).toBe(new URL(deaf.urls[0] ?? '').host);
    const log = await openedAtLast({ connection });
    expect(connection.getServer()).toBe(new URL(nats.url).host);
    await log.close();
    await connection.close();
    await Promise.all([deaf.stop(), nats.stop()]);
  }, 90_000);
});

/** While nodes elect a leader nobody answers. */
async function openedAtLast(options: Parameters<typeof JetStreamEventLog.open>[0]): Promise<JetStreamEventLog> {
  for (let tries = 0; ; tries++) {
    try {
      return await JetStreamEventLog.open(options);
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
