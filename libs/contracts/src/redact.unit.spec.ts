import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redacted } from './redact.js';

const letters = (from: string, length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(from)), minLength: length, maxLength: length });
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const URL64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const surroundings = fc.constantFrom('', ' ', '"', "'", ': ', '=', '\n', ', ', 'token ', '\\"');

describe('what is logged', () => {
  it.each([
    [
      'a token',
      fc
        .tuple(fc.constantFrom('sky', 'skyr', 'skyi', 'skyj'), letters('abcdefgh234567', 12), letters(URL64, 43))
        .map(([use, name, secret]) => ({ text: `${use}_${name}_${secret}`, secret })),
    ],
    ['a seed', letters(BASE32, 56).map((secret) => ({ text: `SU${secret}`, secret }))],
    ['a header', letters(URL64.slice(0, 62), 32).map((secret) => ({ text: `Bearer ${secret}`, secret }))],
    [
      'an address',
      letters(URL64.slice(0, 62), 24).map((secret) => ({ text: `nats://admin:${secret}@127.0.0.1:4222`, secret })),
    ],
    [
      'a private key',
      letters(BASE32, 64).map((secret) => ({
        text: `-----BEGIN PRIVATE KEY-----\\n${secret}\\n-----END PRIVATE KEY-----`,
        secret,
      })),
    ],
  ])('has no secret of %s in it, wherever it stands', (_what, made) => {
    fc.assert(
      fc.property(surroundings, made, surroundings, (before, { text, secret }, after) => {
        expect(redacted(`${before}${text}${after}`)).not.toContain(secret);
      }),
    );
  });

  it('is otherwise as it was', () => {
    for (const line of [
      '{"level":30,"msg":"started"}',
      'clusters.skyflow.io "east" not found',
      'nats://127.0.0.1:4222 is not reachable',
      'sky.work.east: no answer within 5000 ms',
      'the bearer of bad news',
      'UC53LMBYPHC7ZLB3BTDM2GZQNZUS5MVPMMI2ZYG3BTMS7RET4XRAM35Y',
    ])
      expect(redacted(line)).toBe(line);
  });
});
