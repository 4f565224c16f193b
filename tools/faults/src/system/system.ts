/**
 * SkyFlow as it runs where nothing may be missing, in processes of this machine: three nats-servers that hold the log together, several of
 * every service, two member clusters in memory. Services reach each nats-server through a proxy, clients each gateway through one.
 */
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, renderConfig, resolveNatsServer } from '@skyflow/nats-server';
import { Availability } from './availability.js';
import { Checkouts, PROGRAMS } from './checkouts.js';
import { Clock } from './clock.js';
import { LiveMemory } from '../soak/live-memory.js';
import { KeptProcess } from './kept-process.js';
import { SmallDisk } from './small-disk.js';
import { TcpProxy } from './tcp-proxy.js';

export const MEMBER_CLUSTERS = 'member-clusters';
const SUPERVISOR = 'agent-supervisor';
export const CLUSTERS = ['east', 'west'] as const;
const NODES = 3;
const SERVICES = ['api-gateway', 'scheduler', 'mesh-controller'] as const;
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const START_MS = 120_000;

export interface NatsNode {
  process: KeptProcess;
  /** Between the services and it. */
  proxy: TcpProxy;
  /** Between it and the other nodes, to and from. */
  ways: readonly TcpProxy[];
  /** Host and port of what it says of itself. */
  monitor: string;
  disk: SmallDisk | undefined;
}

export interface GatewayWay {
  name: string;
  /** Between clients and it. */
  proxy: TcpProxy;
}

export interface SystemOptions {
  /** Of every service. */
  instances: number;
  /** Folder for logs, which stays; absent: they go with the rest at the end. */
  logs?: string | undefined;
  /** Room on the disk of one nats-server that is to be full at times, MiB: for all that is written, or it stays full. Absent: no disk is ever full. */
  fillableMiB?: number | undefined;
  /** Whether programs can be told to collect their garbage, and say what is left. */
  measures: boolean;
  /** Checkout of another version: every other instance of a service begins with its programs. */
  beside?: string | undefined;
}

export class System {
  readonly token = randomBytes(16).toString('hex');
  readonly nodes: NatsNode[] = [];
  readonly gateways: GatewayWay[] = [];
  readonly services: KeptProcess[] = [];
  private proxies: TcpProxy[] = [];
  private watching: Availability | undefined;

  private constructor(
    readonly home: string,
    private readonly logs: string,
    readonly clock: Clock,
    /** Undefined: not measured. */
    readonly live: LiveMemory | undefined,
    readonly checkouts: Checkouts,
  ) {}

  static async start({ instances, logs, fillableMiB, measures, beside }: SystemOptions): Promise<System> {
    const home = await mkdtemp(join(tmpdir(), 'skyflow-faults-'));
    mkdirSync(logs ?? join(home, 'logs'), { recursive: true });
    const live = measures ? new LiveMemory(join(home, 'live')) : undefined;
    const checkouts = new Checkouts(ROOT, beside);
    const system = new System(home, logs ?? join(home, 'logs'), new Clock(home), live, checkouts);
    try {
      await system.startNats(fillableMiB);
      await system.startServices(instances);
      await system.whenReady();
      system.watching = new Availability([
        ...system.nodes.map(({ process: node }) => ({ kind: 'nats', process: node }) as const),
        ...system.services
          .filter(({ spec }) => system.gateways.some(({ name }) => name === spec.name))
          .map((gateway) => ({ kind: 'gateway', process: gateway }) as const),
      ]);
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  /** Since it was ready for the first time. */
  get availability(): Availability {
    if (this.watching === undefined) throw new Error('the system is not ready yet');
    return this.watching;
  }

  /** Whether a gateway is of the version that runs beside this one. */
  isBeside({ name }: GatewayWay): boolean {
    const { beside } = this.checkouts;
    return beside !== undefined && this.services.find(({ spec }) => spec.name === name)?.runsFrom === beside;
  }

  get kubeconfig(): string {
    return join(this.home, 'kubeconfig');
  }

  /** Of the agents: children of the supervisor. */
  get agents(): number[] {
    const supervisor = this.services.find(({ spec }) => spec.name === SUPERVISOR)?.pid;
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && supervisor !== undefined && parentOf(entry) === supervisor)
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Folders that services could do without. */
  get caches(): string[] {
    return [join(this.home, 'snapshots'), join(this.home, 'agents')];
  }

  async stop(): Promise<void> {
    this.watching?.stop();
    await Promise.all([...this.services].reverse().map((each) => each.stop()));
    await Promise.all(this.nodes.map(({ process: node }) => node.stop()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    for (const { disk } of this.nodes) disk?.remove();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** The end of each log, for whoever must find out. */
  lastWords(lines: number): string {
    const lastOf = (name: string): string =>
      readFileSync(join(this.logs, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    return readdirSync(this.logs)
      .map((name) => `${name}:\n${lastOf(name)}`)
      .join('\n\n');
  }

  /** One line of the timeline, beside the logs: what they tell is to be held against it. */
  note(text: string): void {
    appendFileSync(join(this.logs, 'timeline.log'), `${new Date().toISOString()} ${text}\n`);
  }

  /** A file beside the logs. */
  save(name: string, text: string): void {
    writeFileSync(join(this.logs, name), text);
  }

  private async startNats(fillableMiB: number | undefined): Promise<void> {
    const { path } = await resolveNatsServer();
    const ports = await Promise.all(Array.from({ length: NODES * 3 }, () => freePort()));
    const clusterPort = (index: number): number => ports[NODES + index] ?? 0;
    const ways = await this.waysBetween(clusterPort);
    for (let index = 0; index < NODES; index++) {
      const name = `nats-${index}`;
      const folder = join(this.home, name);
      mkdirSync(folder);
      const port = ports[index] ?? 0;
      // One of them has a small disk, which can be full.
      const disk = fillableMiB !== undefined && index === NODES - 1 ? SmallDisk.mount(folder, fillableMiB) : undefined;
      const monitorPort = ports[NODES * 2 + index] ?? 0;
      const monitor = `127.0.0.1:${monitorPort}`;
      const file = join(this.home, `${name}.conf`);
      writeFileSync(
        file,
        renderConfig({
          serverName: name,
          host: '127.0.0.1',
          port,
          storeDir: folder,
          syncAlways: true,
          maxFileStoreBytes: disk?.bytes ?? 1024 ** 3,
          portsDir: this.home,
          monitor,
          cluster: {
            name: 'skyflow',
            port: clusterPort(index),
            routes: ways.filter(({ from }) => from === index).map(({ proxy: way }) => `nats://127.0.0.1:${way.port}`),
            // Nowhere: a node that another tells of would be reached past its proxies.
            advertise: '127.0.0.1:1',
          },
        }),
      );
      const proxy = await this.proxy(() => port);
      this.nodes.push({
        process: this.keep(name, path, ['-c', file], process.env, `${monitorPort}/healthz`),
        proxy,
        ways: ways.filter(({ from, to }) => from === index || to === index).map(({ proxy: way }) => way),
        monitor,
        disk,
      });
    }
  }

  /** One way from each node of NATS to each other. */
  private async waysBetween(
    clusterPort: (index: number) => number,
  ): Promise<{ from: number; to: number; proxy: TcpProxy }[]> {
    const ways = [];
    for (let from = 0; from < NODES; from++) {
      for (let to = 0; to < NODES; to++) {
        if (from !== to) ways.push({ from, to, proxy: await this.proxy(() => clusterPort(to)) });
      }
    }
    return ways;
  }

  private async startServices(instances: number): Promise<void> {
    const letters = Array.from({ length: instances }, (_, index) => String.fromCodePoint(97 + index));
    const common = {
      ...process.env,
      // Each of them listens to SIGUSR2.
      ...(this.live ?? this.clock).environment,
      SKYFLOW_HOME: this.home,
      SKYFLOW_NATS_URL: this.nodes.map(({ proxy }) => `nats://127.0.0.1:${proxy.port}`).join(','),
      SKYFLOW_NATS_REPLICAS: String(NODES),
      SKYFLOW_TOKEN: this.token,
      SKYFLOW_EXIT_WITH_PARENT: 'stdin',
    };
    const program = async (
      name: string,
      [checkout, file]: readonly [string, string],
      more: NodeJS.ProcessEnv,
      ...args: string[]
    ): Promise<void> => {
      const health = await freePort();
      const environment = {
        ...common,
        SKYFLOW_SNAPSHOT_DIR: join(this.home, 'snapshots', name),
        SKYFLOW_HEALTH_PORT: String(health),
        ...more,
      };
      this.services.push(this.keep(name, process.execPath, [file, ...args], environment, `${health}/readyz`, checkout));
    };
    const clusters = join(this.home, 'clusters.json');
    const nodes = [{ name: 'node-0', cpu: '64', memory: '256Gi' }];
    const embedded = CLUSTERS.map((name) => ({ name, runtime: 'virtual', nodes }));
    writeFileSync(clusters, JSON.stringify({ kubeconfig: this.kubeconfig, controlPort: 0, clusters: embedded }));
    await program(MEMBER_CLUSTERS, [ROOT, 'tools/embedded-cluster/dist/main.js'], {}, '--config', clusters);
    for (const service of SERVICES) {
      for (const [index, letter] of letters.entries()) {
        const name = `${service}-${letter}`;
        const port = await freePort();
        if (service === 'api-gateway') this.gateways.push({ name, proxy: await this.proxy(() => port) });
        const where = [this.checkouts.of(index), PROGRAMS[service]] as const;
        await program(name, where, { SKYFLOW_HTTP_PORT: String(port) });
      }
    }
    // Agents come last in an upgrade.
    await program(SUPERVISOR, [this.checkouts.of(1), PROGRAMS[SUPERVISOR]], {
      SKYFLOW_API_URL: `http://127.0.0.1:${this.gateways[0]?.proxy.port ?? 0}`,
      SKYFLOW_KUBECONFIGS: JSON.stringify([{ path: this.kubeconfig }]),
    });
  }

  private async whenReady(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const ready = await Promise.all(this.gateways.map((gateway) => this.sees(gateway)));
      if (ready.every(Boolean)) return;
      if (performance.now() > deadline) {
        throw new Error(`the system is not ready after ${START_MS / 1_000} s:\n${this.lastWords(5)}`);
      }
      await pause(250);
    }
  }

  /** Whether this gateway shows all clusters READY. */
  private async sees({ proxy }: GatewayWay): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${proxy.port}/apis/skyflow.io/v1/clusters`, {
        headers: { authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(2_000),
      });
      const { items = [] } = (await response.json()) as { items?: { status?: { phase?: string } }[] };
      return items.filter(({ status }) => status?.phase === 'READY').length === CLUSTERS.length;
    } catch {
      return false; // not yet
    }
  }

  /** @param ready port and path */
  private keep(
    name: string,
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    ready: string,
    checkout = ROOT,
  ): KeptProcess {
    const logFile = join(this.logs, `${name}.log`);
    const spec = { name, command, args, environment, logFile, readyUrl: `http://127.0.0.1:${ready}`, checkout };
    return new KeptProcess(spec, (what) => this.note(`${name} ${what}`));
  }

  private async proxy(targetPort: () => number): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(targetPort);
    this.proxies.push(proxy);
    return proxy;
  }
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined; // gone meanwhile
  }
}
