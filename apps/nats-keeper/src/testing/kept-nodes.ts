/** For tests: three nats-servers on loopback that speak TLS and read one configuration file, with a keeper and a gateway as processes of their own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type NatsConnection, connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { type Authority, issueCertificate } from '@skyflow/certificates';
import { inboxPrefix } from '@skyflow/contracts';
import { NATS_KEEPERS, type NatsService } from '@skyflow/domain';
import { freePort } from '@skyflow/nats-server';
import { shownCertificate, testNatsServer } from '@skyflow/nats-server/testing';
import { NAME_VARIABLE } from '../config-file.js';

const run = promisify(execFile);
const program = (app: string): string => fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));
const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
const DAY_MS = 24 * 3_600_000;
const ADMIN = 'admin-token';
const KEEPER = 'keeper-token';

export class KeptNodes {
  readonly children = new Map<string, ChildProcess>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'skyflow-kept-nodes-'));
  private readonly connections: NatsConnection[] = [];
  private readonly environment: Record<string, string>;
  private output = '';
  private readonly authority: Authority;

  private constructor(
    private readonly binary: string,
    private readonly ports: { client: number; route: number }[],
    private readonly apiPort: number,
  ) {
    const subject = { commonName: 'authority' };
    const made = issueCertificate({ subject, use: 'authority', lifeMs: DAY_MS, nowMs: Date.now() });
    this.authority = { subject, certificate: made.certificate, privateKey: made.privateKey };
    writeFileSync(this.authorityFile, made.certificate);
    this.renewCertificate();
    this.environment = {
      SKYFLOW_NATS_URL: ports.map(({ client }) => `tls://127.0.0.1:${client}`).join(','),
      SKYFLOW_NATS_CA_FILE: this.authorityFile,
      SKYFLOW_NATS_TLS_CERT_FILE: join(this.folder, 'tls.crt'),
      SKYFLOW_NATS_TLS_KEY_FILE: join(this.folder, 'tls.key'),
      SKYFLOW_NATS_ROUTES: ports.map(({ route }) => `127.0.0.1:${route}`).join(','),
      SKYFLOW_NATS_ROUTES_PASSWORD: 'known to nodes',
      SKYFLOW_NATS_KEYS_DIR: join(this.folder, 'keys'),
      SKYFLOW_NATS_CONFIG: join(this.folder, 'nats-server.conf'),
      SKYFLOW_NATS_AGENTS_FILE: join(this.folder, 'agents.json'),
      SKYFLOW_NATS_MONITOR: 'none',
      SKYFLOW_NATS_STORE_DIR: 'data', // in the folder where each node runs
    };
  }

  static async start(): Promise<KeptNodes> {
    const { path } = await testNatsServer();
    const free = await Promise.all(Array.from({ length: 7 }, () => freePort()));
    const ports = [0, 2, 4].map((at) => ({ client: free[at] ?? 0, route: free[at + 1] ?? 0 }));
    const nodes = new KeptNodes(path, ports, free[6] ?? 0);
    const env = { ...inherited, ...nodes.environment };
    for (const command of ['keys', 'config']) {
      await run(process.execPath, [program('nats-keeper'), command], { env });
    }
    ports.forEach((_, index) => nodes.startNode(index));
    nodes.startGateway();
    nodes.spawn('keeper', process.execPath, [program('nats-keeper'), 'run'], {
      ...nodes.environment,
      SKYFLOW_API_URL: `http://127.0.0.1:${nodes.apiPort}`,
      SKYFLOW_TOKEN: KEEPER,
    });
    return nodes;
  }

  /** The command line says what is each node's own, and goes before what the file says. */
  startNode(index: number): void {
    const { client = 0, route = 0 } = this.ports[index] ?? {};
    const name = `node-${index}`;
    const own = ['-a', '127.0.0.1', '-p', String(client)];
    const args = [
      '-c',
      this.environment['SKYFLOW_NATS_CONFIG'] ?? '',
      ...own,
      '--cluster',
      `nats://127.0.0.1:${route}`,
    ];
    mkdirSync(join(this.folder, name), { recursive: true });
    this.spawn(name, this.binary, args, { [NAME_VARIABLE]: name }, join(this.folder, name));
  }

  seed(service: NatsService): string {
    return readFileSync(this.keyFile(service), 'utf8');
  }

  /** @param node absent: any. @param key absent: what is in the service's file at each connect */
  async connect(service: NatsService, node?: number, key?: string): Promise<NatsConnection> {
    const connection = await connect({
      servers: this.ports
        .filter((_, index) => node === undefined || index === node)
        .map(({ client }) => `127.0.0.1:${client}`),
      authenticator: (nonce) => nkeyAuthenticator(Buffer.from(key ?? this.seed(service)))(nonce),
      inboxPrefix: inboxPrefix(service),
      tls: { caFile: this.authorityFile },
      ignoreAuthErrorAbort: key === undefined,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      timeout: 5_000,
    });
    this.connections.push(connection);
    return connection;
  }

  /** With the seed of an agent, at one node. */
  async connectAgent(node: number, seed: Uint8Array): Promise<NatsConnection> {
    const servers = `127.0.0.1:${this.ports[node]?.client ?? 0}`;
    const connection = await connect({
      servers,
      authenticator: nkeyAuthenticator(seed),
      tls: { caFile: this.authorityFile },
      timeout: 5_000,
    });
    this.connections.push(connection);
    return connection;
  }

  /** Another one, as cert-manager writes it. @returns it (PEM) */
  renewCertificate(): string {
    const hosts = ['127.0.0.1', 'localhost'];
    const made = issueCertificate(
      { subject: { commonName: 'nats' }, hosts, use: 'server', lifeMs: DAY_MS, nowMs: Date.now() },
      this.authority,
    );
    writeFileSync(join(this.folder, 'tls.crt'), made.certificate);
    writeFileSync(join(this.folder, 'tls.key'), made.privateKey);
    return made.certificate;
  }

  /** What a client that connects to a node now is shown (PEM). */
  async shownBy(node: number): Promise<string | undefined> {
    const ca = readFileSync(this.authorityFile);
    return (await shownCertificate({ port: this.ports[node]?.client ?? 0, ca }))?.toString();
  }

  /** Of the gateway, as its admin or without a token. @throws when it does not answer */
  async api(method: string, path: string, body?: object, token: string = ADMIN): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.apiPort}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(10_000),
    });
  }

  /** Name of the Token of a cluster's agent. */
  async agentToken(cluster: string): Promise<string> {
    const { items } = (await (await this.api('GET', '/apis/skyflow.io/v1/tokens')).json()) as {
      items: { metadata: { name: string }; spec: { type: string; cluster?: string } }[];
    };
    const found = items.find(({ spec }) => spec.type === 'Agent' && spec.cluster === cluster);
    if (found === undefined) throw new Error(`the agent of ${cluster} has no Token`);
    return found.metadata.name;
  }

  /** What all of them said last, for the report of a failed test. */
  get lastWords(): string {
    return this.output.split('\n').slice(-60).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
    await Promise.all(
      [...this.children.values()].map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
        const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        child.kill('SIGKILL');
        return exit;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  private startGateway(): void {
    const tokens = join(this.folder, 'tokens');
    writeFileSync(tokens, `${KEEPER} system:nats-keeper ${NATS_KEEPERS}\n`);
    this.spawn('gateway', process.execPath, [program('api-gateway')], {
      SKYFLOW_NATS_URL: this.environment['SKYFLOW_NATS_URL'] ?? '',
      SKYFLOW_NATS_CA_FILE: this.authorityFile,
      SKYFLOW_NATS_REPLICAS: '3',
      SKYFLOW_NATS_KEY_FILE: this.keyFile('api-gateway'),
      SKYFLOW_HTTP_PORT: String(this.apiPort),
      SKYFLOW_TOKEN: ADMIN,
      SKYFLOW_TOKENS_FILE: tokens,
    });
  }

  private get authorityFile(): string {
    return join(this.folder, 'ca.crt');
  }

  private keyFile(service: NatsService): string {
    return join(this.environment['SKYFLOW_NATS_KEYS_DIR'] ?? '', service, 'nats.nk');
  }

  private spawn(
    name: string,
    command: string,
    args: readonly string[],
    environment: Record<string, string>,
    cwd = this.folder,
  ): void {
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output = `${this.output}${name}: ${chunk.toString()}`.slice(-20_000)));
    this.children.set(name, child);
  }
}
