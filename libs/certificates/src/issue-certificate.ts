/**
 * Certificates for one installation (RFC 5280, ECDSA P-256): an authority of its own, and what it signs for servers and clients.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  time,
  utf8,
} from './der.js';

export interface Subject {
  commonName: string;
  /** Groups, where it is a client's. */
  organizations?: readonly string[];
}

/** A certificate with its key; one of an authority can sign others. */
export interface Authority {
  subject: Subject;
  /** PEM. */
  certificate: string;
  /** PEM, secret. */
  privateKey: string;
}

export interface CertificateRequest {
  subject: Subject;
  /** Names and addresses of a server. */
  hosts?: readonly string[];
  /** URIs that it speaks for, e.g. a SPIFFE ID. */
  uris?: readonly string[];
  /**
   * `peer`: server and client in one, for those that dial each other. `self-signed`: a server that is its own authority, which
   * clients trust because they were given its certificate.
   */
  use: 'authority' | 'server' | 'client' | 'peer' | 'self-signed';
  lifeMs: number;
  nowMs: number;
}

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const HOUR_MS = 3_600_000;
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const URI = 6;
const DIGITAL_SIGNATURE = bitString(Buffer.from([0b1000_0000]), 7);
/** RFC 5280, 4.2.1.3. */
const KEY_USAGES = {
  // keyCertSign, cRLSign
  authority: bitString(Buffer.from([0b0000_0110]), 1),
  // digitalSignature, keyCertSign
  'self-signed': bitString(Buffer.from([0b1000_0100]), 2),
  server: DIGITAL_SIGNATURE,
  client: DIGITAL_SIGNATURE,
  peer: DIGITAL_SIGNATURE,
};
/** Extended key usages (RFC 5280, 4.2.1.12). */
const PURPOSES = {
  authority: [],
  'self-signed': ['1.3.6.1.5.5.7.3.1'],
  server: ['1.3.6.1.5.5.7.3.1'],
  client: ['1.3.6.1.5.5.7.3.2'],
  peer: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
};

export function issueCertificate(request: CertificateRequest, authority?: Authority): Authority {
  const { subject, nowMs, lifeMs } = request;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = authority === undefined ? privateKey : createPrivateKey(authority.privateKey);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01;
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    nameOf(authority?.subject ?? subject),
    sequence(time(nowMs - HOUR_MS), time(nowMs + lifeMs)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensionsOf(request)),
  );
  const der = sequence(body, ECDSA_SHA256, bitString(sign('sha256', body, signer)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    subject,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const nameOf = ({ commonName, organizations = [] }: Subject): Buffer =>
  sequence(
    ...organizations.map((each) => setOf(sequence(objectId('2.5.4.10'), utf8(each)))),
    setOf(sequence(objectId('2.5.4.3'), utf8(commonName))),
  );

function extensionsOf({ use, hosts = [], uris = [] }: CertificateRequest): Buffer {
  const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
    sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value));
  const signsOthers = use === 'authority' || use === 'self-signed';
  const purposes = PURPOSES[use].map(objectId);
  const names = [...hosts.map(hostName), ...uris.map((uri) => implicit(URI, Buffer.from(uri, 'ascii')))];
  return sequence(
    extension('2.5.29.19', true, signsOthers ? sequence(boolean(true)) : sequence()),
    extension('2.5.29.15', true, KEY_USAGES[use]),
    ...(purposes.length === 0 ? [] : [extension('2.5.29.37', false, sequence(...purposes))]),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...names))]),
  );
}

function hostName(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return implicit(IP_ADDRESS, Buffer.from(host.split('.').map(Number)));
    case 6:
      return implicit(IP_ADDRESS, bytesOfIpv6(host));
    default:
      return implicit(DNS_NAME, Buffer.from(host, 'ascii'));
  }
}

function bytesOfIpv6(host: string): Buffer {
  const [head = '', tail] = host.split('::');
  const words = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const [before, after] = [words(head), words(tail)];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array<string>(zeros).fill('0'), ...after].map((word) => Number.parseInt(word, 16));
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}
