/**
 * The keys by which nats-server knows the services: the seed in one file, for its holder, the public keys that are let in in another, for
 * whoever writes nats-server's configuration (all 0600). Made the first time, replaced when they are old.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import type { NatsKeyHolder } from '@skyflow/domain';

/** A key is replaced after so long, at a start or while it runs. */
export const KEY_LIFE_MS = 30 * 24 * 3_600_000;

/** Where keys are kept. */
export interface KeyStore {
  /** Whose keys. */
  readonly holders: readonly NatsKeyHolder[];
  /** @throws Error when there is none */
  seed(holder: NatsKeyHolder): Promise<string>;
  /** From now on these public keys are let in. */
  setLetIn(keys: Partial<Record<NatsKeyHolder, readonly string[]>>): Promise<void>;
  setSeeds(seeds: Partial<Record<NatsKeyHolder, string>>): Promise<void>;
}

/** Public keys that are let in, by who has them, from files that somebody else may write. */
export class PublicKeys {
  /** @param nested each holder's files in a folder of its own, which only it is given */
  constructor(
    protected readonly folder: string,
    readonly holders: readonly NatsKeyHolder[],
    private readonly nested = false,
  ) {}

  /** Public keys, one a line. */
  publicFile(holder: NatsKeyHolder): string {
    return this.path(holder, 'pub');
  }

  /** @throws Error when there are none yet */
  letIn(): Partial<Record<NatsKeyHolder, readonly string[]>> {
    const linesOf = (holder: NatsKeyHolder): string[] =>
      readFileSync(this.publicFile(holder), 'utf8').match(/\S+/g) ?? [];
    return Object.fromEntries(this.holders.map((holder) => [holder, linesOf(holder)]));
  }

  protected path(holder: NatsKeyHolder, extension: 'nk' | 'pub'): string {
    return this.nested ? join(this.folder, holder, `nats.${extension}`) : join(this.folder, `${holder}.${extension}`);
  }
}

export class ServiceKeys extends PublicKeys implements KeyStore {
  /** Makes what is missing; lets in nobody but the holders of the seeds. */
  ensure(): void {
    for (const holder of this.holders) {
      const file = this.file(holder);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      if (!existsSync(file)) writePrivate(file, newSeed());
      writePrivate(this.publicFile(holder), `${publicKeyOf(readFileSync(file, 'utf8'))}\n`);
    }
  }

  /** The seed. */
  file(holder: NatsKeyHolder): string {
    return this.path(holder, 'nk');
  }

  seed(holder: NatsKeyHolder): Promise<string> {
    return Promise.resolve(readFileSync(this.file(holder), 'utf8'));
  }

  setLetIn(keys: Partial<Record<NatsKeyHolder, readonly string[]>>): Promise<void> {
    for (const holder of this.holders) {
      const own = keys[holder];
      if (own !== undefined) writePrivate(this.publicFile(holder), `${own.join('\n')}\n`);
    }
    return Promise.resolve();
  }

  setSeeds(seeds: Partial<Record<NatsKeyHolder, string>>): Promise<void> {
    for (const holder of this.holders) {
      const seed = seeds[holder];
      if (seed !== undefined) writePrivate(this.file(holder), seed);
    }
    return Promise.resolve();
  }

  /** Holders whose key is older than it should get. */
  old(nowMs: number): NatsKeyHolder[] {
    return this.holders.filter((holder) => nowMs - statSync(this.file(holder)).mtimeMs > KEY_LIFE_MS);
  }
}

/** Writes all or nothing, readable by the owner only. */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

export const newSeed = (): string => Buffer.from(nkeys.createUser().getSeed()).toString('utf8');
export const publicKeyOf = (seed: string): string => nkeys.fromSeed(Buffer.from(seed.trim())).getPublicKey();
