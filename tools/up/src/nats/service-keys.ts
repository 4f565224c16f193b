/**
 * The keys by which nats-server knows the services: one file each (0600), made the first time, replaced when they are old. Public halves
 * are worked out from the files, so that nothing else has to be kept.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { type NatsService, natsServices } from '@skyflow/domain';
import { writeFileAtomic } from '../home.js';

/** A key is replaced after so long, at a start or while it runs. */
export const KEY_LIFE_MS = 30 * 24 * 3_600_000;

export class ServiceKeys {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const service of natsServices) if (!existsSync(this.file(service))) this.replace(service, newSeed());
  }

  file(service: NatsService): string {
    return join(this.folder, `${service}.nk`);
  }

  publicKey(service: NatsService): string {
    return publicKeyOf(readFileSync(this.file(service)));
  }

  replace(service: NatsService, seed: Uint8Array): void {
    writeFileAtomic(this.file(service), Buffer.from(seed).toString('utf8'));
  }

  /** Services whose key is older than it should get. */
  old(nowMs: number): NatsService[] {
    return natsServices.filter((service) => nowMs - statSync(this.file(service)).mtimeMs > KEY_LIFE_MS);
  }
}

export const newSeed = (): Uint8Array => nkeys.createUser().getSeed();
export const publicKeyOf = (seed: Uint8Array): string =>
  nkeys.fromSeed(Buffer.from(Buffer.from(seed).toString('utf8').trim())).getPublicKey();
