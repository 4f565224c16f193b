/**
 * A certificate for 127.0.0.1 and localhost that signs itself (RFC 5280, ECDSA P-256): kubectl sends tokens over TLS only.
 * Clients trust it because the kubeconfig names it; it is good for nothing else.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
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
} from '@skyflow/certificates';

export interface ServerIdentity {
  /** PEM. */
  certificate: string;
  /** PEM, secret. */
  privateKey: string;
}

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const TEN_YEARS_MS = 10 * 365 * 86_400_000;
const HOUR_MS = 3_600_000;

export function selfSigned(commonName: string, nowMs: number): ServerIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(setOf(sequence(objectId('2.5.4.3'), utf8(commonName))));
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    name,
    sequence(time(nowMs - HOUR_MS), time(nowMs + TEN_YEARS_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions()),
  );
  const certificate = sequence(body, ECDSA_SHA256, bitString(sign('sha256', body, privateKey)));
  return {
    certificate: pem('CERTIFICATE', certificate),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(): Buffer {
  const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
    sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value));
  const dnsName = 2;
  const ipAddress = 7;
  return sequence(
    extension('2.5.29.19', true, sequence(boolean(true))),
    // digitalSignature, keyCertSign
    extension('2.5.29.15', true, bitString(Buffer.from([0b1000_0100]), 2)),
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension(
      '2.5.29.17',
      false,
      sequence(implicit(dnsName, Buffer.from('localhost', 'ascii')), implicit(ipAddress, Buffer.from([127, 0, 0, 1]))),
    ),
  );
}

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
