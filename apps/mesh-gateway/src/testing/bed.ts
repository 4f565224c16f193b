/** Gateways of several clusters in one process, with real sockets, certificates and pods; for tests. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import getPort from 'get-port';
import { issueCertificate, type Authority } from '@skyflow/certificates';
import { type GatewayConfig, gatewayIdentity, type GatewayListener } from '@skyflow/contracts';
import { createLogger, type Logger } from '@skyflow/service';
import { Gateway } from '../gateway.js';
import type { Limits } from '../limits.js';

const DAY_MS = 86_400_000;

/** A test finds trouble within a second. */
export const FAST: Partial<Limits> = {
  pingEveryMs: 200,
  lostPings: 4,
  redialMs: { base: 20, cap: 200 },
  answerMs: 5_000,
  relistenMs: 200,
  lingerMs: 200,
  pathWaitMs: 200,
  laneEveryMs: 0,
};

/** As a gateway that speaks no lanes, or from before there were any. */
export const WITHOUT_LANES: Partial<Limits> = { ...FAST, mostLanes: 0 };

/** What carries connections between two gateways, by what each of them speaks. */
export const CARRIAGES: { name: string; a: Partial<Limits>; b: Partial<Limits>; lanes: boolean }[] = [
  { name: 'on lanes', a: FAST, b: FAST, lanes: true },
  { name: 'on sessions', a: WITHOUT_LANES, b: WITHOUT_LANES, lanes: false },
];

export const authorityOf = (cluster: string, generation = 1): Authority =>
  issueCertificate({
    subject: { commonName: `mesh of ${cluster}, ${generation}` },
    use: 'authority',
    lifeMs: 10 * DAY_MS,
    nowMs: Date.now(),
  });

/**
 * @param cluster that it says it is.
 * @param hosts names besides, which the gateway does not look at.
 */
export function identityOf(
  cluster: string,
  authority: Authority,
  { lifeMs = DAY_MS, hosts = [] }: { lifeMs?: number; hosts?: readonly string[] } = {},
): GatewayConfig['identity'] {
  const uris = [gatewayIdentity(cluster)];
  const request = { subject: { commonName: cluster }, uris, hosts, use: 'peer' as const, lifeMs, nowMs: Date.now() };
  return issueCertificate(request, authority);
}

/** One cluster, and what its data plane is told. */
export abstract class Told {
  readonly authority: Authority;
  readonly config: GatewayConfig;

  constructor(readonly cluster: string) {
    this.authority = authorityOf(cluster);
    const identity = identityOf(cluster, this.authority);
    this.config = { cluster, identity, peers: [], listeners: [], exports: [] };
  }

  /** Where peers dial it; '' where they cannot. */
  abstract get address(): string;

  peer(other: Told, { reverse = false, addresses = other.address === '' ? [] : [other.address] } = {}): void {
    const { cluster, authority } = other;
    this.config.peers = this.config.peers.filter((each) => each.cluster !== cluster);
    this.config.peers.push({
      cluster,
      authorities: [authority.certificate],
      addresses,
      ...(reverse ? { reverse } : {}),
    });
  }

  export(service: string, to: string[], pods: Record<string, number>): void {
    this.config.exports = this.config.exports.filter((each) => each.service !== service);
    this.config.exports.push({
      service,
      name: `default/${service}`,
      to,
      pods: Object.entries(pods).map(([uid, port]) => ({ uid, name: uid, ports: { '': `127.0.0.1:${port}` } })),
    });
  }

  async listen(peer: string, service: string, ...pods: string[]): Promise<GatewayListener> {
    const port = await freePort();
    const listener = { address: '127.0.0.1', port, peer, service, servicePort: '', pods };
    this.config.listeners.push(listener);
    return listener;
  }
}

/** One with a gateway in this process. */
export class Site extends Told {
  readonly gateway: Gateway;

  constructor(
    cluster: string,
    { listens = true, limits = FAST, logger = createLogger('test', cluster, 'fatal') }: SiteOptions = {},
  ) {
    super(cluster);
    const listen = listens ? { host: '127.0.0.1', port: 0 } : undefined;
    this.gateway = new Gateway({ listen, logger, limits });
  }

  get address(): string {
    return this.gateway.status().listening ?? '';
  }

  apply(): Promise<void> {
    return this.gateway.configure(structuredClone(this.config));
  }
}

export interface SiteOptions {
  listens?: boolean;
  limits?: Partial<Limits>;
  logger?: Logger;
}

/** A pod: a server of this process. */
export class Pod {
  readonly sockets: Socket[] = [];
  private constructor(private readonly server: Server) {}

  static async run(onConnection: (socket: Socket) => void): Promise<Pod> {
    const server = createServer({ allowHalfOpen: true });
    const pod = new Pod(server);
    server.on('connection', (socket) => {
      pod.sockets.push(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return pod;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A path between two gateways that can be cut: then what is sent vanishes, without FIN or reset. */
export class Path {
  private isCut = false;
  private readonly sockets: Socket[] = [];
  private constructor(private readonly server: Server) {}

  static async to(address: string): Promise<Path> {
    const server = createServer();
    const path = new Path(server);
    const [host = '', port = ''] = address.split(':');
    server.on('connection', (near) => {
      const far = connect({ host, port: Number(port) });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        path.sockets.push(from);
        from.on('error', () => undefined);
        from.on('data', (chunk) => path.isCut || to.write(chunk));
        from.on('close', () => path.isCut || to.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return path;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(isCut: boolean): void {
    this.isCut = isCut;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

export const dial = ({ address, port }: { address: string; port: number }): Socket =>
  connect({ host: address, port, allowHalfOpen: true });

/** Everything that comes until the end, or how it failed. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('end', () => resolve(Buffer.concat(chunks).toString()));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(`error ${error.code ?? error.message}`));
  });
}

export const freePort = (): Promise<number> => getPort({ host: '127.0.0.1' });

/** Waits for a condition. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 20_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`after ${deadlineMs} ms still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
