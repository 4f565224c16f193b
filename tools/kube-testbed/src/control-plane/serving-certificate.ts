/**
 * By which an API server shows who it is: a certificate and the authority that signed it, as files that it reads. The authority's key
 * is in memory only.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { issueCertificate, type Authority } from '@skyflow/certificates';
import type { ClusterFiles } from './cluster-files.js';

const HOSTS = ['127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const LIFE_MS = 365 * 86_400_000;

export class ServingCertificate {
  private authorities = 0;
  private authority: Authority;

  constructor(private readonly files: ClusterFiles) {
    this.authority = this.newAuthority();
    this.renew();
  }

  /** By which clients know the server (PEM). */
  get trusted(): string {
    return this.authority.certificate;
  }

  /** Another certificate of the same authority. */
  renew(): void {
    const { servingCertificate, servingKey } = this.files;
    const subject = { commonName: 'kube-apiserver' };
    const issued = issueCertificate(
      { subject, hosts: HOSTS, use: 'server', lifeMs: LIFE_MS, nowMs: Date.now() },
      this.authority,
    );
    write(servingKey, issued.privateKey);
    write(servingCertificate, issued.certificate);
  }

  /** A certificate of another authority: who knows only the one before does not know the server any more. */
  renewWithAuthority(): void {
    this.authority = this.newAuthority();
    this.renew();
  }

  private newAuthority(): Authority {
    this.authorities += 1;
    const subject = { commonName: `kubernetes-${this.authorities}` };
    const made = issueCertificate({ subject, use: 'authority', lifeMs: LIFE_MS, nowMs: Date.now() });
    write(this.files.servingAuthority, made.certificate);
    return made;
  }
}

/** Never half there. */
function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
