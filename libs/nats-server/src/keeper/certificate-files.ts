/** The certificate that nats-server shows and its key, as their files are now: whoever renews them writes the files one after the other. */
import { X509Certificate, createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface CertificatePair {
  /** Tells it from another one. */
  readonly fingerprint: string;
  /** When it ends, ms since the epoch. */
  readonly endsAt: number;
}

export interface TlsFiles {
  certificateFile: string;
  keyFile: string;
}

/** Looks at the files; what cannot be used is not seen, and the last that could stays. */
export class CertificateFiles {
  private seen = '';
  private last: CertificatePair | undefined;

  constructor(private readonly files: TlsFiles) {}

  /** Undefined: there was none yet that could be used. */
  look(): CertificatePair | undefined {
    try {
      const [certificate, key] = [this.files.certificateFile, this.files.keyFile].map((file) => readFileSync(file));
      const fingerprint = createHash('sha256')
        .update(certificate ?? '')
        .update(key ?? '')
        .digest('hex');
      if (fingerprint === this.seen) return this.last;
      this.seen = fingerprint;
      const found = new X509Certificate(certificate ?? '');
      // A new certificate with the key of the old one: somebody is in the midst of it.
      if (found.checkPrivateKey(createPrivateKey(key ?? ''))) {
        this.last = { fingerprint, endsAt: Date.parse(found.validTo) };
      }
    } catch {
      // Not there, or half of it: the next look sees the rest.
    }
    return this.last;
  }
}
