/** The server's certificate and key on disk (0600), so that contexts written before a restart stay valid after it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { selfSigned, type ServerIdentity } from './self-signed.js';

const schema = z.object({ certificate: z.string(), privateKey: z.string() });

/** Makes and stores a new one when there is none, or it is not readable as one, or it has run out. */
export function loadIdentity(path: string, commonName = 'skyflow-embedded-clusters'): ServerIdentity {
  const stored = read(path);
  if (stored !== undefined) return stored;
  const identity = selfSigned(commonName, Date.now());
  writeFileSync(path, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

function read(path: string): ServerIdentity | undefined {
  try {
    const identity = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return Date.parse(new X509Certificate(identity.certificate).validTo) > Date.now() ? identity : undefined;
  } catch (error) {
    // Whatever is wrong with the file, a new identity is the cure; only that it may not be read at all is for a person.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error;
    return undefined;
  }
}
