/**
 * Who is let in at nats-server: the services by their keys, and the agents whose Tokens and Clusters say so at the API. Whenever that
 * changes the configuration is written and the servers read it anew; what it does not name any more is disconnected. They read it anew, too,
 * when their certificate is another one: new connections are shown that, those that are there stay. The agents known last are kept in a file,
 * so that after a restart they come in before the gateway can be asked.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { TokenSpec } from '@skyflow/contracts';
import { type NatsAccount, type NatsKeys, agentsLetIn, natsAccounts } from '@skyflow/domain';
import { type KubeObject, type KubeResource, KubeClient, Reflector, fixedCredentials } from '@skyflow/kube-client';
import type { CertificateFiles } from './certificate-files.js';
import { writePrivate } from './service-keys.js';

/** Why the servers are to read their configuration. */
export interface Change {
  /** An agent has got an account. */
  hasNewAccounts: boolean;
  /** Their certificate is another one. */
  hasNewCertificate: boolean;
}

export interface KeeperOptions {
  /** Public keys of the services. */
  services: () => NatsKeys['services'];
  /** Where the agents known last are kept. */
  agentsFile: string;
  /** Writes the configuration of all nats-servers. */
  write: (accounts: readonly NatsAccount[]) => void;
  /** Of the servers, where they speak TLS. */
  certificate?: CertificateFiles | undefined;
  /** Makes them read it; resolves when those have that are there. */
  reload: (change: Change) => Promise<void>;
  /** Told when what was noticed could not be written or was not taken; it is tried again at the next change. */
  onError: (error: unknown) => void;
  /** Told when the API cannot be read, and without an error when it can again. */
  onApi?: (error?: Error) => void;
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
/** Timers of Node hold no more than 24 days. */
const LONGEST_TIMER_MS = 24 * 3_600_000;

export class NatsKeeper {
  private agents: NatsKeys['agents'];
  private written = '';
  private shown: string | undefined;
  private clusters: ReadonlySet<string>;
  private read = false;
  private timer: NodeJS.Timeout | undefined;
  private applying: Promise<void> = Promise.resolve();

  constructor(private readonly options: KeeperOptions) {
    const { agentsFile } = options;
    this.agents = existsSync(agentsFile) ? (JSON.parse(readFileSync(agentsFile, 'utf8')) as NatsKeys['agents']) : {};
    this.clusters = new Set(Object.keys(this.agents));
    this.shown = options.certificate?.look()?.fingerprint;
  }

  /** Writes the configuration. @returns whether others are let in than before */
  write(): boolean {
    const accounts = natsAccounts({ services: this.options.services(), agents: this.agents });
    const text = JSON.stringify(accounts);
    if (text === this.written) return false;
    this.options.write(accounts);
    this.written = text;
    return true;
  }

  /** Writes it, and if it is another than before, or the certificate is, has the servers read it. Resolves when they have, whoever began it. */
  apply(): Promise<void> {
    const applied = this.applying.then(async () => {
      const hasNewCertificate = this.hasNewCertificate();
      if (!this.write() && !hasNewCertificate) return;
      await this.options.reload({ hasNewAccounts: this.hasNewAccounts(), hasNewCertificate });
    });
    this.applying = applied.catch(() => undefined); // whoever asked hears of it
    return applied;
  }

  /** Looks whether others are to be let in, or another certificate is to be shown, and sees to it. */
  notice(): void {
    this.apply().catch(this.options.onError);
  }

  /** Whether the API has been read whole. */
  get hasRead(): boolean {
    return this.read;
  }

  /** How many agents are let in. */
  get agentCount(): number {
    return Object.keys(this.agents).length;
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
      { userAgent: 'skyflow-nats-keeper' },
    );
    const onChange = (): void => this.look(tokens, clusters);
    const onHealth = (error?: Error): void => this.options.onApi?.(error);
    const tokens = new Reflector<TokenObject>({
      client,
      resource: resource('tokens', 'Token'),
      keep: keepSpec,
      onChange,
      onHealth,
    });
    const clusters = new Reflector<KubeObject>({
      client,
      resource: resource('clusters', 'Cluster'),
      keep: keepNames,
      onChange,
    });
    try {
      await Promise.all([
        tokens.run(signal),
        clusters.run(signal),
        Promise.all([tokens.whenSynced(signal), clusters.whenSynced(signal)]).then(onChange, () => undefined),
      ]);
    } finally {
      clearTimeout(this.timer);
      client.close();
    }
  }

  private look(tokens: Reflector<TokenObject>, clusters: Reflector<KubeObject>): void {
    if (!tokens.hasSynced || !clusters.hasSynced) return;
    const specs = [...tokens.store.values()].flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
    const uids = new Map([...clusters.store.values()].map(({ metadata }) => [metadata.name, metadata.uid ?? '']));
    const now = Date.now();
    const { agents, changesAtMs } = agentsLetIn(specs, uids, now);
    this.agents = agents;
    this.read = true;
    writePrivate(this.options.agentsFile, JSON.stringify(agents));
    this.notice();
    clearTimeout(this.timer);
    if (changesAtMs === undefined) return;
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, changesAtMs - now) + 100);
    this.timer = setTimeout(() => this.look(tokens, clusters), waitMs).unref();
  }

  /** Whether the certificate is another one since this was asked last. */
  private hasNewCertificate(): boolean {
    const before = this.shown;
    this.shown = this.options.certificate?.look()?.fingerprint;
    return this.shown !== before;
  }

  /** Whether an agent has got an account since this was asked last. */
  private hasNewAccounts(): boolean {
    const before = this.clusters;
    this.clusters = new Set(Object.keys(this.agents));
    return [...this.clusters].some((cluster) => !before.has(cluster));
  }
}
