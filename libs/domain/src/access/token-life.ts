/** The life of tokens: what a session holds, what is still good, what may be swept away. Times are RFC 3339, as in the object. */
import type { TokenSecret, TokenSpec } from '@skyflow/contracts';

/** A session's access token is good for so long; then a new one is asked for. */
export const ACCESS_LIFE_MS = 15 * 60_000;
/** A session is over after so long, however often it was refreshed. */
export const SESSION_LIFE_MS = 30 * 24 * 3_600_000;
export const INVITE_LIFE_MS = 7 * 24 * 3_600_000;
export const JOIN_LIFE_MS = 60 * 60_000;
/** Several programs of one person refresh side by side; what one is given must not end another's. */
const MOST_ACCESS_TOKENS = 16;

export const isExpired = (expiresAt: string | undefined, nowMs: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= nowMs;

/** Whether nothing can be done with the token any more. */
export const isOver = ({ expiresAt }: TokenSpec, nowMs: number): boolean => isExpired(expiresAt, nowMs);

/** When the secret with this hash stops being good, ms; undefined: never. False: it is none of these. */
export function accessEnd({ access }: TokenSecret, hash: string): number | undefined | false {
  const found = access.find((each) => each.hash === hash);
  if (found === undefined) return false;
  return found.expiresAt === undefined ? undefined : Date.parse(found.expiresAt);
}

/**
 * The secrets of a session with one more access token: old ones go, the oldest first.
 * @param inUse hash of one that does not go while it is good, however many come after it
 */
export function withAccess(
  secret: TokenSecret,
  added: { hash: string; expiresAt: string },
  nowMs: number,
  inUse?: string,
): TokenSecret {
  const good = secret.access.filter(({ expiresAt }) => !isExpired(expiresAt, nowMs));
  const tooMany = good.length + 1 - MOST_ACCESS_TOKENS;
  const gone = new Set(good.filter(({ hash }) => hash !== inUse).slice(0, Math.max(0, tooMany)));
  return { ...secret, access: [...good.filter((each) => !gone.has(each)), added] };
}
