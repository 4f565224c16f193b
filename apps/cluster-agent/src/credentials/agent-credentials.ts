/**
 * What the agent is let in with. With a join token it makes a key, gives the public half to a gateway and gets a token; both are renewed
 * long before they end, without a restart: NATS is connected to with the key that is in the file just then. Another join token is used, too,
 * while what it has is good; one that is refused is told of, and what it has is used on.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { nkeys } from '@nats-io/transport-node';
import { type KeptState, enrolmentStep, isOfCluster, isRefusedForGood } from '@skyflow/domain';
import { Backoff, isApiError } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import { type CredentialStore, type Credentials, writePrivate } from './credential-store.js';
import { type EnrolmentAnswer, enrol, isGood, renew } from './enrolment-client.js';
import { type JoinToken, readJoinToken } from './join-token.js';

export interface AgentCredentialsOptions {
  /** Whose agent it is. */
  cluster: { name: string; uid: string };
  /** Where the gateway is. */
  api: string;
  /** The key file for NATS is kept here. */
  directory: string;
  store: CredentialStore;
  /** File with the join token; it may come later. */
  joinTokenFile: string | undefined;
  /** They are good no more: told by a gateway that was away when it began with them, or when they were to be renewed. */
  onRevoked: () => void;
  /** It has come in with another join token while it worked with what it had, and must begin anew to use it. */
  onReplaced: () => void;
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
  /** What is renewed. */
  private current: Credentials | undefined;
  /** The join token that was refused, since when, and why. */
  private refused: { id: string; sinceMs: number; why: string } | undefined;

  constructor(private readonly options: AgentCredentialsOptions) {
    this.clock = options.clock ?? MACHINE_CLOCK;
  }

  /** Waits until there are some, enrolling if need be, and renews them from then on. Undefined: the signal aborted. */
  async open(): Promise<NatsAccess | undefined> {
    const { signal } = this.options;
    const backoff = new Backoff(RETRY);
    while (!signal.aborted) {
      try {
        this.current = await this.begin();
        const access = await this.apply(this.current);
        this.trouble = undefined;
        void this.renewForEver(this.current);
        return access;
      } catch (error) {
        this.say((error as Error).message);
        await backoff.pause(signal);
      }
    }
    return undefined;
  }

  /** @throws Error when there is nothing to begin with, or the gateway gives nothing for the join token */
  private async begin(): Promise<Credentials> {
    const kept = await this.kept();
    const given = await readJoinToken(this.options.joinTokenFile);
    const spent = [kept.credentials?.joinToken, this.refusedForGood];
    const step = enrolmentStep({ kept: kept.state, given: given?.id, spent });
    if (step === 'token' && given !== undefined) {
      try {
        return await this.enrolled(given);
      } catch (error) {
        if (kept.state === 'none') throw error;
        this.sayRefused(error);
      }
    }
    if (kept.state === 'none' || kept.credentials === undefined) throw new Error(this.whyNothing(given));
    if (step !== 'kept' && given !== undefined) void this.comeInAnew(given);
    return kept.credentials;
  }

  private async kept(): Promise<{ state: KeptState; credentials?: Credentials }> {
    const credentials = await this.options.store.load();
    if (credentials === undefined) return { state: 'none' };
    const isOver = Date.parse(credentials.expiresAt) <= this.clock.nowMs();
    if (isOver || !isOfCluster(credentials, this.options.cluster)) return { state: 'none', credentials };
    const good = await this.isGood(credentials).catch(() => undefined);
    if (good === undefined) void this.confirm(credentials);
    return { state: good === undefined ? 'unknown' : good ? 'good' : 'none', credentials };
  }

  private whyNothing(given: JoinToken | undefined): string {
    const { joinTokenFile: path } = this.options;
    const way = '"skyctl cluster join NAME" makes one';
    if (path === undefined) return `not enrolled, and SKYFLOW_JOIN_TOKEN_FILE is not set; ${way}`;
    if (given === undefined) return `not enrolled, and there is no join token in ${path}; ${way}`;
    const why = this.refused?.id === given.id ? `refused (${this.refused.why})` : 'used up';
    return `not enrolled, and the join token in ${path} is ${why}; it is waited for another one: ${way}`;
  }

  /** Tries the join token that was given beside what it works with: until it is in, or that is refused for good. */
  private async comeInAnew(given: JoinToken): Promise<void> {
    const { signal, onReplaced, store } = this.options;
    const backoff = new Backoff(RETRY);
    while (!signal.aborted && this.refusedForGood !== given.id) {
      await backoff.pause(signal);
      try {
        await this.enrolled(given);
        onReplaced();
        return;
      } catch (error) {
        this.sayRefused(error);
      }
    }
    if (signal.aborted || this.current === undefined) return;
    this.current = { ...this.current, joinToken: given.id };
    await store.save(this.current).catch((error: unknown) => this.sayRefused(error));
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

  /** @throws KubeApiError 403 when the token is not good; KubeUnreachableError */
  private async enrolled(given: JoinToken): Promise<Credentials> {
    const { api, store, signal, logger, joinTokenFile } = this.options;
    const key = nkeys.createUser();
    const answer = await enrol(api, given.text, key.getPublicKey(), signal).catch((error: unknown) => {
      this.noteRefusal(given, error);
      throw error;
    });
    const credentials = credentialsOf(answer, key, given.id);
    await store.save(credentials);
    // Used up. In a pod it is a read-only volume, which stays.
    if (joinTokenFile !== undefined) await rm(joinTokenFile, { force: true }).catch(() => undefined);
    logger.info({ expiresAt: answer.expiresAt }, 'enrolled');
    return credentials;
  }

  private noteRefusal({ id }: JoinToken, error: unknown): void {
    const sinceMs = this.refused?.id === id ? this.refused.sinceMs : this.clock.nowMs();
    this.refused = isApiError(error, 403) ? { id, sinceMs, why: error.message } : undefined;
  }

  /** Id of the join token that is not to be tried again. */
  private get refusedForGood(): string | undefined {
    return isRefusedForGood(this.refused?.sinceMs, this.clock.nowMs()) ? this.refused?.id : undefined;
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
    let key = nkeys.createUser();
    for (let dueAt = Date.parse(first.renewAt); await this.comesTo(dueAt);) {
      try {
        this.current = await this.renewed(this.current ?? first, key);
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
      const { expiresAt, renewAt } = this.current;
      logger.info({ expiresAt }, 'token and key renewed');
      this.said = '';
      backoff.reset();
      key = nkeys.createUser();
      dueAt = Date.parse(renewAt);
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
    const answer = await renew(api, current.token, key.getPublicKey(), signal);
    const credentials = credentialsOf(answer, key, this.current?.joinToken);
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

  private sayRefused(error: unknown): void {
    const { message: detail } = error as Error;
    if (this.said !== detail && !this.options.signal.aborted)
      this.options.logger.warn(
        { detail },
        'the new join token gives nothing; it goes on with what it came in with before',
      );
    this.said = detail;
  }
}

const credentialsOf = (
  { cluster, uid, token, expiresAt, renewAt, nats }: EnrolmentAnswer,
  key: ReturnType<typeof nkeys.createUser>,
  joinToken: string | undefined,
): Credentials => ({
  cluster,
  uid,
  token,
  expiresAt,
  renewAt,
  natsSeed: Buffer.from(key.getSeed()).toString('utf8'),
  natsUrl: nats.url,
  ...(nats.certificateAuthority === undefined ? {} : { natsCertificateAuthority: nats.certificateAuthority }),
  ...(joinToken === undefined ? {} : { joinToken }),
});
