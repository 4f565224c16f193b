import { expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import { newSshKeyPair } from './ssh-key-pair.js';

it('is a key that can be read, also where the public key begins with a zero byte', () => {
  const pairs = Array.from({ length: 800 }, () => newSshKeyPair('skyflow-prod'));
  const broken = pairs.filter((pair) => ssh2.utils.parseKey(pair.private) instanceof Error);
  expect(broken).toEqual([]);
});
