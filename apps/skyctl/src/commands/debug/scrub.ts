/**
 * Takes secrets out of what goes into a bundle, in three ways, since each alone misses some: by where they stand in an object (Secrets,
 * environment of containers, fields with telling names), by their form (tokens, keys, passwords in addresses), and by value (what is
 * known to be secret, plain, in base64 or percent-encoded). Pure.
 */
import { redacted } from '@skyflow/contracts';

export const REMOVED = '…';

/** Of these the values go, whatever they are; names of them stay. */
const SECRET_FIELD =
  /^(data|stringData|binaryData|sealed|sealedData|ciphertext|wrapped|hash|salt)$|token|passw|secret|passphrase|credential|authorization|cookie|private.?key|api.?key|access.?key|kubeconfig|client-key|client-certificate-data|nkey|seed/i;
/** Fields whose names look like it, and that say nothing secret. */
const HARMLESS =
  /^(secretName|secretRef|secretKeyRef|imagePullSecrets|secrets|automountServiceAccountToken|joinTokenFile|tokenExpirationSeconds)$/;
/** What people put passwords into. */
const COMMAND_LINE = new Set(['command', 'args', 'run', 'value', 'exec']);

/** The object without what its place in it says to be secret. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (name === 'annotations') return [name, emptied(field)];
      if (name === 'env' || COMMAND_LINE.has(name)) return [name, emptied(field)];
      if (!HARMLESS.test(name) && SECRET_FIELD.test(name)) return [name, emptied(field)];
      return [name, withoutSecrets(field)];
    }),
  );
}

/** Names of what there was, and no values. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied);
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'object') return REMOVED;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, name === 'name' ? field : emptied(field)]),
  );
}

/** `password=…`, `token: …`, `"secret": "…"`: what stands behind a telling name, in a log or a command line. */
const ASSIGNED =
  /((?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|client-key-data|client-certificate-data|credential)s?\\?["']?\s*[:=]\s*\\?["']?)(?!…)([^\s"'\\,;}&]{4,})/gi;
/** JSON web tokens, keys of AWS. */
const FORMS: readonly RegExp[] = [
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
];
/** Shorter ones would be found in the middle of words. */
const SHORTEST = 6;

/** Values that are known to be secret, to be replaced wherever they stand. */
export class Scrubber {
  private readonly values = new Set<string>();

  /** A secret, or a file of them: each of its lines is one too. */
  add(secret: string | Uint8Array): void {
    const text = Buffer.from(secret).toString('utf8');
    if (secret.length >= SHORTEST) this.addBytes(Buffer.from(secret));
    for (const each of [text, text.trim(), ...text.split(/\r?\n/).map((line) => line.trim())]) {
      // The lines around a key are the same for all.
      if (each.length < SHORTEST || /^-----/.test(each)) continue;
      this.values.add(each);
      this.values.add(encodeURIComponent(each));
      this.values.add(JSON.stringify(each).slice(1, -1));
      this.addBytes(Buffer.from(each));
    }
  }

  private addBytes(bytes: Buffer): void {
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      this.values.add(bytes.toString(form).replace(/=+$/, ''));
    }
  }

  text(text: string): string {
    let clean = redacted(text);
    for (const form of FORMS) clean = clean.replace(form, REMOVED);
    clean = clean.replace(ASSIGNED, `$1${REMOVED}`);
    // The longest first: one may be a part of another.
    for (const value of [...this.values].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(value, REMOVED);
    return clean;
  }

  json(value: unknown): string {
    return `${this.text(JSON.stringify(withoutSecrets(value), null, 2))}\n`;
  }
}
