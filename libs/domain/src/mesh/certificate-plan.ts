/**
 * When a cluster's gateway gets new certificates. The authority of a cluster is replaced long before it ends: its successor is
 * published first, signs only when every peer has had time to hear of it, and the old one goes when nothing that it signed is left.
 * So at any time at most two generations are trusted, and no certificate is ever signed by one that a peer does not know.
 */

export const AUTHORITY_LIFE_MS = 90 * 86_400_000;
export const CERTIFICATE_LIFE_MS = 24 * 3_600_000;
/** A new authority signs after this long: peers that were away for less know it. */
const KNOWN_AFTER_MS = 24 * 3_600_000;

/** What there is. Times in ms since the epoch. */
export interface CertificateState {
  /** Oldest first. */
  authorities: readonly { generation: number; madeAt: number }[];
  /** The certificate in use, and which authority signed it. */
  certificate: { generation: number; madeAt: number } | undefined;
}

export interface CertificatePlan {
  /** Generation of an authority to make. */
  makeAuthority: number | undefined;
  /** Generations to forget. */
  forget: number[];
  /** Generation that is to sign a new certificate now. */
  sign: number | undefined;
  /** When to look again, ms since the epoch. */
  nextAt: number;
}

export function planCertificates({ authorities, certificate }: CertificateState, nowMs: number): CertificatePlan {
  const live = authorities.filter(({ madeAt }) => nowMs < madeAt + AUTHORITY_LIFE_MS);
  const newest = live.at(-1);
  const makeAuthority =
    newest === undefined || nowMs >= newest.madeAt + AUTHORITY_LIFE_MS / 2
      ? (authorities.at(-1)?.generation ?? 0) + 1
      : undefined;
  // The newest that peers know; where there is none, nobody trusts anything of this cluster yet, and the first one is as good.
  const known = live.filter(({ madeAt }) => nowMs >= madeAt + KNOWN_AFTER_MS).at(-1) ?? live[0];
  const signer = known?.generation ?? makeAuthority;
  const isFresh =
    certificate !== undefined &&
    nowMs < certificate.madeAt + CERTIFICATE_LIFE_MS / 2 &&
    certificate.generation === signer;
  const inUse = isFresh ? certificate.generation : signer;
  const forget = authorities
    .filter(({ generation, madeAt }, at) => {
      if (nowMs >= madeAt + AUTHORITY_LIFE_MS) return true;
      const successor = authorities[at + 1];
      // What it signed last was signed no later than when its successor began to.
      return (
        generation !== inUse &&
        successor !== undefined &&
        nowMs >= successor.madeAt + KNOWN_AFTER_MS + CERTIFICATE_LIFE_MS
      );
    })
    .map(({ generation }) => generation);
  return {
    makeAuthority,
    forget,
    sign: isFresh ? undefined : signer,
    nextAt: nowMs + CERTIFICATE_LIFE_MS / 8,
  };
}
