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

/** Looks at the files; the last that could be used stays while what is there now cannot be. */
export class CertificateFiles {
  private seen = '';
  private last: CertificatePair | undefined;
  private told: string | undefined;

  /** @param onUnusable told why the files cannot be used as they are now, once for each reason */
  constructor(
    private readonly files: TlsFiles,
    private readonly onUnusable: (why: string) => void,
  ) {}

  /** Undefined: there was none yet that could be used. */
  look(): CertificatePair | undefined {
    const { certificateFile, keyFile } = this.files;
    try {
      const certificate = readFileSync(certificateFile);
      const key = readFileSync(keyFile);
      const fingerprint = createHash('sha256').update(certificate).update(key).digest('hex');
      if (fingerprint !== this.seen) {
        const found = new X509Certificate(certificate);
        if (!found.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is of another certificate');
        this.last = { fingerprint, endsAt: Date.parse(found.validTo) };
        this.seen = fingerprint;
      }
      this.told = undefined;
    } catch (error) {
      const why = `${certificateFile} and ${keyFile}: ${(error as Error).message}`;
      if (why !== this.told) this.onUnusable(why);
      this.told = why;
    }
    return this.last;
  }
}
