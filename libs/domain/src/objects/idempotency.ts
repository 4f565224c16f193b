/**
 * Which idempotency keys were used lately, and for what: the same key with the same request gets the same answer, with another request
 * a refusal. The last `IDEMPOTENCY_KEYS` of the log are remembered, and up to a tenth more; older ones are new again.
 */
import type { ObjectRef, Position, StoredObject } from '@skyflow/contracts';

const IDEMPOTENCY_KEYS = 100_000;
/** Forgotten together: to find the oldest key of a map means to pass over those before it that were deleted. */
const FORGOTTEN_AT_ONCE = IDEMPOTENCY_KEYS / 10;

/** What a key was used for. */
export interface RememberedRequest {
  readonly position: Position;
  /** {@link requestPrint} of the request. */
  readonly print: number;
  readonly ref: ObjectRef;
}

export type IdempotencyRing = Map<string, RememberedRequest>;

/** Keys of different users are different keys. */
export const idempotencyKey = (actor: string, key: string): string => `${actor}\n${key}`;

export function remember(ring: IdempotencyRing, key: string, request: RememberedRequest): void {
  ring.delete(key);
  ring.set(key, request);
  if (ring.size < IDEMPOTENCY_KEYS + FORGOTTEN_AT_ONCE) return;
  for (const oldest of ring.keys()) {
    if (ring.size <= IDEMPOTENCY_KEYS) return;
    ring.delete(oldest);
  }
}

/**
 * Fingerprint of what was asked, without what the server adds anew each time (uid, timestamps, a generated name, managed fields).
 * 53 bits: enough to tell a re-used key from a retry; it protects nobody from anything else.
 */
export function requestPrint(verb: 'create' | 'update' | 'delete', subject: StoredObject | ObjectRef): number {
  if (!('metadata' in subject)) {
    return hash53(JSON.stringify([verb, subject.kind, subject.namespace, subject.name]));
  }
  const { metadata, status: _status, ...rest } = subject;
  const {
    uid: _uid,
    creationTimestamp: _created,
    generation: _generation,
    managedFields: _managed,
    ...asked
  } = metadata;
  const { resourceVersion: _version, ...kept } = asked as Record<string, unknown>;
  const named = kept.generateName === undefined ? kept : { ...kept, name: undefined };
  return hash53(verb + canonical([rest, named]));
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** cyrb53 (public domain, github.com/bryc): a fast, well-mixed 53-bit hash. */
function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    h1 = Math.imul(h1 ^ unit, 2654435761);
    h2 = Math.imul(h2 ^ unit, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}
