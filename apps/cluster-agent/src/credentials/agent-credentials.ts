/**
 * What the agent is let in with. With a join token it makes a key, gives the public half to a gateway and gets a token; both are renewed
 * long before they end, without a restart: NATS is connected to with the key that is in the file just then.
 */
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { nkeys } from '@nats-io/transport-node';
import { Backoff, isApiError } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import { type CredentialStore, type Credentials, writePrivate } from './credential-store.js';
import { type EnrolmentAnswer, enrol, isGood, renew } from './enrolment-client.js';

export interface AgentCredentialsOptions {
  /** Where the gateway is. */
  api: string;
  /** The key file for NATS is kept here. */
  directory: string;
  store: CredentialStore;
  /** File with the join token; it may come later. */
  joinTokenFile: string | undefined;
  /** They are good no more: told by a gateway that was away when it began with them, or when they were to be renewed. */
  onRevoked: () => void;
  logger: Pick<Logger, 'info' | 'warn'>;
  signal: AbortSignal;
  /** Default: that of this machine. */
  clock?: Clock;
}

/** What renewing goes by: the wall clock, as `renewAt` does. */
export interface Clock {
  nowMs(): number;
  /** Returns early, without an error, when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** How NATS is reached with them. */
export interface NatsAccess {
  url: string;
  keyFile: string;
  caFile?: string;
}

/** A gateway that does not say within so long is away. */
const ASK_MS = 2_000;
const RETRY = { baseMs: 200, capMs: 5_000 };
/** After a failed renewal. There are weeks left, but less than an hour if it was only the answer that was lost. */
const RENEW_AGAIN = { baseMs: 10_000, capMs: 600_000 };
/** Timers of Node hold no more than 24 days; and a machine that slept finds out soon. */
const LONGEST_WAIT_MS = 3_600_000;

const MACHINE_CLOCK: Clock = {
  nowMs: Date.now,
  wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
};

export class AgentCredentials {
  /** Why there are none yet; undefined: there are. */
  trouble: string | undefined = 'not enrolled yet';
  private said = '';
  private readonly clock: Clock;

  constructor(private readonly options: AgentCredentialsOptions) {
    this.clock = options.clock ?? MACHINE_CLOCK;
  }

  /** Waits until there are some, enrolling if need be, and renews them from then on. Undefined: the signal aborted. */
  async open(): Promise<NatsAccess | undefined> {
    const { signal } = this.options;
    const backoff = new Backoff(RETRY);
    while (!signal.aborted) {
      try {
        const credentials = (await this.kept()) ?? (await this.enrolled());
        const access = await this.apply(credentials);
        this.trouble = undefined;
        void this.renewForEver(credentials);
        return access;
      } catch (error) {
        this.say((error as Error).message);
        await backoff.pause(signal);
      }
    }
    return undefined;
  }

  /** Undefined: none that are good. While the gateway is away those that there are must do. */
  private async kept(): Promise<Credentials | undefined> {
    const kept = await this.options.store.load();
    if (kept === undefined || Date.parse(kept.expiresAt) <= this.clock.nowMs()) return undefined;
    const good = await this.isGood(kept).catch(() => undefined);
    if (good === undefined) void this.confirm(kept);
    return good === false ? undefined : kept;
  }

  /** Asks until the gateway answers. */
  private async confirm(kept: Credentials): Promise<void> {
    const { signal, onRevoked } = this.options;
    const backoff = new Backoff(RETRY);
    while (!signal.aborted) {
      await backoff.pause(signal);
      const good = await this.isGood(kept).catch(() => undefined);
      if (good === false) onRevoked();
      if (good !== undefined) return;
    }
  }

  private isGood({ token }: Credentials): Promise<boolean> {
    const { api, signal } = this.options;
    return isGood(api, token, AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]));
  }

  private async enrolled(): Promise<Credentials> {
    const { api, store, signal, logger, joinTokenFile } = this.options;
    const joinToken = await this.joinToken();
    const key = nkeys.createUser();
    const answer = await enrol(api, joinToken, key.getPublicKey(), signal);
    const credentials = credentialsOf(answer, key);
    await store.save(credentials);
    // Used up. In a pod it is a read-only volume, which stays.
    if (joinTokenFile !== undefined) await rm(joinTokenFile, { force: true }).catch(() => undefined);
    logger.info({ expiresAt: answer.expiresAt }, 'enrolled');
    return credentials;
  }

  private async joinToken(): Promise<string> {
    const { joinTokenFile: path } = this.options;
    const way = '"skyctl cluster join NAME" makes one';
    if (path === undefined) throw new Error(`not enrolled, and SKYFLOW_JOIN_TOKEN_FILE is not set; ${way}`);
    try {
      return (await readFile(path, 'utf8')).trim();
    } catch (error) {
      throw new Error(`not enrolled, and there is no join token in ${path}; ${way}`, { cause: error });
    }
  }

  private async apply({ natsSeed, natsUrl, natsCertificateAuthority }: Credentials): Promise<NatsAccess> {
    const { directory } = this.options;
    const keyFile = await writePrivate(directory, 'nats.nk', natsSeed);
    if (natsCertificateAuthority === undefined) return { url: natsUrl, keyFile };
    return { url: natsUrl, keyFile, caFile: await writePrivate(directory, 'nats-ca.crt', natsCertificateAuthority) };
  }

  private async renewForEver(first: Credentials): Promise<void> {
    const { signal, logger, onRevoked } = this.options;
    const backoff = new Backoff(RENEW_AGAIN);
    let current = first;
    let key = nkeys.createUser();
    for (let dueAt = Date.parse(first.renewAt); await this.comesTo(dueAt);) {
      try {
        current = await this.renewed(current, key);
      } catch (error) {
        if (signal.aborted) return;
        if (isApiError(error, 401)) {
          onRevoked();
          return;
        }
        this.say(`the token and key for SkyFlow were not renewed: ${(error as Error).message}`);
        // With the same key: where only the answer was lost, the key that is in use is not pushed out by one more that is new.
        dueAt = this.clock.nowMs() + backoff.nextMs();
        continue;
      }
      logger.info({ expiresAt: current.expiresAt }, 'token and key renewed');
      this.said = '';
      backoff.reset();
      key = nkeys.createUser();
      dueAt = Date.parse(current.renewAt);
    }
  }

  /** Waits until it is that late (ms). False: the signal aborted. */
  private async comesTo(atMs: number): Promise<boolean> {
    const { signal } = this.options;
    for (let leftMs; !signal.aborted && (leftMs = atMs - this.clock.nowMs()) > 0;) {
      await this.clock.wait(Math.min(leftMs, LONGEST_WAIT_MS), signal);
    }
    return !signal.aborted;
  }

  private async renewed(current: Credentials, key: ReturnType<typeof nkeys.createUser>): Promise<Credentials> {
    const { api, store, signal } = this.options;
    const credentials = credentialsOf(await renew(api, current.token, key.getPublicKey(), signal), key);
    await store.save(credentials);
    await this.apply(credentials);
    return credentials;
  }

  /** Once, until it is another. */
  private say(why: string): void {
    if (this.trouble !== undefined) this.trouble = why;
    if (this.said !== why) this.options.logger.warn({ detail: why }, 'cannot come in at SkyFlow yet');
    this.said = why;
  }
}

const credentialsOf = (
  { cluster, uid, token, expiresAt, renewAt, nats }: EnrolmentAnswer,
  key: ReturnType<typeof nkeys.createUser>,
): Credentials => ({
  cluster,
  uid,
  token,
  expiresAt,
  renewAt,
  natsSeed: Buffer.from(key.getSeed()).toString('utf8'),
  natsUrl: nats.url,
  ...(nats.certificateAuthority === undefined ? {} : { natsCertificateAuthority: nats.certificateAuthority }),
});
