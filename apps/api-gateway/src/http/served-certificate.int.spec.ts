import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { issueCertificate } from '@skyflow/certificates';
import { ServedCertificate } from './served-certificate.js';
import { type HttpsOptions, readTlsFiles } from './tls-files.js';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'skyflow-certificate-'));
const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
const settings = { SKYFLOW_HTTPS_PORT: 0, SKYFLOW_TLS_CERT_FILE: cert, SKYFLOW_TLS_KEY_FILE: key };
const said: unknown[] = [];
const logger = {
  info: (_about: object, text: string) => void said.push(text),
  warn: ({ detail }: { detail: string }, text: string) => void said.push(`${text}: ${detail}`),
} as unknown as ConstructorParameters<typeof ServedCertificate>[0]['logger'];
let server: ReturnType<typeof createServer>;
let served: ServedCertificate;

function write(name: string, days: number): void {
  const nowMs = Date.now();
  const made = issueCertificate({
    subject: { commonName: name },
    hosts: ['localhost'],
    use: 'server',
    lifeMs: days * DAY_MS,
    nowMs,
  });
  writeFileSync(cert, made.certificate);
  writeFileSync(key, made.privateKey);
}

/** Whom a client that connects now sees. */
const seen = (): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.subject.replace('CN=', ''));
      socket.destroy();
    });
    socket.once('error', reject);
  });

beforeEach(async () => {
  said.length = 0;
  write('first', 10);
  const https = readTlsFiles(settings) as HttpsOptions;
  server = createServer(https);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const serve = (renewed: HttpsOptions): void => server.setSecureContext(renewed);
  served = new ServedCertificate({ https, read: () => readTlsFiles(settings), serve, logger });
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true, maxRetries: 1 });
});

describe('the certificate that the API is served with', () => {
  it('is replaced while it serves when its files are, is kept when they cannot be used, and says when it ends', async () => {
    served.look();
    expect([await seen(), said]).toEqual(['first', []]);
    expect(Math.round((served.endsAt - Date.now()) / DAY_MS)).toBe(10);
    write('second', 90);
    served.look();
    expect(await seen()).toBe('second');
    expect(Math.round((served.endsAt - Date.now()) / DAY_MS)).toBe(90);
    writeFileSync(key, 'half of a k');
    served.look();
    served.look();
    expect(await seen()).toBe('second');
    write('third', 90);
    const stop = served.watch(10);
    while ((await seen()) !== 'third') expect(said.length).toBeLessThan(4);
    stop();
    expect(said).toEqual([
      'the certificate of the API was replaced',
      expect.stringMatching(
        /the last one is served on: .*tls\.crt and .*tls\.key are no certificate and its key in PEM/,
      ),
      'the certificate of the API was replaced',
    ]);
  });
});
