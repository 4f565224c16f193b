/** The keeper of the instance's own nats-server, which is a child of ours: it is told by a signal, and its keys are in SKYFLOW_HOME. */
import { setTimeout as pause } from 'node:timers/promises';
import { type NatsKeyHolder, natsServices } from '@skyflow/domain';
import {
  CertificateFiles,
  NatsKeeper,
  type ServiceKeys,
  readAnew,
  renderConfig,
  replaceKeys,
} from '@skyflow/nats-server';
import { type Home, writeFileAtomic } from './home.js';
import { ensureTls } from './tls.js';

export interface KeepingOptions {
  home: Home;
  keys: ServiceKeys;
  port: number;
  tls: boolean;
  /** Tells nats-server to read its configuration. */
  hangUp: () => void;
  notice: (text: string) => void;
}

/** nats-server reads a configuration within milliseconds; a service that is disconnected by that is back within half a second. */
const RELOAD_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
const LOOK_MS = 60_000;

export function keeperOf({ home, keys, port, tls, hangUp, notice }: KeepingOptions): NatsKeeper {
  const files = { certificateFile: home.gatewayCertificate, keyFile: home.gatewayKey };
  return new NatsKeeper({
    services: () => keys.letIn(),
    agentsFile: home.natsAgents,
    write: (accounts) =>
      writeFileAtomic(
        home.natsConfig,
        renderConfig({
          serverName: 'skyflow',
          host: '127.0.0.1',
          port,
          storeDir: home.nats,
          syncAlways: true,
          maxFileStoreBytes: 64 * 1024 ** 3,
          accounts,
          portsDir: home.run,
          ...(tls ? { tls: files } : {}),
        }),
      ),
    onError: (error) => notice(`nats-server's configuration could not be changed: ${String(error)}`),
    certificate: tls
      ? new CertificateFiles(files, (why) => notice(`nats-server's certificate cannot be used as it is now: ${why}`))
      : undefined,
    reload: ({ hasNewAccounts }) => readAnew(hangUp, hasNewAccounts),
  });
}

/** The certificate is renewed before it ends, however long it runs, and shown by nats-server from then on; the gateway sees to itself. */
export function keepCertificate(home: Home, keeper: NatsKeeper, signal: AbortSignal, everyMs = LOOK_MS): void {
  const looking = setInterval(() => {
    ensureTls(home);
    keeper.notice();
  }, everyMs).unref();
  signal.addEventListener('abort', () => clearInterval(looking), { once: true });
}

/** Gives the services other keys while they run: all when `rotate` is called, and those that are old, day by day. */
export class KeyRotation {
  constructor(
    private readonly keeper: NatsKeeper,
    private readonly options: KeepingOptions,
    private readonly signal: AbortSignal,
  ) {
    const aging = setInterval(() => void this.replaceOld(), DAY_MS).unref();
    signal.addEventListener('abort', () => clearInterval(aging), { once: true });
  }

  readonly rotate = (): void =>
    void this.replace(natsServices).then(
      () => this.options.notice('every service has another key for NATS'),
      () => undefined, // it is being stopped
    );

  private async replaceOld(): Promise<void> {
    const old = this.options.keys.old(Date.now());
    if (old.length === 0) return;
    await this.replace(old);
    this.options.notice(`keys for NATS were replaced: ${old.join(', ')}`);
  }

  private async replace(holders: readonly NatsKeyHolder[]): Promise<void> {
    await replaceKeys(this.options.keys, holders, {
      letIn: async () => {
        await this.keeper.apply();
        await pause(RELOAD_MS, undefined, { signal: this.signal });
      },
      given: () => Promise.resolve(), // they read the same files
    });
  }
}
