/** Bytes that no gateway can mistake: a block of noise, of which each copy carries its number. */
import { Buffer } from 'node:buffer';
import { createCipheriv } from 'node:crypto';

const BLOCK = 1024 * 1024;

export function* pattern(bytes) {
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(BLOCK));
  for (let sent = 0, number = 0; sent < bytes; sent += BLOCK, number += 1) {
    const block = Buffer.from(noise.subarray(0, Math.min(BLOCK, bytes - sent)));
    if (block.length >= 4) block.writeUInt32BE(number);
    yield block;
  }
}
