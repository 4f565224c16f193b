import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { issueCertificate } from './issue-certificate.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const ca = issueCertificate({ subject: { commonName: 'ca' }, use: 'authority', lifeMs: DAY_MS, nowMs: NOW });

describe('certificates', () => {
  it('of servers are signed by the authority, for the hosts that are named', () => {
    const { certificate } = issueCertificate(
      {
        subject: { commonName: 'srv' },
        hosts: ['localhost', '127.0.0.1', '::1'],
        use: 'server',
        lifeMs: DAY_MS,
        nowMs: NOW,
      },
      ca,
    );
    const [authority, server] = [new X509Certificate(ca.certificate), new X509Certificate(certificate)];
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect([server.checkHost('localhost'), server.checkIP('127.0.0.1'), server.checkIP('::1')]).toEqual([
      'localhost',
      '127.0.0.1',
      '::1',
    ]);
    expect(server.checkHost('example.org')).toBeUndefined();
    expect(Date.parse(server.validTo)).toBe(NOW + DAY_MS);
  });

  it('of clients name the user and his groups', () => {
    const subject = { commonName: 'jo', organizations: ['devs', 'ops'] };
    const { certificate } = issueCertificate({ subject, use: 'client', lifeMs: DAY_MS, nowMs: NOW }, ca);
    expect(new X509Certificate(certificate).subject).toBe('O=devs\nO=ops\nCN=jo');
  });

  it('of peers are for both ends of a connection and may speak for a URI', () => {
    const uris = ['spiffe://skyflow/cluster/a/gateway'];
    const request = { subject: { commonName: 'a' }, uris, use: 'peer' as const, lifeMs: DAY_MS, nowMs: NOW };
    const peer = new X509Certificate(issueCertificate(request, ca).certificate);
    expect(peer.subjectAltName).toBe(`URI:${uris[0]}`);
    expect(peer.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });
});
