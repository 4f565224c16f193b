/**
 * Data sealed with a key of its own: AES-256-GCM, bound to a name (additional data), so that sealed data of one object cannot be
 * passed off as another's. Each key seals one text only, so the nonce is fixed.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FIXED_NONCE = Buffer.alloc(NONCE_BYTES);

/** Sealed data that does not open: another key, another name, or damaged. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** `key` (32 bytes) must never seal a second text. */
export const sealOnce = (key: Uint8Array, text: Uint8Array, boundTo: string): Buffer =>
  seal(key, FIXED_NONCE, text, boundTo);

/** The reverse of {@link sealOnce}. @throws SealError */
export const openOnce = (key: Uint8Array, sealed: Uint8Array, boundTo: string): Buffer =>
  open(key, FIXED_NONCE, sealed, boundTo);

/** Many texts with one key, each with a nonce that goes with it. */
export const sealWithNonce = (key: Uint8Array, nonce: Uint8Array, text: Uint8Array, boundTo: string): Buffer =>
  Buffer.concat([nonce, seal(key, nonce, text, boundTo)]);

/** The reverse of {@link sealWithNonce}. @throws SealError */
export const openWithNonce = (key: Uint8Array, sealed: Uint8Array, boundTo: string): Buffer =>
  open(key, sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES), boundTo);

function seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, boundTo: string): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(boundTo));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, boundTo: string): Buffer {
  const end = sealed.length - TAG_BYTES;
  if (end < 0 || nonce.length !== NONCE_BYTES) throw new SealError(`the sealed data of ${boundTo} is cut off`);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch (error) {
    throw new SealError(`the sealed data of ${boundTo} does not open with this key`, { cause: error });
  }
}
