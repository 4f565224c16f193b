import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandSubject } from '@skyflow/contracts';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { BrokenChainError, LogUnavailableError, type SubjectHead } from '../event-log.js';
import { commitDraft, rawEntry } from '../testing/index.js';
import { JetStreamEventLog } from './jetstream-event-log.js';

const cmd = commandSubject();
const entry = (name: string) => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: name });

describe('A follow on a real server', () => {
  let nats: NatsFixture;
  let connections: NatsConnection[];
  const open = async (): Promise<{ log: JetStreamEventLog; connection: NatsConnection }> => {
    const connection = await connect({
      servers: nats.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 50,
    });
    connections.push(connection);
    return { log: await JetStreamEventLog.open({ connection }), connection };
  };

  beforeEach(async () => {
    nats = await startNatsFixture();
    connections = [];
  });
  afterEach(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await nats.stop();
  });

  /** Appends one after the other, over outages, until stopped; returns how many were acknowledged. */
  async function appendUntil(log: JetStreamEventLog, stop: AbortSignal): Promise<number> {
    let head: SubjectHead = await log.subjectHead(cmd);
    while (!stop.aborted) {
      const draft = commitDraft([entry('x')]);
      for (;;) {
        try {
          head = await log.append(cmd, draft, head);
          break;
        } catch (error) {
          if (!(error instanceof LogUnavailableError)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    }
    return head.seq;
  }

  it('brings every commit once and in order over crashes of the server, with short pauses only', async () => {
    const { log: writing } = await open();
    const { log: reading } = await open();
    const stopWriting = new AbortController();
    const stopReading = new AbortController();
    const seqs: number[] = [];
    let lastAt = performance.now();
    let longestPauseMs = 0;
    const following = (async () => {
      for await (const followed of reading.follow({ signal: stopReading.signal })) {
        if (followed.type !== 'commits') continue;
        longestPauseMs = Math.max(longestPauseMs, performance.now() - lastAt);
        lastAt = performance.now();
        seqs.push(...followed.commits.map(({ seq }) => seq));
      }
    })();
    const appending = appendUntil(writing, stopWriting.signal);
    const untilSeen = async (count: number): Promise<void> => {
      while (seqs.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    for (let i = 1; i <= 4; i++) {
      await untilSeen(25 * i);
      await nats.kill9();
      await nats.restart();
    }
    await untilSeen(125);
    stopWriting.abort();
    const total = await appending;
    await untilSeen(total);
    stopReading.abort();
    await following;
    expect(seqs).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    expect(longestPauseMs).toBeLessThan(3_000);
  });

  it('goes on within seconds when the server hangs and comes back without ending the connection', async () => {
    const { log } = await open();
    const stop = new AbortController();
    const seqs: number[] = [];
    const following = (async () => {
      for await (const followed of log.follow({ signal: stop.signal })) {
        if (followed.type === 'commits') seqs.push(...followed.commits.map(({ seq }) => seq));
      }
    })();
    const first = await log.append(cmd, commitDraft([entry('a')]), { seq: 0, hash: '' });
    nats.server.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    nats.server.process.kill('SIGCONT');
    await log.append(cmd, commitDraft([entry('b')]), first);
    const deadline = performance.now() + 3_000;
    while (seqs.length < 2 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(seqs).toEqual([1, 2]);
    stop.abort();
    await following;
  });

  it('uses one consumer while nothing happens and leaves none behind', async () => {
    const { log, connection } = await open();
    const created: string[] = [];
    const watching = connection.subscribe('$JS.API.CONSUMER.CREATE.>', {
      callback: (_, { subject }) => void created.push(subject),
    });
    const consumers = async (): Promise<number> => {
      const info = await connection.request('$JS.API.STREAM.INFO.SKYFLOW');
      return info.json<{ state: { consumer_count: number } }>().state.consumer_count;
    };
    const stop = new AbortController();
    const caughtUp: number[] = [];
    const following = (async () => {
      for await (const followed of log.follow({ signal: stop.signal })) {
        if (followed.type === 'caught-up') caughtUp.push(followed.seq);
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 6_000)); // longer than a pull request lives
    expect(created).toHaveLength(1);
    expect(caughtUp).toEqual([0]);
    expect(await consumers()).toBe(1);
    stop.abort();
    await following;
    const deadline = performance.now() + 2_000;
    while ((await consumers()) > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await consumers()).toBe(0);
    watching.unsubscribe();
  });

  it('does not pile up what a slow reader has not taken', async () => {
    const { log } = await open();
    const text = 'x'.repeat(200_000);
    let head: SubjectHead = { seq: 0, hash: '' };
    for (let i = 0; i < 150; i++) head = await log.append(cmd, commitDraft([entry(text)]), head);
    const stop = new AbortController();
    const seqs: number[] = [];
    let most = 0;
    for await (const followed of log.follow({ signal: stop.signal })) {
      if (followed.type === 'commits') {
        seqs.push(...followed.commits.map(({ seq }) => seq));
        most = Math.max(most, followed.commits.length);
        await new Promise((resolve) => setTimeout(resolve, 5));
      } else if (followed.seq === 150) stop.abort();
    }
    expect(seqs).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    expect(most).toBeLessThan(130); // 30 MB in all: not everything at once
  });

  it('refuses a log that has become shorter than what it brought', async () => {
    const { log, connection } = await open();
    let head: SubjectHead = { seq: 0, hash: '' };
    for (let i = 0; i < 3; i++) head = await log.append(cmd, commitDraft([entry('a')]), head);
    const following = (async () => {
      for await (const followed of log.follow({ signal: AbortSignal.timeout(10_000) })) {
        if (followed.type !== 'caught-up') continue;
        await connection.request('$JS.API.STREAM.DELETE.SKYFLOW');
        await JetStreamEventLog.open({ connection });
      }
    })();
    await expect(following).rejects.toThrow(BrokenChainError);
    await expect(following).rejects.toThrow(/ends at 0, but 3 was read from it before/);
  });

  it('refuses a log that has taken the place of the one that it read, as long as that is, as a restore leaves it', async () => {
    const { log, connection } = await open();
    const write = async (to: JetStreamEventLog): Promise<void> => {
      let head: SubjectHead = { seq: 0, hash: '' };
      for (let i = 0; i < 3; i++) head = await to.append(cmd, commitDraft([entry('a')]), head);
    };
    await write(log);
    const following = (async () => {
      for await (const followed of log.follow({ signal: AbortSignal.timeout(15_000) })) {
        if (followed.type !== 'caught-up') continue;
        await connection.request('$JS.API.STREAM.DELETE.SKYFLOW');
        await write(await JetStreamEventLog.open({ connection }));
      }
    })();
    await expect(following).rejects.toThrow(BrokenChainError);
    await expect(following).rejects.toThrow(/another log has taken its place/);
  }, 20_000);

  it('refuses a commit that was put in by somebody else', async () => {
    const { log, connection } = await open();
    await log.append(cmd, commitDraft([entry('a')]), { seq: 0, hash: '' });
    const forged = { v: 1, id: 'forged', prev: 'wrong', writer: 'mallory/1', entries: [entry('b')] };
    await connection.request(cmd, JSON.stringify(forged));
    const reading = (async () => {
      for await (const recorded of log.read()) expect(recorded.seq).toBe(1);
    })();
    await expect(reading).rejects.toThrow(/sky\.cmd\.0: commit 2 follows hash wrong, but before it there is commit 1/);
  });

  it('refuses what is no commit, and says where it is', async () => {
    const { log, connection } = await open();
    await connection.request(cmd, '{"v":1,"id":"x","prev":"","writer":"w/1","entries":[{"type":"T"}]}');
    const reading = (async () => {
      for await (const recorded of log.read()) expect(recorded).toBeUndefined();
    })();
    await expect(reading).rejects.toThrow(/commit 1 on sky\.cmd\.0 cannot be read \(entries\.0\.v: /);
  });
});
