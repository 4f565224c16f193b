/** docker compose --profile ha up: writes at the balancer go on while a node of NATS, a gateway and the active scheduler are gone. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@skyflow/nats-server';
import { eventually } from '../e2e/fixture/skyflow.js';
import { Compose } from './fixture/compose.js';

const NAMESPACES = '/apis/skyflow.io/v1/namespaces';
const TOKEN = "require('node:fs').readFileSync('/var/lib/skyflow/secrets/token', 'utf8')";
const PATIENCE_MS = 5_000;
const TWICE = ['api-gateway', 'mesh-controller', 'provisioner', 'scheduler'];

/** Writes one object after the other and remembers which were acknowledged. */
class Writer {
  readonly acknowledged: string[] = [];
  /** Longest time from one acknowledged write to the next, ms. */
  longestGapMs = 0;
  private lastAt = performance.now();
  private count = 0;

  constructor(
    private readonly address: string,
    private readonly token: string,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const name = `n${this.count++}`;
      while (!(await this.write(name)) && !isOver()) await pause(100);
      await pause(50);
    }
  }

  async list(): Promise<string[]> {
    const { items } = (await (await this.ask('GET')).json()) as { items: { metadata: { name: string } }[] };
    return items.map(({ metadata }) => metadata.name);
  }

  private async write(name: string): Promise<boolean> {
    const body = { apiVersion: 'skyflow.io/v1', kind: 'Namespace', metadata: { name } };
    try {
      const { status } = await this.ask('POST', body, name);
      if (status !== 201) return false;
    } catch {
      return false; // nobody answered: tried again with the same key
    }
    const now = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, now - this.lastAt);
    this.lastAt = now;
    this.acknowledged.push(name);
    return true;
  }

  private ask(method: string, body?: object, key?: string): Promise<Response> {
    return fetch(`${this.address}${NAMESPACES}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }
}

describe('docker compose --profile ha up', () => {
  let compose: Compose;
  let address: string;

  beforeAll(async () => {
    const [port, balancer] = [await freePort(), await freePort()];
    address = `http://127.0.0.1:${balancer}`;
    compose = new Compose({ SKYFLOW_PORT: String(port), SKYFLOW_BALANCER_PORT: String(balancer) });
    const { code, stderr } = await compose.up('ha');
    if (code !== 0) throw new Error(`${stderr}\n${(await compose.run(['logs', '--tail', '20'])).stdout}`);
  }, 400_000);

  afterAll(async () => {
    await compose.down();
  }, 120_000);

  it('has two of every service, three nodes of NATS and a balancer, all healthy', async () => {
    const running = (await compose.containers()).filter(({ State }) => State === 'running');
    expect(running.filter(({ Health }) => Health !== 'healthy')).toEqual([]);
    expect(running.map(({ Service }) => Service).sort()).toEqual(
      [
        ...TWICE.flatMap((service) => [service, `${service}-2`]),
        ...['nats', 'nats-2', 'nats-3', 'nats-keeper', 'balancer', 'agent-supervisor'],
      ].sort(),
    );
  });

  it('goes on without any one of them; nothing that was acknowledged is lost', async () => {
    const { stdout: token } = await compose.run(['exec', '-T', 'api-gateway', 'node', '-p', TOKEN]);
    const writer = new Writer(address, token.trim());
    const over = new AbortController();
    const writing = writer.run(over.signal);
    const more = (what: string): Promise<void> => {
      const before = writer.acknowledged.length;
      return eventually(
        `twenty more writes ${what}`,
        () => expect(writer.acknowledged.length).toBeGreaterThan(before + 20),
        60_000,
      );
    };
    try {
      await more('at first');
      for (const victim of ['nats', 'api-gateway', 'scheduler']) {
        expect(await compose.run(['kill', '--signal', 'SIGKILL', victim])).toMatchObject({ code: 0 });
        await more(`without ${victim}`);
        expect(await compose.run(['start', victim])).toMatchObject({ code: 0 });
        await eventually(
          `${victim} is healthy again`,
          async () =>
            expect((await compose.containers()).find(({ Service }) => Service === victim)?.Health).toBe('healthy'),
          120_000,
        );
      }
    } finally {
      over.abort();
      await writing;
    }
    const listed = new Set(await writer.list());
    expect(writer.acknowledged.filter((name) => !listed.has(name))).toEqual([]);
    process.stdout.write(
      `${writer.acknowledged.length} writes; longest time without one ${(writer.longestGapMs / 1_000).toFixed(1)} s\n`,
    );
  }, 400_000);
});
