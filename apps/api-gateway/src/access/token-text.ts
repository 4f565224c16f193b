/** What tokens look like: `sky_<name of the Token>_<secret>`; the secret has 256 random bits and is kept as its SHA-256 only. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a secret is good for is in its text, so that none is taken for another. */
export type TokenUse = 'access' | 'refresh' | 'invite' | 'join' | 'link';

const PREFIX: Readonly<Record<TokenUse, string>> = {
  access: 'sky',
  refresh: 'skyr',
  invite: 'skyi',
  join: 'skyj',
  link: 'skyl',
};
const FORM = /^(sky[rijl]?)_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export const newTokenName = (): string => [...randomBytes(12)].map((byte) => LETTERS[byte & 31]).join('');

/** A new secret and its hash. */
export function newSecret(use: TokenUse, name: string): { text: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { text: `${PREFIX[use]}_${name}_${secret}`, hash: hashSecret(secret) };
}

/** Undefined: not a token of this use. */
export function parseToken(text: string, use: TokenUse): { name: string; hash: string } | undefined {
  const [, prefix, name = '', secret = ''] = FORM.exec(text) ?? [];
  return prefix === PREFIX[use] ? { name, hash: hashSecret(secret) } : undefined;
}

/** Takes as long for every hash. */
export function sameHash(one: string, other: string | undefined): boolean {
  const expected = Buffer.from(other ?? '', 'base64url');
  const given = Buffer.from(one, 'base64url');
  return expected.length === given.length && timingSafeEqual(expected, given);
}

const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
