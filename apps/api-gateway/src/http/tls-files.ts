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
}

export interface HttpsOptions {
  port: number;
  cert: string;
  key: string;
}

/** Undefined: no HTTPS is asked for. @throws TlsFilesError when a part is missing or cannot be used */
export function readTlsFiles(settings: TlsSettings): HttpsOptions | undefined {
  const { SKYFLOW_HTTPS_PORT: port, SKYFLOW_TLS_CERT_FILE: certFile, SKYFLOW_TLS_KEY_FILE: keyFile } = settings;
  if (port === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new TlsFilesError('SKYFLOW_HTTPS_PORT needs SKYFLOW_TLS_CERT_FILE and SKYFLOW_TLS_KEY_FILE: name both files');
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
  return { port, cert, key };
}

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TlsFilesError(`${setting} "${file}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
