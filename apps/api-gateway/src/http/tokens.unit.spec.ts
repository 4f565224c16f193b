import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Authenticator, TokenError, readToken } from './tokens.js';

const tokens = new Authenticator('s3cret');
const asked = (authorization?: string): string | undefined =>
  tokens.identify({ headers: authorization === undefined ? {} : { authorization } } as IncomingMessage)?.name;
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the token', () => {
  it.each(['Bearer s3cret', 'bearer s3cret', 'Bearer  s3cret ', basic('admin:s3cret'), basic(':s3cret')])(
    'lets %p in',
    (header) => {
      expect(asked(header)).toBe('admin');
    },
  );

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    'Bearer s3cre',
    'Bearer s3cret2',
    's3cret',
    basic('s3cret:x'),
    'Basic ???',
  ])('keeps %p out', (header) => {
    expect(asked(header)).toBeUndefined();
  });

  it('must be given, and its file must hold one', () => {
    expect(readToken({ SKYFLOW_TOKEN: 'a' })).toBe('a');
    expect(() => readToken({})).toThrow(TokenError);
    expect(() => readToken({ SKYFLOW_TOKEN_FILE: '/nowhere/token' })).toThrow(/"\/nowhere\/token" cannot be read/);
  });
});
