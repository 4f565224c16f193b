/** Tokens that the gateway is given from outside: the admin's, as `up` makes it, and those of services. */
import { readFileSync } from 'node:fs';
import { AUTHENTICATED } from '@skyflow/domain';
import type { FixedToken } from '../access/authenticator.js';

export class TokenError extends Error {
  override readonly name = 'TokenError';
}

export interface TokenSettings {
  SKYFLOW_TOKEN?: string | undefined;
  SKYFLOW_TOKEN_FILE?: string | undefined;
  SKYFLOW_TOKENS_FILE?: string | undefined;
}

/** @throws TokenError when no admin's token is given, or a file cannot be used. */
export function readTokens(settings: TokenSettings): FixedToken[] {
  return [{ token: adminToken(settings) }, ...namedTokens(settings.SKYFLOW_TOKENS_FILE)];
}

function adminToken({ SKYFLOW_TOKEN: given, SKYFLOW_TOKEN_FILE: file }: TokenSettings): string {
  if (given !== undefined) return given;
  if (file === undefined) {
    throw new TokenError(
      'no token: set SKYFLOW_TOKEN_FILE to a file that holds the token of the admin, or SKYFLOW_TOKEN',
    );
  }
  const token = read('SKYFLOW_TOKEN_FILE', file).trim();
  if (token === '') throw new TokenError(`SKYFLOW_TOKEN_FILE "${file}" is empty; write a token of random text into it`);
  return token;
}

/** One a line: `<token> <user> [<group>,…]`, as kube-apiserver's token file, with spaces. */
function namedTokens(file: string | undefined): FixedToken[] {
  if (file === undefined) return [];
  return read('SKYFLOW_TOKENS_FILE', file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, index) => {
      const [token = '', name, groups = ''] = line.split(/\s+/);
      if (name === undefined) {
        throw new TokenError(
          `SKYFLOW_TOKENS_FILE "${file}", entry ${index + 1}: write it as "<token> <user> [<group>,…]"`,
        );
      }
      return {
        token,
        identity: { name, groups: [...groups.split(',').filter((group) => group !== ''), AUTHENTICATED] },
      };
    });
}

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TokenError(`${setting} "${file}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
