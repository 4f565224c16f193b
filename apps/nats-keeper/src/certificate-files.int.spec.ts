import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Authority, issueCertificate } from '@skyflow/certificates';
import { CertificateFiles } from '@skyflow/nats-server';

const DAY_MS = 86_400_000;

describe('the files of the certificate that NATS shows', () => {
  let folder: string;
  let files: { certificateFile: string; keyFile: string };
  let told: string[];
  let seen: CertificateFiles;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-certificate-'));
    files = { certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
    told = [];
    seen = new CertificateFiles(files, (why) => told.push(why));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const made = (days: number): Authority =>
    issueCertificate({ subject: { commonName: 'nats' }, use: 'self-signed', lifeMs: days * DAY_MS, nowMs: Date.now() });

  it('are used when they are whole; until then the last is, and why is told once', () => {
    expect(seen.look()).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(/tls\.crt and .*tls\.key: ENOENT: no such file .*tls\.crt/)]);
    const [first, second] = [made(10), made(20)];
    writeFileSync(files.certificateFile, first.certificate);
    writeFileSync(files.keyFile, first.privateKey);
    const shown = seen.look();
    expect(shown?.endsAt).toBeLessThan(Date.now() + 11 * DAY_MS);
    expect(told).toHaveLength(1);

    writeFileSync(files.certificateFile, second.certificate);
    expect([seen.look(), seen.look()]).toEqual([shown, shown]);
    expect(told.slice(1)).toEqual([expect.stringMatching(/the key is of another certificate$/)]);
    writeFileSync(files.keyFile, 'no key');
    expect(seen.look()).toBe(shown);
    expect(told).toHaveLength(3);

    writeFileSync(files.keyFile, second.privateKey);
    expect(seen.look()?.endsAt).toBeGreaterThan(Date.now() + 19 * DAY_MS);
    expect(told).toHaveLength(3);
  });
});
