import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { selfSigned } from './self-signed.js';

describe('a self-signed certificate', () => {
  const nowMs = Date.parse('2026-11-24T00:00:00Z');
  const { certificate, privateKey } = selfSigned('test', nowMs);
  const parsed = new X509Certificate(certificate);

  it('is signed by its own key and may sign', () => {
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(parsed.ca).toBe(true);
  });

  it('names this machine and no other', () => {
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkHost('example.org')).toBeUndefined();
  });

  it('is valid from just before now for ten years', () => {
    expect(Date.parse(parsed.validFrom)).toBe(nowMs - 3_600_000);
    expect(new Date(parsed.validTo).getUTCFullYear()).toBe(2036);
  });
});
