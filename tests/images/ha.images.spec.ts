/** docker compose --profile ha up: writes at the balancer go on while a node of NATS, a gateway and the active scheduler are gone. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@skyflow/nats-server';
import { eventually } from '../e2e/fixture/skyflow.js';
import { Compose } from './fixture/compose.js';
import { Writer } from './fixture/writer.js';

const TOKEN = "require('node:fs').readFileSync('/var/lib/skyflow/secrets/token', 'utf8')";
const TWICE = ['api-gateway', 'mesh-controller', 'provisioner', 'scheduler'];

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
    expect(await writer.lost()).toEqual([]);
    process.stdout.write(
      `${writer.acknowledged.length} writes; longest time without one ${(writer.longestGapMs / 1_000).toFixed(1)} s\n`,
    );
  }, 400_000);
});
