/** Who asks: the one static token that `up` makes. Compared in constant time; never logged, never sent back. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { User } from '@skyflow/apimachinery';

export class TokenError extends Error {
  override readonly name = 'TokenError';
}

const ADMIN: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** @throws TokenError when neither a token nor a file with one is given, or the file cannot be used. */
export function readToken(settings: {
  SKYFLOW_TOKEN?: string | undefined;
  SKYFLOW_TOKEN_FILE?: string | undefined;
}): string {
  const { SKYFLOW_TOKEN: given, SKYFLOW_TOKEN_FILE: file } = settings;
  if (given !== undefined) return given;
  if (file === undefined) {
    throw new TokenError(
      'no token: set SKYFLOW_TOKEN_FILE to a file that holds the token of the admin, or SKYFLOW_TOKEN',
    );
  }
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new TokenError(`SKYFLOW_TOKEN_FILE "${file}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (token === '') throw new TokenError(`SKYFLOW_TOKEN_FILE "${file}" is empty; write a token of random text into it`);
  return token;
}

export class Authenticator {
  private readonly expected: Buffer;
  /** What almost every request sends, byte for byte. */
  private readonly usual: Buffer;

  constructor(token: string) {
    this.expected = digest(token);
    this.usual = Buffer.from(`Bearer ${token}`);
  }

  /** Undefined: not the token. */
  identify(request: IncomingMessage): User | undefined {
    const { authorization = '' } = request.headers;
    const bytes = Buffer.from(authorization);
    if (bytes.length === this.usual.length && timingSafeEqual(bytes, this.usual)) return ADMIN;
    const given = tokenOf(authorization);
    return given !== undefined && timingSafeEqual(digest(given), this.expected) ? ADMIN : undefined;
  }
}

/**
 * A bearer token, or the password of Basic authentication: kubectl sends no token over plain HTTP, but it does send what a
 * server URL such as http://admin:<token>@127.0.0.1:50051 holds.
 */
function tokenOf(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme === '') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** Equal lengths, whatever was sent. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
