/**
 * The TLS of one installation: an authority of its own, and the gateway's certificate signed by it. Made the first time and kept; the
 * certificate is made anew when it is about to run out, or is not of this authority.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Authority, issueCertificate } from '@skyflow/certificates';
import { type Home, writeFileAtomic } from './home.js';

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;
/** Longer than this is not taken by some clients. */
const CERTIFICATE_LIFE_MS = 397 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const SUBJECT = { commonName: 'skyflow' };

/** @returns the certificate of the authority (PEM) */
export function ensureTls(home: Home, nowMs = Date.now()): string {
  const authority = existing(home) ?? newAuthority(home, nowMs);
  if (!isGood(home, authority, nowMs)) {
    const hosts = ['127.0.0.1', '::1', 'localhost', hostname()];
    const subject = { commonName: 'skyflow-gateway' };
    const issued = issueCertificate({ subject, hosts, use: 'server', lifeMs: CERTIFICATE_LIFE_MS, nowMs }, authority);
    writeFileAtomic(home.gatewayCertificate, issued.certificate);
    writeFileAtomic(home.gatewayKey, issued.privateKey);
  }
  return authority.certificate;
}

function existing(home: Home): Authority | undefined {
  if (!existsSync(home.authority) || !existsSync(home.authorityKey)) return undefined;
  return { subject: SUBJECT, certificate: `${home.read(home.authority)}\n`, privateKey: home.read(home.authorityKey) };
}

function newAuthority(home: Home, nowMs: number): Authority {
  const made = issueCertificate({ subject: SUBJECT, use: 'authority', lifeMs: AUTHORITY_LIFE_MS, nowMs });
  writeFileAtomic(home.authorityKey, made.privateKey);
  writeFileAtomic(home.authority, made.certificate);
  return made;
}

function isGood(home: Home, authority: Authority, nowMs: number): boolean {
  if (!existsSync(home.gatewayCertificate) || !existsSync(home.gatewayKey)) return false;
  const certificate = new X509Certificate(home.read(home.gatewayCertificate));
  const issuer = new X509Certificate(authority.certificate);
  return certificate.verify(issuer.publicKey) && Date.parse(certificate.validTo) - nowMs > RENEW_BEFORE_MS;
}
