/**
 * The certificate that the API is served with, as its files are now. Whoever renews it (cert-manager, a mounted Secret, a script) writes the
 * files; new connections get it within a minute, as with kube-apiserver (dynamiccertificates). What cannot be used is told of, and what was
 * served before is served on.
 */
import { X509Certificate } from 'node:crypto';
import { setInterval as every } from 'node:timers';
import type { Logger, Metrics } from '@skyflow/service';
import type { HttpsOptions } from './tls-files.js';

export interface ServedCertificateOptions {
  /** What is served. */
  https: HttpsOptions;
  /** @throws Error when the files cannot be used as they are */
  read: () => HttpsOptions | undefined;
  /** Serves new connections with it. */
  serve: (https: HttpsOptions) => void;
  logger: Pick<Logger, 'info' | 'warn'>;
}

const LOOK_MS = 60_000;

export class ServedCertificate {
  private told: string | undefined;
  private https: HttpsOptions;

  constructor(private readonly options: ServedCertificateOptions) {
    this.https = options.https;
  }

  /** When what is served ends, ms since the epoch. */
  get endsAt(): number {
    return Date.parse(new X509Certificate(this.https.cert).validTo);
  }

  /** Looks at the files again and again. @returns what ends it */
  watch(everyMs = LOOK_MS): () => void {
    const timer = every(() => this.look(), everyMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Looks at the files once. */
  look(): void {
    const { read, serve, logger } = this.options;
    try {
      const found = read();
      if (found !== undefined && !isSame(found, this.https)) {
        serve(found);
        this.https = found;
        logger.info({ endsAt: new Date(this.endsAt).toISOString() }, 'the certificate of the API was replaced');
      }
      this.told = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.told) {
        const endsAt = new Date(this.endsAt).toISOString();
        logger.warn(
          { detail: message, endsAt },
          'the certificate of the API cannot be used as its files are now; the last one is served on',
        );
      }
      this.told = message;
    }
  }
}

const isSame = (a: HttpsOptions, b: HttpsOptions): boolean =>
  a.cert === b.cert && a.key === b.key && a.clientCa === b.clientCa;

/** 0: nothing is served over TLS. */
export function certificateMetrics(metrics: Metrics, served: ServedCertificate | undefined): void {
  metrics.observe({
    name: 'skyflow_certificate_expires_timestamp_seconds',
    description: 'When the certificate ends that the API is served with.',
    type: 'gauge',
    read: () => (served === undefined ? 0 : served.endsAt / 1_000),
  });
}
