/** The gateway's certificate and key, as the settings name them. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
}

export interface TlsSettings {
  SKYFLOW_HTTPS_PORT?: number | undefined;
  SKYFLOW_TLS_CERT_FILE?: string | undefined;
  SKYFLOW_TLS_KEY_FILE?: string | undefined;
  SKYFLOW_TLS_ONLY?: 'true' | 'false' | undefined;
  SKYFLOW_CLIENT_CA_FILE?: string | undefined;
}

export interface HttpsOptions {
  /** Of its own, beside HTTP; absent: instead of HTTP, on its port. */
  port?: number;
  cert: string;
  key: string;
  /** Authorities of client certificates. */
  clientCa?: string;
}

/** Undefined: no HTTPS is asked for. @throws TlsFilesError when a part is missing or cannot be used */
export function readTlsFiles(settings: TlsSettings): HttpsOptions | undefined {
  const { SKYFLOW_HTTPS_PORT: port, SKYFLOW_TLS_CERT_FILE: certFile, SKYFLOW_TLS_KEY_FILE: keyFile } = settings;
  const only = settings.SKYFLOW_TLS_ONLY === 'true';
  if (port === undefined && !only) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    const what = only ? 'SKYFLOW_TLS_ONLY' : 'SKYFLOW_HTTPS_PORT';
    throw new TlsFilesError(`${what} needs SKYFLOW_TLS_CERT_FILE and SKYFLOW_TLS_KEY_FILE: name both files`);
  }
  const cert = read('SKYFLOW_TLS_CERT_FILE', certFile);
  const key = read('SKYFLOW_TLS_KEY_FILE', keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const why = (error as Error).message;
    throw new TlsFilesError(`${certFile} and ${keyFile} are no certificate and its key in PEM: ${why}`, {
      cause: error,
    });
  }
  const { SKYFLOW_CLIENT_CA_FILE: caFile } = settings;
  return {
    ...(only || port === undefined ? {} : { port }),
    cert,
    key,
    ...(caFile === undefined ? {} : { clientCa: read('SKYFLOW_CLIENT_CA_FILE', caFile) }),
  };
}

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TlsFilesError(`${setting} "${file}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
