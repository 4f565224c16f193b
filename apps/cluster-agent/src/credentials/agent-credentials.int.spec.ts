/** Weeks of renewals, in a clock that is moved by hand, at a gateway over HTTP whose decisions are those of libs/domain. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nkeys } from '@nats-io/transport-node';
import {
  accessEnd,
  AGENT_LIFE_MS,
  AGENT_RENEW_MS,
  agentsLetIn,
  newAgentToken,
  REFUSED_FOR_GOOD_MS,
  renewedAgentToken,
  type AgentToken,
} from '@skyflow/domain';
import { AgentCredentials, type Clock } from './agent-credentials.js';
import { type Credentials, CREDENTIALS_FILE, fileStore } from './credential-store.js';
import { joinTokenId } from './join-token.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLUSTER = { name: 'east', uid: 'uid-of-east' };

class HandClock implements Clock {
  private sleeper = { untilMs: 0, wake: (): void => undefined };
  private asleep = Promise.withResolvers<undefined>();
  constructor(private now: number) {}

  nowMs(): number {
    return this.now;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleeper = { untilMs: this.now + ms, wake: resolve };
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.asleep.resolve(undefined);
    });
  }

  /** Whoever slept has done what it woke for, and sleeps again. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await this.asleep.promise;
      if (this.sleeper.untilMs > end) break;
      this.wake();
    }
    this.now = end;
  }

  /** Without anybody who wakes. */
  jump(ms: number): void {
    this.now += ms;
  }

  /** Only until the sleeper is awake. */
  wake(): void {
    this.now = this.sleeper.untilMs;
    this.asleep = Promise.withResolvers();
    this.sleeper.wake();
  }
}

/** What becomes of requests: carried out; carried out, but the answer is lost; not carried out. */
type Weather = 'well' | 'answers lost' | 'away';
const FIRST_JOIN = 'join-token';

/** The gateway's three routes for agents, with one agent. */
class Gateway {
  weather: Weather = 'well';
  /** When renewals were asked for. */
  readonly asked: number[] = [];
  /** Join tokens that were presented. */
  readonly presented: string[] = [];
  /** Those that are good, each once. */
  readonly joins = new Set([FIRST_JOIN]);
  token: AgentToken | undefined;
  private secrets = 0;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  constructor(private readonly clock: Clock) {}

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Keys that nats-server is told to let in now. */
  letIn(): readonly string[] {
    const specs = this.token === undefined ? [] : [this.token.spec];
    const { agents } = agentsLetIn(specs, new Map([[CLUSTER.name, CLUSTER.uid]]), this.clock.nowMs());
    return agents[CLUSTER.name] ?? [];
  }

  isGood(token: string): boolean {
    const end = this.token !== undefined && accessEnd(this.token.secret, token);
    return typeof end === 'number' && end > this.clock.nowMs();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bearer = request.headers.authorization?.slice('Bearer '.length) ?? '';
    if (request.url === '/auth/enrol') {
      const { natsKey, joinToken } = (await json(request)) as { natsKey: string; joinToken: string };
      if (this.weather !== 'away') this.presented.push(joinToken);
      if (this.weather === 'away') say(response, 503);
      else if (!this.joins.delete(joinToken)) say(response, 403);
      else this.give(response, (proof) => newAgentToken(CLUSTER, proof, this.clock.nowMs()), natsKey);
    } else if (request.url === '/auth/whoami') {
      say(response, this.weather === 'away' ? 503 : this.isGood(bearer) ? 200 : 401);
    } else {
      this.asked.push(this.clock.nowMs());
      const { natsKey } = (await json(request)) as { natsKey: string };
      const { token } = this;
      if (this.weather === 'away') say(response, 503);
      else if (token === undefined || !this.isGood(bearer)) say(response, 401);
      else
        this.give(
          response,
          (proof) => renewedAgentToken(token, { ...proof, presented: bearer }, this.clock.nowMs()),
          natsKey,
        );
    }
  }

  private give(
    response: ServerResponse,
    make: (proof: { natsKey: string; hash: string }) => AgentToken,
    natsKey: string,
  ): void {
    const secret = `secret-${++this.secrets}`;
    this.token = make({ natsKey, hash: secret });
    if (this.weather === 'answers lost') return void response.destroy();
    const { expiresAt } = this.token.spec;
    const renewAt = new Date(this.clock.nowMs() + AGENT_RENEW_MS).toISOString();
    const nats = { url: 'nats://127.0.0.1:4222' };
    say(response, 200, { cluster: CLUSTER.name, uid: CLUSTER.uid, token: secret, expiresAt, renewAt, nats });
  }
}

function say(
  response: ServerResponse,
  code: number,
  body: object = { kind: 'Status', code, message: `it is ${code}` },
) {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('what an agent is let in with', () => {
  const begin = Date.parse('2026-01-01T00:00:00Z');
  let directory: string;
  let clock: HandClock;
  let gateway: Gateway;
  let stopping: AbortController;
  let warnings: string[];
  let revoked: PromiseWithResolvers<undefined>;
  let replaced: PromiseWithResolvers<undefined>;
  let api: string;
  let joinTokenFile: string;

  const agent = (cluster = CLUSTER): AgentCredentials =>
    new AgentCredentials({
      cluster,
      api,
      directory,
      store: fileStore(directory),
      joinTokenFile,
      onRevoked: () => revoked.resolve(undefined),
      onReplaced: () => replaced.resolve(undefined),
      logger: {
        info: () => undefined,
        warn: ({ detail }: { detail: string }) => void warnings.push(detail),
      },
      signal: stopping.signal,
      clock,
    });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skyflow-renewal-'));
    joinTokenFile = join(directory, 'join');
    await writeFile(joinTokenFile, FIRST_JOIN);
    clock = new HandClock(begin);
    gateway = new Gateway(clock);
    stopping = new AbortController();
    warnings = [];
    revoked = Promise.withResolvers();
    replaced = Promise.withResolvers();
    api = await gateway.start();
    await agent().open();
  });
  afterEach(async () => {
    stopping.abort();
    await gateway.stop();
    await rm(directory, { recursive: true });
  });

  const kept = async (): Promise<Credentials> =>
    JSON.parse(await readFile(join(directory, CREDENTIALS_FILE), 'utf8')) as Credentials;
  /** Public half of the key that NATS is connected to with from now on. */
  const key = async (): Promise<string> => nkeys.fromSeed(await readFile(join(directory, 'nats.nk'))).getPublicKey();
  const gaps = (): number[] => gateway.asked.slice(1).map((at, index) => at - (gateway.asked[index] ?? 0));

  it('is renewed each day, so that weeks are left; on each of ten days it is good', async () => {
    const keys = new Set<string>();
    for (let day = 1; day <= 10; day++) {
      await clock.pass(DAY_MS);
      expect(gateway.asked).toHaveLength(day);
      const { token, expiresAt } = await kept();
      expect([gateway.isGood(token), Date.parse(expiresAt)]).toEqual([true, clock.nowMs() + AGENT_LIFE_MS]);
      expect(gateway.letIn()).toContain(await key());
      keys.add(await key());
    }
    expect(new Set(gaps())).toEqual(new Set([DAY_MS]));
    expect(keys.size).toBe(10);
    expect(warnings).toEqual([]);
  }, 120_000);

  it('is good beside the next for an hour, and useless from then on', async () => {
    const [old, oldKey] = [await kept(), await key()];
    await clock.pass(DAY_MS + HOUR_MS - 1);
    expect(gateway.isGood(old.token)).toBe(true);
    expect(gateway.letIn()).toEqual([oldKey, await key()]);
    await clock.pass(1);
    expect(gateway.isGood(old.token)).toBe(false);
    expect(gateway.letIn()).toEqual([await key()]);
    expect(gateway.isGood((await kept()).token)).toBe(true);
  });

  it('is asked for less and less often of a gateway that is away, and had within minutes of its return', async () => {
    const first = await kept();
    gateway.weather = 'away';
    await clock.pass(DAY_MS + 6 * HOUR_MS);
    expect(gaps()[0]).toBeLessThanOrEqual(30_000);
    for (const gap of gaps()) expect([gap >= 10_000, gap <= 600_000]).toEqual([true, true]);
    expect(Math.max(...gaps())).toBeGreaterThan(300_000);
    // Once, not each time.
    expect(warnings).toEqual([expect.stringContaining('were not renewed: ')]);
    expect(await kept()).toEqual(first);
    gateway.weather = 'well';
    await clock.pass(600_000);
    expect((await kept()).token).not.toBe(first.token);
    expect(gateway.letIn()).toContain(await key());
    gateway.weather = 'away';
    await clock.pass(DAY_MS);
    expect(warnings).toHaveLength(2);
  }, 120_000);

  it('is what it was while answers are lost, however many; nothing that was given is missed', async () => {
    const [first, firstKey] = [await kept(), await key()];
    gateway.weather = 'answers lost';
    const almost = HOUR_MS - 1_200_000;
    await clock.pass(DAY_MS + almost);
    expect(gateway.asked.length).toBeGreaterThan(3);
    expect([await kept(), await key()]).toEqual([first, firstKey]);
    expect(gateway.isGood(first.token)).toBe(true);
    expect(gateway.letIn()).toContain(firstKey);
    gateway.weather = 'well';
    await clock.pass(600_000);
    expect(gateway.letIn()).toEqual([firstKey, await key()]);
    expect(gateway.isGood((await kept()).token)).toBe(true);
  }, 120_000);

  it('that was taken back is told, and not asked for again', async () => {
    gateway.token = undefined;
    clock.wake();
    for (let hours = 1; hours < 24; hours++) {
      await clock.pass(0);
      clock.wake();
    }
    await revoked.promise;
    expect(gateway.asked).toEqual([begin + DAY_MS]);
  });

  describe('when it begins anew', () => {
    /** What ended, with its timers; whoever is next begins with the files that it left. */
    const beginAnew = async (cluster = CLUSTER): Promise<AgentCredentials> => {
      stopping.abort();
      stopping = new AbortController();
      const next = agent(cluster);
      await next.open();
      return next;
    };
    const remembered = (text: string): Promise<void> =>
      until(async () => expect((await kept()).joinToken).toBe(joinTokenId(text)));

    it('another join token is used though what it has is good; one that it came in with is not tried again', async () => {
      const first = await kept();
      gateway.joins.add('second');
      await writeFile(joinTokenFile, 'second');
      await beginAnew();
      expect((await kept()).token).not.toBe(first.token);
      expect([gateway.isGood((await kept()).token), gateway.isGood(first.token)]).toEqual([true, false]);
      // In a pod the file stays where it is.
      await writeFile(joinTokenFile, 'second');
      const second = await kept();
      await beginAnew();
      expect([gateway.presented, await kept(), warnings]).toEqual([[FIRST_JOIN, 'second'], second, []]);
    });

    it('one that is refused is told of once, and what it has is used on; after a minute it is not tried any more', async () => {
      const first = await kept();
      await writeFile(joinTokenFile, 'stolen');
      const { trouble } = await beginAnew();
      expect([trouble, await kept(), warnings]).toEqual([undefined, first, ['it is 403']]);
      clock.jump(REFUSED_FOR_GOOD_MS);
      await remembered('stolen');
      expect((await kept()).token).toBe(first.token);
      const tries = gateway.presented.length;
      await beginAnew();
      expect([gateway.presented.length, warnings]).toEqual([tries, ['it is 403']]);
      // It is renewed as before.
      await clock.pass(DAY_MS);
      expect([gateway.asked.length, (await kept()).token === first.token]).toEqual([1, false]);
      await remembered('stolen');
    });

    it('while the gateway is away it works with what it has, and comes in with the new one on its return', async () => {
      const first = await kept();
      gateway.joins.add('second');
      await writeFile(joinTokenFile, 'second');
      gateway.weather = 'away';
      await beginAnew();
      expect(await kept()).toEqual(first);
      gateway.weather = 'well';
      await replaced.promise;
      expect(gateway.isGood((await kept()).token)).toBe(true);
      await remembered('second');
    });

    it('what it has of a cluster that was removed is not used for another one of its name', async () => {
      gateway.joins.add('second');
      await writeFile(joinTokenFile, 'second');
      gateway.weather = 'away';
      const coming = beginAnew({ ...CLUSTER, uid: 'another' });
      await until(() => expect(warnings).toEqual([expect.stringContaining('503')]));
      gateway.weather = 'well';
      await coming;
      expect(gateway.presented).toEqual([FIRST_JOIN, 'second']);
    });

    it('with nothing but a token that is refused it says so, and waits for another one without trying that for ever', async () => {
      gateway.token = undefined;
      await writeFile(joinTokenFile, 'stolen');
      const coming = beginAnew();
      await until(() => expect(gateway.presented).toContain('stolen'));
      clock.jump(REFUSED_FOR_GOOD_MS);
      const why = `the join token in ${joinTokenFile} is refused (it is 403); it is waited for another one`;
      await until(() => expect(warnings.at(-1)).toContain(why));
      const tries = gateway.presented.length;
      gateway.joins.add('second');
      await writeFile(joinTokenFile, 'second');
      await coming;
      expect(gateway.presented.slice(tries)).toEqual(['second']);
    });
  });
});

async function until(holds: () => Promise<void> | void): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
