/** The keeper of an instance with --tls, at a real nats-server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type NatsConnection, connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { inboxPrefix } from '@skyflow/contracts';
import { natsServices } from '@skyflow/domain';
import { ServiceKeys, freePort } from '@skyflow/nats-server';
import { shownCertificate, testNatsServer } from '@skyflow/nats-server/testing';
import { Home } from './home.js';
import { keepCertificate, keeperOf } from './nats-keeping.js';
import { ensureTls } from './tls.js';

const LOOK_MS = 50;
let home: Home;
let server: ChildProcess;
let port: number;
let connection: NatsConnection | undefined;
const over = new AbortController();

beforeEach(async () => {
  home = new Home(mkdtempSync(join(tmpdir(), 'skyflow-keeping-')));
  home.prepare();
  ensureTls(home);
  const keys = new ServiceKeys(home.natsKeys, natsServices);
  keys.ensure();
  port = await freePort();
  const notice = (text: string): never => {
    throw new Error(text);
  };
  const hangUp = (): void => void server.kill('SIGHUP');
  const keeper = keeperOf({ home, keys, port, tls: true, hangUp, notice });
  keeper.write();
  const { path } = await testNatsServer();
  server = spawn(path, ['-c', home.natsConfig], { stdio: 'ignore' });
  connection = await connect({
    servers: `tls://127.0.0.1:${port}`,
    tls: { caFile: home.authority },
    authenticator: nkeyAuthenticator(readFileSync(keys.file('scheduler'))),
    inboxPrefix: inboxPrefix('scheduler'),
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  keepCertificate(home, keeper, over.signal, LOOK_MS);
}, 120_000);
afterEach(async () => {
  over.abort();
  await connection?.close();
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill();
  await gone;
  rmSync(home.path, { recursive: true, force: true });
});

/** The certificate that a client which connects now is shown (PEM). */
const shown = async (): Promise<string | undefined> =>
  (await shownCertificate({ port, ca: readFileSync(home.authority) }))?.toString();

it('nats-server shows a renewed certificate to whoever connects then, and cuts nobody off', async () => {
  const first = readFileSync(home.gatewayCertificate, 'utf8');
  expect(await shown()).toBe(first);
  const statuses: string[] = [];
  const { pid } = server;
  void (async () => {
    for await (const { type } of connection?.status() ?? []) statuses.push(type);
  })();

  // The next look finds that it is not good any more, and makes another one.
  rmSync(home.gatewayCertificate);
  const deadline = performance.now() + 30_000;
  while ((await shown()) === first) expect(performance.now()).toBeLessThan(deadline);
  expect(await shown()).toBe(readFileSync(home.gatewayCertificate, 'utf8'));

  await connection?.flush();
  expect([statuses, server.pid, server.exitCode]).toEqual([[], pid, null]);
}, 60_000);
