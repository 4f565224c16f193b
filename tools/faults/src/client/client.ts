/**
 * A user: submits jobs, scales and deletes them, at one gateway after the other, and reads what it wrote at another. What was acknowledged
 * is in its ledger, and nothing else. What was not is tried again until it is, with the same key.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Acknowledged, OwnRead } from '../check/history.js';
import type { Wait } from '../check/waits.js';
import type { Random } from '../random.js';
import type { GatewayWay, System } from '../system/system.js';
import { JOBS, ask, type Answer } from './http.js';

interface Job {
  metadata: { name: string; uid: string; resourceVersion: string };
}

const RETRY_MS = 150;
/** A wait that the timeline tells of. */
const LONG_MS = 1_500;
const LONGEST_MS = 120_000;
const BETWEEN_MS = 100;
/** So many of one client are there at once. */
const MOST_JOBS = 12;
const MOST_REPLICAS = 3;
const ENDLESS_SHARE = 0.6;
/**
 * Refused for now: the request came too slowly (who runs it, or the gateway, had no CPU for long), a conflict is a race with the status of the
 * object, and too many are too many.
 */
const TRIED_AGAIN = new Set([408, 409, 429]);

export class Client {
  readonly ledger = new Map<string, Acknowledged>();
  readonly deleted = new Map<string, Acknowledged>();
  readonly ownReads: OwnRead[] = [];
  /** Longest time from one acknowledged write to the next, ms. */
  longestGapMs = 0;
  /** Those that were long. */
  readonly waits: Wait[] = [];
  /** What a gateway of another version refused, and one of this was asked for next. */
  readonly refusedBeside: string[] = [];
  private lastWriteAt = performance.now();
  private count = 0;
  private turn = 0;

  constructor(
    private readonly system: System,
    private readonly random: Random,
    private readonly name: string,
    private readonly betweenMs = BETWEEN_MS,
  ) {}

  get writes(): number {
    return this.count;
  }

  /** @throws Error for a write that is refused, or not acknowledged for two minutes */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const act = this.ledger.size < 2 ? 0 : this.random.next();
      if (act < 0.45 && this.ledger.size < MOST_JOBS) await this.submit();
      else if (act < 0.75) await this.scale();
      else await this.remove();
      await pause(this.betweenMs);
    }
  }

  private async submit(): Promise<void> {
    const name = `${this.name}-${String(this.count).padStart(4, '0')}`;
    const replicas = this.random.between(1, MOST_REPLICAS);
    const ends = this.random.next() > ENDLESS_SHARE;
    const annotations = ends ? { 'embedded.skyflow.io/run-seconds': String(this.random.between(1, 5)) } : {};
    const containers = [{ name: 'main', image: 'example.com/simulated', resources: { requests: { cpu: '5m' } } }];
    const template = { metadata: { annotations }, spec: { restartPolicy: ends ? 'Never' : 'Always', containers } };
    const body = { apiVersion: 'skyflow.io/v1', kind: 'Job', metadata: { name }, spec: { replicas, template } };
    const job = (await this.acknowledged(`create ${name}`, [201], (at) =>
      ask(this.system, at, JOBS, { method: 'POST', body, key: name }),
    )) as Job;
    this.ledger.set(name, { uid: job.metadata.uid, replicas, ends });
    await this.readBack(job);
  }

  private async scale(): Promise<void> {
    const endless = [...this.ledger].filter(([, { ends }]) => !ends);
    if (endless.length === 0) return this.submit();
    const [name, before] = this.random.pick(endless);
    const replicas = this.random.between(1, MOST_REPLICAS);
    const body = { spec: { replicas } };
    const job = (await this.acknowledged(`scale ${name}`, [200], (at) =>
      ask(this.system, at, `${JOBS}/${name}`, { method: 'PATCH', body, type: 'application/merge-patch+json' }),
    )) as Job;
    this.ledger.set(name, { ...before, replicas });
    await this.readBack(job);
  }

  private async remove(): Promise<void> {
    const [name, before] = this.random.pick([...this.ledger]);
    // Gone already is what was wanted: an earlier try was carried out, and its answer lost.
    await this.acknowledged(`delete ${name}`, [200, 202, 404], (at) =>
      ask(this.system, at, `${JOBS}/${name}`, { method: 'DELETE' }),
    );
    this.ledger.delete(name);
    this.deleted.set(name, before);
  }

  /** At another gateway than the one that wrote: "not older than what I wrote". No answer is no stale one. */
  private async readBack({ metadata: { name, uid, resourceVersion } }: Job): Promise<void> {
    const query = new URLSearchParams({ fieldSelector: `metadata.name=${name}`, resourceVersion });
    const { code, body } = await ask(this.system, this.nextGateway(), `${JOBS}?${query.toString()}`);
    if (code !== 200) return;
    const [found] = (body as { items: Job[] }).items;
    const read = found === undefined ? undefined : Number(found.metadata.resourceVersion);
    this.ownReads.push({ name, uid, wrote: Number(resourceVersion), read });
  }

  private async acknowledged(
    what: string,
    codes: readonly number[],
    attempt: (gateway: GatewayWay) => Promise<Answer>,
  ): Promise<unknown> {
    const end = performance.now() + LONGEST_MS;
    const tries: string[] = [];
    this.count++;
    for (;;) {
      const gateway = this.nextGateway();
      const asked = performance.now();
      const { code, body } = await attempt(gateway);
      tries.push(`${gateway.name} ${code} after ${(performance.now() - asked).toFixed(0)} ms`);
      // The previous release says "not found" of what it has not folded yet.
      const isTaken = codes.includes(code) && !(code === 404 && this.system.isBeside(gateway));
      if (isTaken) {
        this.acknowledge(what, tries);
        return body;
      }
      const isRefused = code >= 400 && code < 500 && !TRIED_AGAIN.has(code);
      if (isRefused) {
        const words = `${what} was refused: ${code} ${JSON.stringify(body)}`;
        // What the other version cannot do is not held against this one, which is asked next.
        if (!this.system.isBeside(gateway)) throw new Error(words);
        this.refusedBeside.push(words);
      }
      if (performance.now() > end) {
        throw new Error(`${what} was not acknowledged in ${LONGEST_MS / 1_000} s: ${code} ${JSON.stringify(body)}`);
      }
      await pause(RETRY_MS);
    }
  }

  private acknowledge(what: string, tries: readonly string[]): void {
    const now = performance.now();
    const gapMs = now - this.lastWriteAt;
    if (gapMs > LONG_MS) {
      const words = `${this.name} waited ${(gapMs / 1_000).toFixed(1)} s, then ${what}: ${tries.join(', ')}`;
      this.waits.push({ fromMs: this.lastWriteAt, toMs: now, words });
      this.system.note(words);
    }
    this.lastWriteAt = now;
    this.longestGapMs = Math.max(this.longestGapMs, gapMs);
  }

  private nextGateway(): GatewayWay {
    const { gateways } = this.system;
    const gateway = gateways[this.turn++ % gateways.length];
    if (gateway === undefined) throw new Error('there is no gateway');
    return gateway;
  }
}
