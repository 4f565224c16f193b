import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Authenticator } from './authenticator.js';

const tokens = new Authenticator(undefined, [
  { token: 's3cret' },
  { token: 'machine', identity: { name: 'ci', groups: [] } },
]);
const asked = async (authorization?: string): Promise<string | undefined> =>
  (await tokens.identify({ headers: authorization === undefined ? {} : { authorization } } as IncomingMessage))?.name;
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a fixed token', () => {
  it.each(['Bearer s3cret', 'bearer s3cret', 'Bearer  s3cret ', basic('admin:s3cret'), basic(':s3cret')])(
    'lets %p in, the first time and later',
    async (header) => {
      expect(await asked(header)).toBe('admin');
      expect(await asked(header)).toBe('admin');
    },
  );

  it('is of whom it is given for', async () => expect(await asked('Bearer machine')).toBe('ci'));

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
  ])('keeps %p out, the first time and later', async (header) => {
    expect(await asked(header)).toBeUndefined();
    expect(await asked(header)).toBeUndefined();
  });
});
