/** This gateway's copy of the bucket of Leases: kept current by following it, for reads and watches. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ResourceDefinition, ResourceTable, apiVersionOf, versionTooLarge } from '@skyflow/apimachinery';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import type { KvBucket, KvEntry } from '@skyflow/event-log';

const WAIT_MS = 5_000;
const AGAIN_AFTER_MS = 250;

/** Namespaces have no dots, names may: the first dot ends the namespace. */
export const keyOf = ({ namespace = '', name }: ObjectKey): string => `${namespace}.${name}`;

export class LeaseCopy {
  readonly table: ResourceTable;
  private version = 0;
  private isFilled = false;
  /** Keys met since the follower began anew; undefined: it has caught up. */
  private met: Set<string> | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    definition: ResourceDefinition,
    private readonly bucket: KvBucket,
    private readonly warn: (line: string) => void,
  ) {
    this.table = new ResourceTable({
      apiVersion: apiVersionOf(definition),
      kind: definition.kind,
      version: () => this.version,
    });
  }

  /** Follows the bucket until the signal aborts, over any outage. */
  async run(signal: AbortSignal): Promise<void> {
    let told: string | undefined;
    do {
      try {
        for await (const followed of this.bucket.follow(signal)) {
          if (followed.type === 'begin') this.met = new Set();
          else if (followed.type === 'entries') for (const entry of followed.entries) this.take(entry);
          else this.caughtUp(followed.revision);
          this.wake();
        }
      } catch (error) {
        const why = (error as Error).message;
        if (!signal.aborted && why !== told) this.warn(`leases are read anew: ${why}`);
        told = why;
      }
      await delay(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
    } while (!signal.aborted);
  }

  /** Resolves when it has all that the bucket has now. @throws StatusError 504 when that takes too long; LogUnavailableError */
  async upToDate(signal?: AbortSignal): Promise<void> {
    const head = await this.bucket.head();
    const deadline = performance.now() + WAIT_MS;
    while (!this.isFilled || this.version < head) {
      const left = deadline - performance.now();
      if (left <= 0 || signal?.aborted === true) throw versionTooLarge(head, this.version);
      await this.nextChange(left, signal);
    }
  }

  /** All there are, in any namespace. */
  objects(): KubeObject[] {
    const all: KubeObject[] = [];
    this.table.index.scan(undefined, undefined, (object) => all.push(object) > 0);
    return all;
  }

  private take({ key, revision, value }: KvEntry): void {
    this.met?.add(key);
    const [namespace, name] = splitKey(key);
    const known = this.table.get({ namespace, name });
    if (revision > this.version) this.version = revision;
    if (value === undefined) {
      this.table.remove({ namespace, name }, revision);
      return;
    }
    // Met again after the follower began anew.
    if (Number(known?.metadata.resourceVersion ?? 0) >= revision) return;
    const object = JSON.parse(Buffer.from(value).toString()) as KubeObject;
    this.table.put({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
  }

  /** What was not met is gone, and nothing tells of it any more. */
  private caughtUp(revision: number): void {
    const { met } = this;
    this.met = undefined;
    this.version = Math.max(this.version, revision);
    for (const object of this.objects()) {
      if (met?.has(keyOf(object.metadata)) === false) this.table.remove(object.metadata, this.version);
    }
    if (this.isFilled) return;
    this.isFilled = true;
    // What came before is not known: who watched another life of this gateway lists again.
    this.table.load(this.objects(), this.version);
  }

  private nextChange(withinMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.waiting = this.waiting.filter((each) => each !== done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      signal?.addEventListener('abort', done, { once: true });
      this.waiting.push(done);
    });
  }

  private wake(): void {
    for (const done of this.waiting) done();
  }
}

function splitKey(key: string): [namespace: string, name: string] {
  const dot = key.indexOf('.');
  return [key.slice(0, dot), key.slice(dot + 1)];
}
