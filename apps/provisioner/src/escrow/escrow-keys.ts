/**
 * Seals what must not be lost and must not be read: states of drivers and kubeconfigs. AES-256-GCM with keys from a file outside the log,
 * bound to the cluster, so that a copy of one cluster does not open as another's. Compressed first: a state says most things twice.
 */
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { openWithNonce, sealWithNonce } from '@skyflow/agent-link';
import { ProvisionError } from '../provision-error.js';

const KEY = /^[0-9a-f]{64}$/i;
const NONCE_BYTES = 12;
const FILE_SETTING = 'SKYFLOW_SEALING_KEYS';

export interface Sealed {
  key: string;
  /** Base64. */
  sealed: string;
  /** Of the plain text, hexadecimal. */
  sha256: string;
}

export class EscrowKeys {
  private readonly byId: ReadonlyMap<string, Buffer>;
  private readonly first: string;

  /**
   * @param keys 64 hexadecimal digits each; the first seals, all of them open.
   * @param setting where they come from
   * @throws ProvisionError
   */
  constructor(keys: readonly string[], setting = FILE_SETTING) {
    const made = keys.map((key) => {
      if (!KEY.test(key)) throw noKey('a line of it is not 64 hexadecimal digits', setting);
      const bytes = Buffer.from(hkdfSync('sha256', Buffer.from(key, 'hex'), '', 'skyflow escrow', 32));
      return [createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes] as const;
    });
    this.byId = new Map(made);
    this.first = made[0]?.[0] ?? '';
    if (made.length === 0) throw noKey('there is no key in it', setting);
  }

  /** @throws ProvisionError of class config, naming the file and what is wrong with it. */
  static read(file: string | undefined): EscrowKeys {
    if (file === undefined) throw noKey('it is not set');
    return new EscrowKeys(EscrowKeys.linesOf(file));
  }

  /** Keys as a file has them. @throws ProvisionError */
  static linesOf(file: string): string[] {
    try {
      return keyLines(readFileSync(file, 'utf8'));
    } catch (error) {
      throw noKey((error as Error).message);
    }
  }

  /** @param boundTo names what is sealed; the same is needed to open it. */
  seal(text: string, boundTo: string): Sealed {
    const key = this.byId.get(this.first) ?? Buffer.alloc(0);
    const packed = brotliCompressSync(text, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 },
    });
    const sealed = sealWithNonce(key, randomBytes(NONCE_BYTES), packed, boundTo);
    return { key: this.first, sealed: sealed.toString('base64'), sha256: sha256(text) };
  }

  /** @throws ProvisionError when the key is not there, SealError when it is damaged or another's. */
  open({ key, sealed, sha256: expected }: Sealed, boundTo: string): string {
    const bytes = this.byId.get(key);
    if (bytes === undefined) throw noKey(`key ${key} is not in it, by which the copy of ${boundTo} was sealed`);
    const text = brotliDecompressSync(openWithNonce(bytes, Buffer.from(sealed, 'base64'), boundTo)).toString('utf8');
    if (sha256(text) !== expected) throw noKey(`the copy of ${boundTo} is damaged`);
    return text;
  }
}

/** Without comments and empty lines. */
export const keyLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

export const noKey = (why: string, setting = FILE_SETTING): ProvisionError =>
  new ProvisionError(
    'config',
    `${setting} cannot be used: ${why}`,
    setting === FILE_SETTING
      ? 'give the provisioner a file with a key of 64 hexadecimal digits per line, and keep a copy of it elsewhere'
      : 'it is to give a key of 64 hexadecimal digits per line; keep a copy of them elsewhere',
  );
