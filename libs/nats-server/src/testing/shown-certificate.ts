/** What nats-server shows to whoever connects now, for tests of certificates that are renewed while it runs. */
import type { X509Certificate } from 'node:crypto';
import { createConnection } from 'node:net';
import { connect } from 'node:tls';

export interface ShownAt {
  /** Default: loopback. */
  host?: string;
  port: number;
  /** Authority (PEM) that must have signed it; undefined: whoever has. */
  ca?: Buffer;
  /** Nothing heard for so long is an error; undefined: it is waited for. */
  patienceMs?: number;
}

/** nats-server speaks first (INFO), and then TLS. @throws Error when it does not answer, or another authority has signed it */
export function shownCertificate({
  host = '127.0.0.1',
  port,
  ca,
  patienceMs,
}: ShownAt): Promise<X509Certificate | undefined> {
  return new Promise((resolve, reject) => {
    const plain = createConnection({ host, port, ...(patienceMs === undefined ? {} : { timeout: patienceMs }) });
    plain.once('error', reject).once('timeout', () => plain.destroy(new Error('no answer')));
    plain.once('data', () => {
      const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
      const secure = connect({ socket: plain, host, ...trust }, () => {
        resolve(secure.getPeerX509Certificate());
        secure.destroy();
      });
      secure.once('error', reject);
    });
  });
}
