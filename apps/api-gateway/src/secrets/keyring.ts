/**
 * The keys of the instance, from outside the log: they seal the values of Secrets. A file with a key per line, 64 hexadecimal
 * digits each; the first one seals, all of them open.
 *
 * Sealing is deterministic: the same values under the same name and key give the same text, so that writing what is there
 * already changes nothing. What that tells a reader of the log is when the values of one Secret are what they were before.
 */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SealedData, SealedPayload } from '@skyflow/contracts';
import { SealError, openOnce, openWithNonce, sealOnce, sealWithNonce } from '@skyflow/agent-link';

export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}

interface InstanceKey {
  id: string;
  /** Seals the keys of data. */
  wrap: Buffer;
  /** Makes keys and nonces. */
  derive: Buffer;
}

const KEY = /^[0-9a-f]{64}$/i;
const NONCE_BYTES = 12;

export class Keyring {
  private readonly byId: ReadonlyMap<string, InstanceKey>;
  private readonly first: InstanceKey;

  /** @param keys 64 hexadecimal digits each; the first seals. @throws KeyringError */
  constructor(keys: readonly string[]) {
    const made = keys.map(instanceKey);
    const [first] = made;
    if (first === undefined) throw new KeyringError('there is no key in it');
    this.first = first;
    this.byId = new Map(made.map((key) => [key.id, key]));
  }

  /** @throws KeyringError naming the file and what is wrong with it. */
  static read(file: string): Keyring {
    try {
      const lines = readFileSync(file, 'utf8').split('\n');
      return new Keyring(lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')));
    } catch (error) {
      throw new KeyringError(
        `SKYFLOW_SEALING_KEYS "${file}" cannot be used: ${(error as Error).message}; it holds one key of 64 hexadecimal digits per line`,
        { cause: error },
      );
    }
  }

  seal(payload: SealedPayload, boundTo: string): SealedData {
    const text = Buffer.from(JSON.stringify({ ...payload, data: sorted(payload.data) }));
    const { id, wrap, derive } = this.first;
    const key = createHmac('sha256', derive).update(`key\0${boundTo}\0`).update(text).digest();
    const nonce = createHmac('sha256', derive).update('nonce\0').update(key).digest().subarray(0, NONCE_BYTES);
    return {
      v: 1,
      kid: id,
      key: sealWithNonce(wrap, nonce, key, boundTo).toString('base64'),
      data: sealOnce(key, text, boundTo).toString('base64'),
      names: Object.keys(payload.data).sort(),
    };
  }

  /** @throws SealError */
  open(sealed: SealedData, boundTo: string): SealedPayload {
    const text = openOnce(this.keyOf(sealed, boundTo), Buffer.from(sealed.data, 'base64'), boundTo);
    return JSON.parse(text.toString('utf8')) as SealedPayload;
  }

  /** The key of the data itself, to be delivered to an agent. @throws SealError */
  keyOf({ kid, key }: Pick<SealedData, 'kid' | 'key'>, boundTo: string): Buffer {
    const known = this.byId.get(kid);
    if (known === undefined) {
      throw new SealError(
        `${boundTo} was sealed with key ${kid}, which this gateway does not have; add that key to its SKYFLOW_SEALING_KEYS`,
      );
    }
    return openWithNonce(known.wrap, Buffer.from(key, 'base64'), boundTo);
  }
}

function instanceKey(text: string): InstanceKey {
  if (!KEY.test(text)) throw new KeyringError('a line of it is not 64 hexadecimal digits');
  const secret = Buffer.from(text, 'hex');
  const derived = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `skyflow ${use} 1`, 32));
  return {
    id: createHash('sha256').update(secret).digest('hex').slice(0, 8),
    wrap: derived('wrap'),
    derive: derived('derive'),
  };
}

const sorted = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
