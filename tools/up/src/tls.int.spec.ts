import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Home } from './home.js';
import { ensureTls } from './tls.js';

const DAY_MS = 86_400_000;
let home: Home;
beforeEach(() => {
  home = new Home(mkdtempSync(join(tmpdir(), 'skyflow-tls-')));
  home.prepare();
});
afterEach(() => rmSync(home.path, { recursive: true, force: true }));

describe('the TLS of an installation', () => {
  it('is an authority and a certificate of it for this machine, kept over starts, keys for the owner only', () => {
    const authority = ensureTls(home);
    const first = home.read(home.gatewayCertificate);
    const certificate = new X509Certificate(first);
    expect(certificate.verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect([certificate.checkIP('127.0.0.1'), certificate.checkHost('localhost')]).toEqual(['127.0.0.1', 'localhost']);
    for (const file of [home.gatewayKey, home.authorityKey]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(ensureTls(home)).toBe(authority);
    expect(home.read(home.gatewayCertificate)).toBe(first);
  });

  it('is renewed before it runs out, by the same authority', () => {
    const authority = ensureTls(home);
    const first = home.read(home.gatewayCertificate);
    expect(ensureTls(home, Date.now() + 380 * DAY_MS)).toBe(authority);
    expect(home.read(home.gatewayCertificate)).not.toBe(first);
  });

  it('goes with the rest when the home is removed', () => {
    ensureTls(home);
    home.remove();
    expect(() => statSync(home.path)).toThrow();
  });
});
