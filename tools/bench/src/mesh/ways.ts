/** Ways from a client to a pod, each with two hops and mutual TLS 1.3 between them: our gateways, and HAProxy where it is installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { issueCertificate, type Authority } from '@skyflow/certificates';
import { type GatewayConfig, gatewayIdentity, type GatewayStatus } from '@skyflow/contracts';
import { freePort, root } from '../control-plane.js';

export interface Way {
  name: string;
  /** Where clients connect. */
  port: number;
  close(): void;
}

interface Side {
  name: string;
  authority: Authority;
  identity: Authority;
}

/** As agents start it. */
const HEAP = ['--max-semi-space-size=16', '--initial-old-space-size=128'];
const DAY_MS = 86_400_000;
const READY_WITHIN_MS = 60_000;

/**
 * @param folder for sockets and configurations, of this way alone.
 * @param hasLanes as they are by default; else all connections are streams of HTTP/2 sessions.
 */
export async function throughGateways(folder: string, podPort: number, hasLanes: boolean): Promise<Way> {
  const [a, b] = [sideOf('a'), sideOf('b')];
  const [entry, at] = [await freePort(), await freePort()];
  const config = ({ name, identity: { certificate, privateKey } }: Side, other: Side): GatewayConfig => ({
    cluster: name,
    identity: { certificate, privateKey },
    peers: [
      {
        cluster: other.name,
        authorities: [other.authority.certificate],
        addresses: other.name === 'b' ? [`127.0.0.1:${at}`] : [],
      },
    ],
    listeners:
      name === 'a'
        ? [{ address: '127.0.0.1', port: entry, peer: 'b', service: 's', servicePort: '', pods: ['p'] }]
        : [],
    exports:
      name === 'b'
        ? [
            {
              service: 's',
              name: 's',
              to: ['a'],
              pods: [{ uid: 'p', name: 'p', ports: { '': `127.0.0.1:${podPort}` } }],
            },
          ]
        : [],
  });
  const children: ChildProcess[] = [];
  const start = async (side: Side, other: Side, listen: string | undefined): Promise<string> => {
    const control = join(folder, `${side.name}.sock`);
    const environment = {
      SKYFLOW_GATEWAY_CONTROL: control,
      SKYFLOW_EXIT_WITH_PARENT: 'stdin',
      SKYFLOW_LOG_LEVEL: 'error',
      ...(hasLanes ? {} : { SKYFLOW_GATEWAY_LANES: '0' }),
    };
    children.push(
      spawn(process.execPath, [...HEAP, join(root, 'apps/mesh-gateway/dist/main.js')], {
        env: { ...process.env, ...environment, ...(listen === undefined ? {} : { SKYFLOW_GATEWAY_LISTEN: listen }) },
        stdio: ['pipe', 'ignore', 'inherit'],
      }),
    );
    await until(`the gateway of ${side.name}`, () => ask(control, 'GET', '/v1/status').then(Boolean, () => false));
    await ask(control, 'PUT', '/v1/config', config(side, other));
    return control;
  };
  await start(b, a, `127.0.0.1:${at}`);
  const control = await start(a, b, undefined);
  await until('a session, and a lane, between the gateways', async () => {
    const { peers } = (await ask(control, 'GET', '/v1/status')) as GatewayStatus;
    return peers[0]?.state === 'up' && (!hasLanes || (peers[0].lanes ?? 0) > 0);
  });
  return {
    name: hasLanes ? 'gateways' : 'sessions',
    port: entry,
    close: () => children.forEach((child) => child.kill()),
  };
}

/** Undefined: HAProxy is not installed. */
export async function throughHaproxy(folder: string, podPort: number): Promise<Way | undefined> {
  if (spawnSync('haproxy', ['-v']).status !== 0) return undefined;
  const [a, b] = [sideOf('a'), sideOf('b')];
  const [entry, at] = [await freePort(), await freePort()];
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  for (const { name, authority, identity } of [a, b]) {
    file(`${name}.pem`, identity.certificate + identity.privateKey);
    file(`${name}-ca.pem`, authority.certificate);
  }
  const tls = (own: string, other: string): string =>
    `ssl crt ${join(folder, `${own}.pem`)} ca-file ${join(folder, `${other}-ca.pem`)} verify required`;
  const config = file(
    'haproxy.cfg',
    `defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen egress
  bind 127.0.0.1:${entry}
  server peer 127.0.0.1:${at} ${tls('a', 'b')} ssl-min-ver TLSv1.3
listen ingress
  bind 127.0.0.1:${at} ${tls('b', 'a')} ssl-min-ver TLSv1.3
  server pod 127.0.0.1:${podPort}
`,
  );
  const child = spawn('haproxy', ['-db', '-q', '-f', config], { stdio: 'ignore' });
  await until('HAProxy', () => answers(entry));
  return { name: 'HAProxy', port: entry, close: () => void child.kill() };
}

function sideOf(name: string): Side {
  const life = { lifeMs: DAY_MS, nowMs: Date.now() };
  const authority = issueCertificate({ subject: { commonName: `mesh of ${name}` }, use: 'authority', ...life });
  const uris = [gatewayIdentity(name)];
  const identity = issueCertificate({ subject: { commonName: name }, uris, use: 'peer', ...life }, authority);
  return { name, authority, identity };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} was not there after ${READY_WITHIN_MS} ms`);
    await pause(50);
  }
}

function ask(control: string, method: string, path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: control, method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${text}`));
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
