/**
 * A certificate for 127.0.0.1 and localhost that signs itself: kubectl sends tokens over TLS only.
 * Clients trust it because the kubeconfig names it; it is good for nothing else.
 */
import { issueCertificate } from '@skyflow/certificates';

export interface ServerIdentity {
  /** PEM. */
  certificate: string;
  /** PEM, secret. */
  privateKey: string;
}

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

export function selfSigned(commonName: string, nowMs: number): ServerIdentity {
  const { certificate, privateKey } = issueCertificate({
    subject: { commonName },
    hosts: ['localhost', '127.0.0.1'],
    use: 'self-signed',
    lifeMs: TEN_YEARS_MS,
    nowMs,
  });
  return { certificate, privateKey };
}
