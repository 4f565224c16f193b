/** The deciders that have no decisions yet, as real processes: healthy, one active, another takes over. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { commandSubject } from '@skyflow/contracts';
import { JetStreamEventLog, SubjectWriter } from '@skyflow/event-log';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect } from '@nats-io/transport-node';

const program = (app: string): string => fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));

interface Ready {
  status: string;
  active: boolean;
  foldedSeq: number;
}

class Service {
  readonly child: ChildProcess;
  constructor(
    app: string,
    natsUrl: string,
    readonly port: number,
  ) {
    const { NODE_OPTIONS: _jestOnly, ...environment } = process.env;
    this.child = spawn(process.execPath, [program(app)], {
      env: { ...environment, SKYFLOW_NATS_URL: natsUrl, SKYFLOW_HEALTH_PORT: String(port) },
      stdio: 'ignore',
    });
  }

  async ready(): Promise<Ready> {
    const response = await fetch(`http://127.0.0.1:${this.port}/readyz`);
    return (await response.json()) as Ready;
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => {
      this.child.once('exit', (code) => resolve(code));
      this.child.kill(signal);
    });
  }
}

describe.each(['mesh-controller', 'provisioner'])('%s', (app) => {
  let nats: NatsFixture;
  const services: Service[] = [];

  const start = async (): Promise<Service> => {
    const service = new Service(app, nats.url, await freePort());
    services.push(service);
    return service;
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
  });

  afterAll(() => nats.stop());

  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
  });

  it('folds the log, reports healthy, and ends with 0 on SIGTERM', async () => {
    const service = await start();
    await eventually(async () => expect(await service.ready()).toMatchObject({ status: 'ok', active: true }));
    const seq = await registerCluster(nats.url, `${app}-cluster`);
    await eventually(async () => expect((await service.ready()).foldedSeq).toBeGreaterThanOrEqual(seq));
    expect(await service.end('SIGTERM')).toBe(0);
  });

  it('is not ready while NATS is away, and says so', async () => {
    const service = await start();
    await eventually(async () => expect(await service.ready()).toMatchObject({ status: 'ok' }));
    await nats.kill9();
    await eventually(async () =>
      expect(await service.ready()).toMatchObject({ failed: { nats: expect.stringContaining('is lost') } }),
    );
    await nats.restart();
    await eventually(async () => expect(await service.ready()).toMatchObject({ status: 'ok' }));
  });

  it('has one active instance, and another takes over when it is killed', async () => {
    const pair = [await start(), await start()];
    const actives = async (): Promise<boolean[]> =>
      Promise.all(pair.map(async (service) => (await service.ready()).active));
    await eventually(async () => expect((await actives()).filter(Boolean)).toHaveLength(1));
    const first = (await actives()).indexOf(true);
    await pair[first]!.end('SIGKILL');
    await eventually(async () => expect(await pair[1 - first]!.ready()).toMatchObject({ status: 'ok', active: true }));
  });

  it('lives on, not ready and saying why, while there is no nats-server', async () => {
    const port = await freePort();
    const service = new Service(app, `nats://127.0.0.1:${port}`, await freePort());
    services.push(service);
    await eventually(async () =>
      expect(await service.ready()).toMatchObject({ status: 'not ready', failed: { nats: expect.any(String) } }),
    );
    expect(service.child.exitCode).toBeNull();
  });
});

it('a service refuses a wrong setting by name, with exit code 2', async () => {
  const child = spawn(process.execPath, [program('provisioner')], {
    env: { PATH: process.env.PATH, SKYFLOW_HEALTH_PORT: 'high' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(2);
  expect(said).toMatch(/SKYFLOW_HEALTH_PORT is "high"/);
  expect(said).not.toMatch(/ at /);
});

/** @returns the sequence of its commit */
async function registerCluster(url: string, name: string): Promise<number> {
  const connection = await connect({ servers: url });
  const log = await JetStreamEventLog.open({ connection });
  const writer = new SubjectWriter({ log, subject: commandSubject(), writer: 'test/1' });
  const object = {
    apiVersion: 'skyflow.io/v1',
    kind: 'Cluster',
    metadata: { name, uid: `uid-${name}`, creationTimestamp: new Date().toISOString() },
  };
  const { seq } = await writer.append([
    { type: 'ObjectCreated', v: 1, at: Date.now(), actor: 'test', corr: 'test', data: { object } },
  ]);
  await writer.close();
  await log.close();
  await connection.close();
  return seq;
}

async function eventually(check: () => Promise<void>, deadlineMs = 20_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await pause(50);
  }
}

const freePort = (): Promise<number> => getPort({ host: '127.0.0.1' });
