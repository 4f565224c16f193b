/**
 * A key on its way to one agent: sealed to the agent's X25519 public key (ephemeral key agreement, HKDF-SHA-256, AES-256-GCM, as
 * in HPKE's base mode), so that neither nats-server nor another agent can read it.
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { SealError, openOnce, sealOnce } from './sealed-data.js';

const PROTOCOL = 'skyflow unseal 1';
const KEY_BYTES = 32;

/** The agent's half: keeps its private key. */
export class DeliveryKey {
  /** SPKI, base64: what is published. */
  readonly publicKey: string;

  private constructor(private readonly privateKey: KeyObject) {
    this.publicKey = publicText(createPublicKey(privateKey));
  }

  static generate(): DeliveryKey {
    return new DeliveryKey(generateKeyPairSync('x25519').privateKey);
  }

  /** @throws Error when the text is no X25519 private key in PKCS #8 PEM. */
  static fromPem(pem: string): DeliveryKey {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'x25519') throw new Error(`it is a key of type ${key.asymmetricKeyType ?? '?'}`);
    return new DeliveryKey(key);
  }

  toPem(): string {
    return this.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  }

  /** @throws SealError when it was not delivered to this key, or for something else. */
  open(delivery: string, boundTo: string): Buffer {
    const [ephemeral = '', sealed = ''] = delivery.split('.');
    let secret: Buffer;
    try {
      secret = diffieHellman({ privateKey: this.privateKey, publicKey: publicKeyOf(ephemeral) });
    } catch (error) {
      throw new SealError(`the key delivered for ${boundTo} is damaged`, { cause: error });
    }
    return openOnce(sharedKey(secret, ephemeral, this.publicKey), Buffer.from(sealed, 'base64'), boundTo);
  }
}

/** The sender's half. @throws Error when `publicKey` is no X25519 public key. */
export function deliver(publicKey: string, key: Uint8Array, boundTo: string): string {
  const ephemeral = generateKeyPairSync('x25519');
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: publicKeyOf(publicKey) });
  const ephemeralText = publicText(ephemeral.publicKey);
  const sealed = sealOnce(sharedKey(secret, ephemeralText, publicKey), key, boundTo);
  return `${ephemeralText}.${sealed.toString('base64')}`;
}

const publicText = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64');

const publicKeyOf = (text: string): KeyObject =>
  createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' });

const sharedKey = (secret: Buffer, ephemeral: string, recipient: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, `${ephemeral}.${recipient}`, PROTOCOL, KEY_BYTES));
