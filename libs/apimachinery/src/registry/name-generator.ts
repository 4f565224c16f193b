/** Names from metadata.generateName (apiserver pkg/storage/names): the prefix and five characters that spell no words. */
import { randomBytes } from 'node:crypto';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const PREFIX_MAX_LENGTH = 63 - SUFFIX_LENGTH;

/** How often a create tries another name when one is taken. */
export const NAME_ATTEMPTS = 8;

export function generateName(prefix: string): string {
  let suffix = '';
  for (const byte of randomBytes(SUFFIX_LENGTH)) suffix += ALPHABET.charAt(byte % ALPHABET.length);
  return prefix.slice(0, PREFIX_MAX_LENGTH) + suffix;
}
