/** JSON Pointer, RFC 6901. */

/** A pointer that is malformed or leads nowhere; the message says where it stops. */
export class PointerError extends Error {
  override readonly name = 'PointerError';
}

const FORBIDDEN = new Set(['__proto__']);

/** Unescaped tokens. Throws {@link PointerError}. */
export function parsePointer(text: string): string[] {
  if (text === '') return [];
  if (!text.startsWith('/')) throw new PointerError(`path "${text}" must begin with "/"`);
  return text
    .slice(1)
    .split('/')
    .map((token) => {
      if (/~(?![01])/.test(token)) throw new PointerError(`path "${text}" has a "~" that is not followed by 0 or 1`);
      const plain = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (FORBIDDEN.has(plain)) throw new PointerError(`path "${text}" has the key "${plain}", which is not allowed`);
      return plain;
    });
}

/** The pointer to these tokens, escaped. */
export const formatPointer = (tokens: readonly string[]): string =>
  tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
