/**
 * The agent's part in the gateway plane: runs the gateway beside it from the first service on, keeps its certificates, tells it what
 * to do, and tells the log how others reach it. What it was told last goes on while the control plane is away.
 */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  Endpoint,
  EntryData,
  GatewayConfig,
  GatewayProbeAnswer,
  GatewayReachAnswer,
  GatewayStatus,
  GatewayTraffic,
  NodeProbeConfig,
  NodeReport,
} from '@skyflow/contracts';
import { gatewayConfig, type DesiredServices } from '@skyflow/domain';
import type { Logger } from '@skyflow/service';
import type { ClusterNetworks } from '../cluster-networks.js';
import type { GatewayPlace } from './gateway-address.js';
import { GatewayCertificates } from './gateway-certificates.js';
import { GatewayClient } from './gateway-client.js';
import { runGatewayProgram } from './gateway-program.js';
import { reportsAfter } from './node-reports.js';
import { PortHolds } from './port-holds.js';

export interface GatewaySideOptions {
  cluster: string;
  /** uid of the Cluster object. */
  clusterUid: string;
  place: GatewayPlace;
  /** Where authorities are kept. */
  directory: string | undefined;
  state: () => DesiredServices | undefined;
  podsOf: (service: string) => readonly Endpoint[] | undefined;
  /** Of this cluster; undefined: not known yet. */
  networks: () => ClusterNetworks | undefined;
  /** Whether probes on nodes of this cluster may tell it what they find. */
  hasNodeProbes: boolean;
  /** It came, went, or is reached otherwise. */
  onChange: () => void;
  logger: Logger;
}

/** Nothing changed that we know of: a gateway that lost something is found. */
const RESYNC_MS = 10_000;
const CONTROL = 'gateway.sock';
/** sun_path of unix(7), less the zero at its end; 103 on macOS. */
const LONGEST_SOCKET_PATH = 103;

export class GatewaySide {
  private certificates: GatewayCertificates | undefined;
  private client: GatewayClient | undefined;
  private status: GatewayStatus | undefined;
  /** As it last said. */
  traffic: readonly GatewayTraffic[] = [];
  /** What probes on nodes last told it. */
  nodeReports: readonly NodeReport[] = [];
  private isRunning = false;
  /** JSON of what it was told. */
  private told = '';
  private syncing: Promise<boolean> | undefined;
  private readonly holds = new PortHolds();
  private readonly wanted = Promise.withResolvers<undefined>();

  constructor(private readonly options: GatewaySideOptions) {}

  /** Where virtual endpoints are; undefined: there are none now. */
  get address(): string | undefined {
    return this.isRunning && this.told !== '' ? this.options.place.address : undefined;
  }

  /** Ports that it cannot listen on. */
  get failedPorts(): ReadonlySet<number> {
    return new Set(this.status?.failed.map(({ port }) => port));
  }

  /** What to report; undefined: not known yet. */
  get observation(): EntryData<'GatewayObserved'> | undefined {
    const { clusterUid: cluster, place } = this.options;
    const { address, publicPlace } = place;
    const networks = this.options.networks();
    if (networks === undefined) return undefined;
    if (address === undefined) {
      const message =
        'the agent runs outside of the network of the pods; set SKYFLOW_GATEWAY_ADDRESS where it does not';
      return { cluster, networks, authorities: [], message };
    }
    const listening = this.status?.listening;
    if (this.certificates === undefined || listening === undefined) return undefined;
    const dialled = publicPlace === 'none' ? {} : { listening: publicPlace ?? listening };
    const { authorities } = this.certificates;
    return { cluster, address, ...dialled, inside: listening, networks, authorities };
  }

  /** What probes on nodes are to do; undefined: there is nothing to try yet, or nobody to tell. */
  get nodeProbeConfig(): NodeProbeConfig | undefined {
    const { certificates, status, options } = this;
    const gateway = status?.listening;
    const all = options.state()?.peers ?? [];
    if (certificates === undefined || gateway === undefined || all.length === 0) return undefined;
    const peers = all.flatMap(({ cluster, authorities, inside }) =>
      inside === undefined ? [] : [{ cluster, authorities, inside }],
    );
    const { nodeIdentity: identity, authorities } = certificates;
    return { cluster: options.cluster, identity, authorities, gateway, peers };
  }

  /** A service is here: from now on there is a gateway. */
  need(): void {
    this.wanted.resolve(undefined);
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { place, cluster, directory, logger } = this.options;
    const { address, port } = place;
    signal.addEventListener('abort', () => this.wanted.resolve(undefined), { once: true });
    await this.wanted.promise;
    if (address === undefined || signal.aborted) return;
    this.certificates = await GatewayCertificates.load({ cluster, directory, logger });
    const folder = await folderFor(directory);
    const control = join(folder, CONTROL);
    this.client = new GatewayClient(control);
    const program = runGatewayProgram(
      {
        control,
        listen: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
        client: this.client,
        onChange: (isUp) => this.programChanged(isUp),
        logger,
      },
      signal,
    );
    await Promise.all([program, this.resync(signal)]);
    if (folder !== directory) await rm(folder, { recursive: true, force: true });
  }

  /** Makes the gateway do what is wanted now. False: it does not answer. */
  async sync(): Promise<boolean> {
    // One that is under way may have begun before what the caller knows.
    await this.syncing;
    this.syncing ??= this.push().finally(() => (this.syncing = undefined));
    return this.syncing;
  }

  /** What it says of itself now; undefined: it does not answer. */
  async refresh(): Promise<GatewayStatus | undefined> {
    if (!this.isRunning || this.client === undefined) return undefined;
    const status = await this.client.status().catch(() => undefined);
    if (status !== undefined) this.traffic = status.traffic;
    if (status !== undefined) this.nodeReports = reportsAfter(this.nodeReports, status, Date.now());
    return status;
  }

  /** @throws GatewayControlError */
  async probe(address: string, port: number): Promise<GatewayProbeAnswer> {
    if (this.client === undefined) return { verdict: 'NO_PATH', ms: 0, message: 'the gateway is not running' };
    return this.client.probe(address, port);
  }

  /** Whether pods of another cluster are reached at their own addresses. */
  async reach(cluster: string, address: string): Promise<GatewayReachAnswer> {
    if (this.client === undefined) return { ok: false, ms: 0, message: 'the gateway of this cluster is not running' };
    return this.client
      .reach(cluster, address)
      .catch((error: unknown) => ({ ok: false, ms: 0, message: (error as Error).message }));
  }

  private programChanged(isUp: boolean): void {
    this.isRunning = isUp;
    this.told = '';
    if (!isUp) this.status = undefined;
    if (isUp) void this.sync();
    else this.options.onChange();
  }

  private async push(): Promise<boolean> {
    const { client } = this;
    const config = this.config();
    if (client === undefined || config === undefined || !this.isRunning) return false;
    const text = JSON.stringify(config);
    if (text === this.told && this.failedPorts.size === 0) return true;
    const before = { listening: this.status?.listening, address: this.address, failed: this.failedPorts.size };
    try {
      this.status = await client.configure(config);
      this.told = text;
    } catch (error) {
      this.options.logger.warn({ err: error }, 'the mesh gateway does not take its configuration; it is told again');
      return false;
    }
    const { listening, address, failed } = {
      listening: this.status.listening,
      address: this.address,
      failed: this.failedPorts.size,
    };
    if (before.listening !== listening || before.address !== address || before.failed !== failed)
      this.options.onChange();
    return true;
  }

  private config(): GatewayConfig | undefined {
    const { cluster, place, podsOf, state, hasNodeProbes } = this.options;
    const { address } = place;
    const services = state();
    if (services === undefined || address === undefined || this.certificates === undefined) return undefined;
    const { identity, authorities } = this.certificates;
    const config = gatewayConfig(services, { cluster, address, identity, podsOf });
    const nodes = hasNodeProbes ? { authorities } : {};
    return { ...config, ...nodes, listeners: this.holds.admit(config.listeners, Date.now()) };
  }

  /** Certificates that are due, ports whose quarantine is over, a gateway that was away. */
  private async resync(signal: AbortSignal): Promise<void> {
    let renewAt = 0;
    while (!signal.aborted) {
      const nowMs = Date.now();
      if (nowMs >= renewAt && this.certificates !== undefined) {
        const before = this.certificates.authorities.length;
        renewAt = await this.certificates.renew(nowMs);
        if (before !== this.certificates.authorities.length) this.options.onChange();
      }
      await this.sync();
      // Heard of nobody, it would take itself for left alone.
      await this.refresh();
      await delay(RESYNC_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Where the control socket can be: beside the agent's state, unless its path would be longer than a socket's may be. */
async function folderFor(directory: string | undefined): Promise<string> {
  if (directory !== undefined && Buffer.byteLength(join(directory, CONTROL)) <= LONGEST_SOCKET_PATH) {
    await mkdir(directory, { recursive: true });
    return directory;
  }
  if (directory === undefined) return mkdtemp(join(tmpdir(), 'sky-gateway-'));
  // A place that the next agent finds again, of which nobody else has made something before us.
  const folder = join(tmpdir(), `sky-gateway-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid } = await lstat(folder);
  if (uid !== process.getuid?.()) return mkdtemp(join(tmpdir(), 'sky-gateway-'));
  await chmod(folder, 0o700);
  return folder;
}
