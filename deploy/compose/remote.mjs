/**
 * What agents elsewhere need of an installation of the compose file (compose.remote.yaml): an authority of its own, and certificates of it for
 * NATS and the API, made once, and anew a month before they end or when another host is named. For the API a certificate that was given goes first.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { issueCertificate } from '@skyflow/certificates';

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;
/** Longer than this is not taken by some clients. */
const LIFE_MS = 397 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const SUBJECT = { commonName: 'skyflow' };

/**
 * @param host by which agents reach this machine
 * @param folder of the secrets
 * @param given folder with tls.crt and tls.key for the API, and ca.crt where its authority is not one of the system's; may be empty
 * @param write (path, text)
 * @returns the authority of NATS (PEM), its certificate with its key, and the file with the authority of the API; undefined: the system knows it
 * @throws Error that says what to do
 */
export function ensureRemote({ host, folder, given, write }) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = ensureAuthority(folder, write);
  const own = (name, ...others) => ensureCertificate(folder, name, [host, ...others], authority, write);
  const nats = own('nats', 'nats', 'localhost');
  const api = givenPair(given) ?? own('api', 'api-gateway', 'localhost');
  write(join(folder, 'tls.crt'), api.certificate);
  write(join(folder, 'tls.key'), api.key);
  const theirs = join(given, 'ca.crt');
  if (existsSync(theirs)) write(join(folder, 'api-ca.crt'), readFileSync(theirs, 'utf8'));
  const apiAuthority = existsSync(theirs)
    ? join(folder, 'api-ca.crt')
    : api.isGiven
      ? undefined
      : join(folder, 'ca.crt');
  return { authority: authority.certificate, nats, apiAuthority };
}

function ensureAuthority(folder, write) {
  const [certificate, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  if (!existsSync(certificate) || !existsSync(key)) {
    const made = issueCertificate({ subject: SUBJECT, use: 'authority', lifeMs: AUTHORITY_LIFE_MS, nowMs: Date.now() });
    write(key, made.privateKey);
    write(certificate, made.certificate);
  }
  return { subject: SUBJECT, certificate: readFileSync(certificate, 'utf8'), privateKey: readFileSync(key, 'utf8') };
}

function ensureCertificate(folder, name, hosts, authority, write) {
  const [file, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  if (!isGood(file, hosts, authority)) {
    const subject = { commonName: `skyflow-${name}` };
    const made = issueCertificate({ subject, hosts, use: 'server', lifeMs: LIFE_MS, nowMs: Date.now() }, authority);
    write(file, made.certificate);
    write(keyFile, made.privateKey);
  }
  return { certificate: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8'), isGiven: false };
}

function isGood(file, hosts, authority) {
  if (!existsSync(file)) return false;
  const found = new X509Certificate(readFileSync(file));
  const isOurs = found.verify(new X509Certificate(authority.certificate).publicKey);
  const isFor = (host) => (isIP(host) === 0 ? found.checkHost(host) : found.checkIP(host)) !== undefined;
  return isOurs && hosts.every(isFor) && Date.parse(found.validTo) - Date.now() > RENEW_BEFORE_MS;
}

function givenPair(folder) {
  const [file, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  if (!existsSync(file) && !existsSync(keyFile)) return undefined;
  try {
    return { certificate: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8'), isGiven: true };
  } catch (error) {
    throw new Error(`REMOTE_TLS_DIR must hold tls.crt and tls.key, readable for user 65532: ${error.message}`, {
      cause: error,
    });
  }
}
