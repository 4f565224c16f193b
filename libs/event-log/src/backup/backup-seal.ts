/**
 * How pieces of a backup are packed: compressed, then sealed with AES-256-GCM under a key that is derived (scrypt) from the contents of a
 * key file. The name of a piece is authenticated with it, so that pieces cannot be exchanged for each other.
 *
 * `skyflow-backup.json` in the store says whether it is sealed, and with which salt. Nothing in it is secret.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { BackupError, type BackupStore } from './backup-store.js';

const HEADER = 'skyflow-backup.json';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** What `check` is the seal of: tells a wrong key from a damaged piece. */
const CHECK = 'skyflow-backup';

const headerSchema = z.discriminatedUnion('cipher', [
  z.object({ format: z.literal(1), id: z.string(), cipher: z.literal('none') }),
  z.object({ format: z.literal(1), id: z.string(), cipher: z.literal(CIPHER), salt: z.string(), check: z.string() }),
]);

const pack = promisify(gzip);
const unpack = promisify(gunzip);
const derive = promisify(scrypt) as (secret: Uint8Array, salt: Uint8Array, bytes: number) => Promise<Buffer>;

/** `none`: whoever reads the store reads everything but Secrets, which are sealed in the log itself. */
export type BackupKey = Uint8Array | 'none';

export class BackupSeal {
  private constructor(
    private readonly place: string,
    private readonly key: Buffer | undefined,
  ) {}

  /** For a store that may be new: it is marked as ours, sealed with this key. @throws BackupError (`key`, `damaged`) */
  static async begin(store: BackupStore, key: BackupKey): Promise<BackupSeal> {
    if ((await store.get(HEADER)) !== undefined) return BackupSeal.open(store, key);
    if (key === 'none') {
      await store.put(HEADER, textBytes({ format: 1, id: randomUUID(), cipher: 'none' }));
      return new BackupSeal(store.place, undefined);
    }
    const salt = randomBytes(KEY_BYTES);
    const seal = new BackupSeal(store.place, await derive(key, salt, KEY_BYTES));
    const check = seal.#seal(HEADER, Buffer.from(CHECK)).toString('hex');
    const header = { format: 1, id: randomUUID(), cipher: CIPHER, salt: salt.toString('hex'), check };
    await store.put(HEADER, textBytes(header));
    return seal;
  }

  /** @throws BackupError (`empty`, `key`, `damaged`) */
  static async open(store: BackupStore, key: BackupKey | undefined): Promise<BackupSeal> {
    const bytes = await store.get(HEADER);
    if (bytes === undefined)
      throw new BackupError('empty', `${store.place} holds no backups of SkyFlow: ${HEADER} is missing`);
    const header = parse(store, bytes);
    if (header.cipher === 'none') return new BackupSeal(store.place, undefined);
    if (key === undefined || key === 'none') {
      throw new BackupError(
        'key',
        `the backups in ${store.place} are encrypted: give the key file that they were made with`,
      );
    }
    const seal = new BackupSeal(store.place, await derive(key, Buffer.from(header.salt, 'hex'), KEY_BYTES));
    try {
      seal.#open(HEADER, Buffer.from(header.check, 'hex'));
    } catch (error) {
      throw new BackupError('key', `the backups in ${store.place} were made with another key file`, { cause: error });
    }
    return seal;
  }

  async wrap(name: string, text: string): Promise<Uint8Array> {
    return this.#seal(name, await pack(text));
  }

  /** @throws BackupError (`damaged`) */
  async unwrap(name: string, bytes: Uint8Array): Promise<string> {
    try {
      return (await unpack(this.#open(name, bytes))).toString('utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BackupError('damaged', `${name} in ${this.place} is damaged: ${reason}`, { cause: error });
    }
  }

  #seal(name: string, bytes: Uint8Array): Buffer {
    if (this.key === undefined) return Buffer.from(bytes);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, iv).setAAD(Buffer.from(name));
    return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  #open(name: string, bytes: Uint8Array): Uint8Array {
    if (this.key === undefined) return bytes;
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}

function parse(store: BackupStore, bytes: Uint8Array): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    const text = `${HEADER} in ${store.place} cannot be read: it is damaged, or was written by a newer version of SkyFlow`;
    throw new BackupError('damaged', text, { cause: error });
  }
}

const textBytes = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
