import { describe, expect, it } from '@jest/globals';
import { SealError } from '@skyflow/agent-link';
import { Keyring, KeyringError } from './keyring.js';

const OLD = '1'.repeat(64);
const NEW = '2'.repeat(64);
const NAME = 'Secret/team/db';
const payload = { data: { password: 'czNjcmV0', user: 'bWU=' }, lastApplied: '{"stringData":{"password":"s3cret"}}' };

describe('a keyring', () => {
  it('opens what it sealed, under the same name only', () => {
    const keyring = new Keyring([OLD]);
    const sealed = keyring.seal(payload, NAME);
    expect(keyring.open(sealed, NAME)).toEqual(payload);
    expect(() => keyring.open(sealed, 'Secret/other/db')).toThrow(SealError);
    expect(sealed.names).toEqual(['password', 'user']);
  });

  it('shows no value, neither plain nor encoded', () => {
    const text = JSON.stringify(new Keyring([OLD]).seal(payload, NAME));
    for (const value of ['s3cret', 'czNjcmV0', 'bWU=']) expect(text).not.toContain(value);
  });

  it('seals the same values to the same text, other values or names to another', () => {
    const keyring = new Keyring([OLD]);
    const reordered = { ...payload, data: { user: 'bWU=', password: 'czNjcmV0' } };
    expect(keyring.seal(reordered, NAME)).toEqual(keyring.seal(payload, NAME));
    expect(keyring.seal(payload, `${NAME}2`).data).not.toBe(keyring.seal(payload, NAME).data);
    expect(keyring.seal({ data: { user: 'eA==' } }, NAME).key).not.toBe(keyring.seal(payload, NAME).key);
  });

  it('rotates: the first key seals, the older ones still open', () => {
    const sealed = new Keyring([OLD]).seal(payload, NAME);
    const rotated = new Keyring([NEW, OLD]);
    expect(rotated.open(sealed, NAME)).toEqual(payload);
    expect(rotated.seal(payload, NAME).kid).not.toBe(sealed.kid);
    expect(() => new Keyring([NEW]).open(sealed, NAME)).toThrow(`sealed with key ${sealed.kid}`);
  });

  it.each([[[]], [['short']], [[OLD, 'x'.repeat(64)]]])('refuses %p', (keys) => {
    expect(() => new Keyring(keys)).toThrow(KeyringError);
  });

  it('names the file that cannot be used', () => {
    expect(() => Keyring.read('/nowhere/keys')).toThrow(
      /SKYFLOW_SEALING_KEYS "\/nowhere\/keys" cannot be used: .*ENOENT/,
    );
  });
});
