/**
 * HAProxy behind the control API, to prove that the API does not ask for the Node gateway. A configuration becomes files and a new process, which
 * takes the ports over from the one before; that one ends with the last of its connections. No product: what it lacks is below.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayConfig, GatewayProbeAnswer, GatewayReachAnswer, GatewayStatus } from '@skyflow/contracts';
import type { Plane, PlaneKind, PlaneOptions } from '../data-plane.js';
import { type Carried, haproxyFiles, serverName } from './haproxy-config.js';
import { askHaproxy, proxyStats, type ProxyStats } from './haproxy-stats.js';

const READY_CHECK_MS = 20;
const RELISTEN_MS = 200;

interface Running {
  child: ChildProcess;
  ended: Promise<unknown>;
  stats: string;
  proxies: Map<string, Carried>;
}

interface Counts {
  connections: number;
  sentBytes: number;
  receivedBytes: number;
}

class HaproxyPlane implements Plane {
  private readonly startedAt = Date.now();
  private config: GatewayConfig | undefined;
  private current: Running | undefined;
  private readonly older = new Set<Running>();
  /** Of processes before this one, up to when the next took over. */
  private readonly before = new Map<string, Counts>();
  private failed: GatewayStatus['failed'] = [];
  private generation = 0;
  private relisten: NodeJS.Timeout | undefined;
  private applying: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PlaneOptions) {}

  configure(config: GatewayConfig): Promise<void> {
    const applied = this.applying.then(() => this.apply(config));
    this.applying = applied.catch(() => undefined);
    return applied;
  }

  async status(): Promise<GatewayStatus> {
    await this.applying;
    const { config, current, startedAt, failed } = this;
    const { listen } = this.options;
    const stats = current === undefined ? [] : await proxyStats(current.stats);
    return {
      cluster: config?.cluster ?? '',
      ...(listen === undefined || config === undefined ? {} : { listening: `${listen.host}:${listen.port}` }),
      startedAt,
      peers: (config?.peers ?? []).map(({ cluster }) => ({
        cluster,
        state: this.stateOf(cluster, stats),
        sessions: 0,
      })),
      traffic: this.traffic(stats),
      failed,
    };
  }

  /** Says nothing of pods: a refusal has no reason, and what is open says nothing until it is sent something. */
  probe(address: string, port: number): Promise<GatewayProbeAnswer> {
    return Promise.resolve({ verdict: 'NO_PATH', ms: 0, message: `HAProxy cannot tell of ${address}:${port}` });
  }

  reach(cluster: string): Promise<GatewayReachAnswer> {
    return Promise.resolve({ ok: false, ms: 0, message: `HAProxy sends nothing back of what ${cluster} sends` });
  }

  async close(graceMs = 0): Promise<void> {
    await this.applying;
    clearTimeout(this.relisten);
    const all = [...this.older, ...(this.current === undefined ? [] : [this.current])];
    for (const { child } of all) child.kill(graceMs > 0 ? 'SIGUSR1' : 'SIGTERM');
    const timer = setTimeout(() => all.forEach(({ child }) => child.kill('SIGTERM')), graceMs);
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(timer);
  }

  private async apply(config: GatewayConfig): Promise<void> {
    clearTimeout(this.relisten);
    const { listen, folder } = this.options;
    const listeners = await this.listenable(config.listeners);
    const stats = join(folder, `stats-${(this.generation += 1)}`);
    const place = { folder, stats, listen: listen === undefined ? undefined : `${listen.host}:${listen.port}` };
    const { files, main, proxies } = haproxyFiles({ ...config, listeners }, place);
    for (const [path, text] of files) await writeFile(path, text, { mode: 0o600 });
    const { current: last } = this;
    if (last !== undefined) await this.leave(last, new Set(config.peers.map(({ cluster }) => cluster)));
    const next = await this.start(main, stats, proxies, last);
    this.config = config;
    this.current = next;
    if (this.failed.length > 0) this.relisten = setTimeout(() => void this.configure(config), RELISTEN_MS);
  }

  /** HAProxy does not start when one port of all is taken. */
  private async listenable(listeners: GatewayConfig['listeners']): Promise<GatewayConfig['listeners']> {
    const served = new Set(this.config?.listeners.map(({ address, port }) => `${address} ${port}`));
    for (const { address, port } of this.failed) served.delete(`${address} ${port}`);
    this.failed = [];
    const good: GatewayConfig['listeners'] = [];
    for (const listener of listeners) {
      const { address, port } = listener;
      const trouble = served.has(`${address} ${port}`) ? undefined : await cannotListen(address, port);
      if (trouble === undefined) good.push(listener);
      else this.failed.push({ address, port, message: trouble });
    }
    return good;
  }

  /** What it has counted is kept; what it carries for peers that are gone ends. */
  private async leave({ stats, proxies }: Running, peers: ReadonlySet<string>): Promise<void> {
    const counted = await proxyStats(stats);
    for (const [key, counts] of this.counted(counted)) this.before.set(key, counts);
    for (const { proxy, server } of counted.filter((each) => isServer(each))) {
      const peer = proxies.get(proxy)?.peer;
      if (peer !== undefined && !peers.has(peer))
        await askHaproxy(stats, `shutdown sessions server ${proxy}/${server}`);
    }
  }

  private async start(main: string, stats: string, proxies: Running['proxies'], last?: Running): Promise<Running> {
    const after = last?.child.pid === undefined ? [] : ['-sf', String(last.child.pid)];
    const child = spawn('haproxy', ['-db', '-q', '-f', main, ...after], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const running: Running = { child, ended: once(child, 'exit'), stats, proxies };
    if (last !== undefined) {
      this.older.add(last);
      void last.ended.then(() => this.older.delete(last));
    }
    while (!(await askHaproxy(stats, 'show info').then(Boolean, () => false))) {
      if (child.exitCode !== null) throw new Error(`HAProxy does not start: ${complaint}`);
      await delay(READY_CHECK_MS);
    }
    return running;
  }

  private stateOf(cluster: string, stats: readonly ProxyStats[]): 'up' | 'down' | 'idle' {
    const ways = stats.filter((each) => isServer(each) && this.isOut(each.proxy, cluster));
    if (ways.length === 0) return 'idle';
    return ways.some(({ status }) => status.startsWith('UP')) ? 'up' : 'down';
  }

  private isOut(proxy: string, cluster: string): boolean {
    const carried = this.current?.proxies.get(proxy);
    return carried?.direction === 'out' && carried.peer === cluster;
  }

  private counted(stats: readonly ProxyStats[]): Map<string, Counts> {
    const sums = new Map(this.before);
    for (const { proxy, connections, bytesIn, bytesOut } of stats.filter((each) => isServer(each))) {
      const carried = this.current?.proxies.get(proxy);
      if (carried === undefined) continue;
      const key = JSON.stringify(carried);
      const sum = sums.get(key) ?? { connections: 0, sentBytes: 0, receivedBytes: 0 };
      sums.set(key, {
        connections: sum.connections + connections,
        sentBytes: sum.sentBytes + bytesIn,
        receivedBytes: sum.receivedBytes + bytesOut,
      });
    }
    return sums;
  }

  private traffic(stats: readonly ProxyStats[]): GatewayStatus['traffic'] {
    return [...this.counted(stats)]
      .filter(([, { connections }]) => connections > 0)
      .map(([key, counts]) => {
        const ours = stats.filter(
          (each) => isServer(each) && JSON.stringify(this.current?.proxies.get(each.proxy)) === key,
        );
        const open = ours.reduce((sum, each) => sum + each.open, 0);
        return { ...(JSON.parse(key) as Carried), ...counts, open, refused: 0 };
      });
  }
}

export const haproxyPlane: PlaneKind = {
  name: 'HAProxy',
  start: (options) => new HaproxyPlane(options),
  lacks: {
    'passes a reset on as a reset': 'a reset travels as an end',
    'refuses a connection by a reset, as a pod that is gone': 'what it cannot carry it ends',
    'counts what was refused': 'its counters do not say what a refused one was for',
    'probes up to the pod and says why not': 'a refusal has no reason',
    'gives back what a peer sends to see whether pods reach each other': 'it sends nothing back by itself',
    'carries to a cluster that cannot be dialled, as that one dials': 'it does so for HTTP only, from 2.9 on',
  },
  // It compares the server name, in which a route is, with the names of the certificate.
  hosts: ['a', 'b', 'gone'].map((dialler) => serverName('*', dialler)),
};

const isServer = ({ server }: ProxyStats): boolean => server.startsWith('pod');

/** Why nobody can listen there. */
function cannotListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}
