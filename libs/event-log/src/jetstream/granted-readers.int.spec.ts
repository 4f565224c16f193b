import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { observationSubject, workSubject, type RawEntry } from '@skyflow/contracts';
import { TestKeys, startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { LogUnavailableError, WrongLastSequenceError } from '../event-log.js';
import { FeatureLevelError, FeatureOffError } from '../levels/level-in-force.js';
import { appendEntries, commitDraft, rawEntry } from '../testing/drafts.js';
import { JetStreamEventLog } from './jetstream-event-log.js';
import { serveReaders } from './serve-readers.js';

const entry = (holder: string): RawEntry => rawEntry('EpochStarted', { epoch: 1, holder });
const work = workSubject('east');
const observations = observationSubject('east');

describe('the log as the agent of a cluster has it, with nothing but the rights of one', () => {
  const keys = new TestKeys(['east', 'west']);
  let nats: NatsFixture;
  let connections: NatsConnection[];
  let whole: JetStreamEventLog;
  let log: JetStreamEventLog;
  let warnings: string[];
  let level: number;

  const open = async (identity: (typeof keys.identities)[number]): Promise<NatsConnection> => {
    const connection = await keys.connect(nats.url, identity, { maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    connections.push(connection);
    return connection;
  };

  beforeEach(async () => {
    nats = await startNatsFixture({ accounts: keys.accounts() });
    connections = [];
    warnings = [];
    level = 2;
    whole = await JetStreamEventLog.open({ connection: await open({ service: 'scheduler' }) });
    const connection = await open({ service: 'api-gateway' });
    serveReaders({ connection, level: () => Promise.resolve(level), warn: (line) => warnings.push(line) });
    await connections[1]?.flush();
    log = await JetStreamEventLog.open({ connection: await open({ agent: 'east' }), agentOf: 'east' });
  }, 120_000);
  afterEach(async () => {
    await Promise.all([log.close(), whole.close()]);
    await Promise.all(connections.map((connection) => connection.close()));
    await nats.stop();
  });

  it('follows the work and the observations of its cluster in their order, and nothing else', async () => {
    await appendEntries(whole, workSubject('west'), entry('a'));
    await appendEntries(whole, work, entry('b'));
    const head = await log.append(observations, commitDraft([entry('c')]), { seq: 0, hash: '' });
    await appendEntries(whole, work, entry('d'));
    await appendEntries(whole, workSubject('west'), entry('e'));
    expect(await log.head()).toBe(5);
    expect(await log.subjectHead(observations)).toMatchObject({ seq: 3, hash: head.hash });
    const read = await Array.fromAsync(log.read({ subjects: ['sky.>'] }), ({ seq, subject }) => `${seq} ${subject}`);
    expect(read).toEqual([`2 ${work}`, `3 ${observations}`, `4 ${work}`]);
    expect(warnings).toEqual([]);
  });

  it('is refused to an agent that does not read the level in force, with the way out; one that does is told the level', async () => {
    expect(await log.featureLevel()).toBe(2);
    level = 3;
    const opened = JetStreamEventLog.open({ connection: await open({ agent: 'west' }), agentOf: 'west' });
    const refused = await opened.catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FeatureLevelError);
    expect((refused as Error).message).toMatch(
      /reads feature level 2, and the log is at level 3, which never falls: run a version that reads level 3;/,
    );
  });

  it('takes nothing that needs a higher level until that is in force', async () => {
    level = 1;
    const reach = rawEntry('ReachObserved', { peer: 'west', ok: true, message: '' });
    const append = (): Promise<unknown> => log.append(observations, commitDraft([reach]), { seq: 0, hash: '' });
    await expect(append()).rejects.toThrow(FeatureOffError);
    await expect(append()).rejects.toThrow(
      /ReachObserved cannot be written: feature FlatPlaneProof is off until all .* level 2; in force is 1/,
    );
    level = 2;
    await append();
    expect(await whole.head()).toBe(1);
  });

  it('is told of races and of repeated appends as everybody is', async () => {
    const draft = commitDraft([entry('x')]);
    const first = await log.append(observations, draft, { seq: 0, hash: '' });
    expect(await log.append(observations, draft, { seq: 0, hash: '' })).toEqual({ ...first, duplicate: true });
    await expect(log.append(observations, commitDraft([entry('y')]), { seq: 0, hash: '' })).rejects.toThrow(
      WrongLastSequenceError,
    );
  });

  it('goes on after the server was killed, and after its accounts were read anew', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const followed of log.follow({ subjects: [work], signal: stop.signal }))
        if (followed.type === 'commits') seen.push(...followed.commits.map(({ seq }) => seq));
    })();
    const sees = async (seq: number): Promise<void> => {
      const deadline = performance.now() + 30_000;
      while (!seen.includes(seq)) {
        if (performance.now() > deadline) throw new Error(`saw ${seen.join(', ')} and not ${seq} within 30 s`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    // While accounts are read and the server starts, JetStream answers nobody.
    const written = async (holder: string): Promise<void> => {
      for (let tries = 0; ; tries++) {
        try {
          await appendEntries(whole, work, entry(holder));
          return;
        } catch (error) {
          if (!(error instanceof LogUnavailableError) || tries > 300) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    };
    await written('1');
    await sees(1);
    await nats.server.reload(keys.accounts([{ agent: 'west' }]));
    await nats.server.reload(keys.accounts());
    await written('2');
    await sees(2);
    await nats.kill9();
    await nats.restart();
    await written('3');
    await sees(3);
    expect(seen).toEqual([1, 2, 3]);
    stop.abort();
    await following;
  }, 60_000);
});
