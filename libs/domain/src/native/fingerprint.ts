/**
 * A short fingerprint of a JSON value that does not depend on the order of keys: to see whether two objects are the same without
 * keeping both. Not cryptographic: 64 bits against accidents, nothing against an adversary (who could only keep his own object
 * from being updated).
 */

/** JSON with sorted keys; undefined members are left out, as JSON does. Written by appending: agents make it of every object they apply. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += (text === '' ? '' : ',') + canonicalJson(item);
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** 16 hexadecimal digits. */
export function fingerprint(value: unknown): string {
  const text = canonicalJson(value);
  // Two independently mixed 32-bit multiplicative hashes (after bryc's cyrb53), all 64 bits kept.
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return hex(b) + hex(a);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
