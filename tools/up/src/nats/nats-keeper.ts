/**
 * Who is let in at nats-server: the services by their keys, and the agents whose Tokens and Clusters say so at the API. Whenever that
 * changes the configuration is written and the server reads it anew; what it does not name any more is disconnected. The agents known
 * last are kept in a file, so that after a restart they come in before the gateway can be asked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { TokenSpec } from '@skyflow/contracts';
import { type NatsKeys, type NatsService, agentsLetIn, natsAccounts, natsServices } from '@skyflow/domain';
import { type KubeObject, type KubeResource, KubeClient, Reflector, fixedCredentials } from '@skyflow/kube-client';
import { readAnew, renderConfig } from '@skyflow/nats-server';
import { type Home, writeFileAtomic } from '../home.js';
import { type ServiceKeys, newSeed, publicKeyOf } from './service-keys.js';

export interface KeeperOptions {
  home: Home;
  keys: ServiceKeys;
  port: number;
  tls: boolean;
  /** Tells nats-server to read its configuration. */
  reload: () => void;
  notice: (text: string) => void;
}

type TokenObject = KubeObject & { spec?: TokenSpec };

const resource = (plural: string, kind: string): KubeResource => ({
  group: 'skyflow.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});
const keepSpec = ({ metadata, spec }: KubeObject): TokenObject => ({ metadata, spec }) as TokenObject;
const keepNames = ({ metadata }: KubeObject): KubeObject => ({ metadata });
/** nats-server reads a configuration within milliseconds; a service that is disconnected by that is back within half a second. */
const RELOAD_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
/** Timers of Node hold no more than 24 days. */
const LONGEST_TIMER_MS = DAY_MS;

export class NatsKeeper {
  private agents: NatsKeys['agents'];
  /** Keys let in beside the files' while they are replaced. */
  private further: Partial<Record<NatsService, readonly string[]>> = {};
  private written = '';
  private clusters: ReadonlySet<string>;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: KeeperOptions) {
    const { natsAgents } = options.home;
    this.agents = existsSync(natsAgents) ? (JSON.parse(readFileSync(natsAgents, 'utf8')) as NatsKeys['agents']) : {};
    this.clusters = new Set(Object.keys(this.agents));
  }

  /** Writes the configuration. @returns whether it is another than before */
  write(): boolean {
    const { home, keys, port, tls } = this.options;
    const services = Object.fromEntries(
      natsServices.map((service) => [service, [keys.publicKey(service), ...(this.further[service] ?? [])]]),
    );
    const text = renderConfig({
      serverName: 'skyflow',
      host: '127.0.0.1',
      port,
      storeDir: home.nats,
      syncAlways: true,
      maxFileStoreBytes: 64 * 1024 ** 3,
      accounts: natsAccounts({ services, agents: this.agents }),
      portsDir: home.run,
      ...(tls ? { tls: { certificateFile: home.gatewayCertificate, keyFile: home.gatewayKey } } : {}),
    });
    if (text === this.written) return false;
    writeFileAtomic(home.natsConfig, text);
    this.written = text;
    return true;
  }

  /** Follows the API until the signal aborts. */
  async run(api: { address: string; authority?: string }, token: string, signal: AbortSignal): Promise<void> {
    const client = new KubeClient(
      {
        server: new URL(api.address),
        skipTlsVerify: false,
        ...(api.authority === undefined ? {} : { ca: api.authority }),
        credentials: fixedCredentials({ authorization: `Bearer ${token}` }),
      },
      { userAgent: 'skyflow-up' },
    );
    const onChange = (): void => this.look(tokens, clusters);
    const tokens = new Reflector<TokenObject>({
      client,
      resource: resource('tokens', 'Token'),
      keep: keepSpec,
      onChange,
    });
    const clusters = new Reflector<KubeObject>({
      client,
      resource: resource('clusters', 'Cluster'),
      keep: keepNames,
      onChange,
    });
    const aging = setInterval(() => void this.replaceOld(signal), DAY_MS).unref();
    try {
      await Promise.all([
        tokens.run(signal),
        clusters.run(signal),
        Promise.all([tokens.whenSynced(signal), clusters.whenSynced(signal)]).then(onChange, () => undefined),
      ]);
    } finally {
      clearInterval(aging);
      clearTimeout(this.timer);
      client.close();
    }
  }

  /** Gives every service another key, one after the other, while all run. */
  async replaceKeys(services: readonly NatsService[], signal: AbortSignal): Promise<void> {
    for (const service of services) {
      const seed = newSeed();
      this.further = { [service]: [publicKeyOf(seed)] };
      this.reloadIfOther();
      await pause(RELOAD_MS, undefined, { signal });
      this.options.keys.replace(service, seed);
      this.further = {};
      // The old one is not in it any more: the service is disconnected, and comes back with the new one before the next one is.
      this.reloadIfOther();
      await pause(RELOAD_MS, undefined, { signal });
    }
  }

  private async replaceOld(signal: AbortSignal): Promise<void> {
    const old = this.options.keys.old(Date.now());
    if (old.length === 0) return;
    await this.replaceKeys(old, signal);
    this.options.notice(`keys for NATS were replaced: ${old.join(', ')}`);
  }

  private look(tokens: Reflector<TokenObject>, clusters: Reflector<KubeObject>): void {
    if (!tokens.hasSynced || !clusters.hasSynced) return;
    const specs = [...tokens.store.values()].flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
    const uids = new Map([...clusters.store.values()].map(({ metadata }) => [metadata.name, metadata.uid ?? '']));
    const now = Date.now();
    const { agents, changesAtMs } = agentsLetIn(specs, uids, now);
    this.agents = agents;
    writeFileAtomic(this.options.home.natsAgents, JSON.stringify(agents));
    this.reloadIfOther();
    clearTimeout(this.timer);
    if (changesAtMs === undefined) return;
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, changesAtMs - now) + 100);
    this.timer = setTimeout(() => this.look(tokens, clusters), waitMs).unref();
  }

  private reloadIfOther(): void {
    if (this.write()) void readAnew(this.options.reload, this.hasNewAccounts());
  }

  /** Whether an agent has got an account since this was asked last. */
  private hasNewAccounts(): boolean {
    const before = this.clusters;
    this.clusters = new Set(Object.keys(this.agents));
    return [...this.clusters].some((cluster) => !before.has(cluster));
  }
}
