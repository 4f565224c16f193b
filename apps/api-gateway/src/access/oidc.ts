/**
 * OpenID Connect: ID tokens of one issuer, as kube-apiserver takes them. Its keys are read from its discovery document and again when a
 * token names an unknown one. Users and groups get a prefix, so that an issuer cannot make one of ours, or of the system's.
 */
import { AUTHENTICATED, type Identity } from '@skyflow/domain';
import { type JWTPayload, createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Proof } from './authenticator.js';
import { ISSUER_WITHIN_MS, discoverIssuer } from './oidc-discovery.js';

export interface OidcSettings {
  /** Exactly as tokens have it in `iss`. */
  issuer: string;
  /** Our client id; tokens must be made for it (`aud`). */
  clientId: string;
  /** Claim with the name of the user. */
  userClaim: string;
  /** Claim with the groups, a text or a list. */
  groupsClaim: string;
  /** Before names and groups. */
  prefix: string;
}

export interface OidcOptions extends OidcSettings {
  warn: (line: string) => void;
}

type Keys = ReturnType<typeof createRemoteJWKSet>;

/** After a failure the issuer is left in peace for so long. */
const RETRY_AFTER_MS = 10_000;
/** Signatures by a shared secret, or none, are no proof. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_SECONDS = 10;

export class Oidc implements Proof {
  private keys: Promise<Keys> | undefined;
  private failedAtMs = -Infinity;

  constructor(private readonly options: OidcOptions) {}

  async byToken(token: string): Promise<{ identity: Identity; untilMs: number } | undefined> {
    // Anything but a JWT is not for this issuer, and costs it no request.
    if (token.split('.').length !== 3) return undefined;
    const keys = await this.keysOfIssuer();
    if (keys === undefined) return undefined;
    const { issuer, clientId } = this.options;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      return this.identityOf(payload);
    } catch (error) {
      // Not a token of his, out of date, or for somebody else: nobody that is known.
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) return undefined;
      this.options.warn(`the keys of the OpenID issuer ${issuer} cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  private identityOf(payload: JWTPayload): { identity: Identity; untilMs: number } | undefined {
    const { userClaim, groupsClaim, prefix } = this.options;
    const name = payload[userClaim];
    if (typeof name !== 'string' || name === '') return undefined;
    // An address that nobody proved is nobody's.
    if (userClaim === 'email' && payload['email_verified'] === false) return undefined;
    const claimed = payload[groupsClaim];
    const groups = (Array.isArray(claimed) ? claimed : [claimed]).filter((each) => typeof each === 'string');
    return {
      identity: { name: `${prefix}${name}`, groups: [...groups.map((group) => `${prefix}${group}`), AUTHENTICATED] },
      untilMs: ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1000,
    };
  }

  private keysOfIssuer(): Promise<Keys | undefined> {
    if (this.keys !== undefined) return this.keys;
    if (performance.now() - this.failedAtMs < RETRY_AFTER_MS) return Promise.resolve(undefined);
    this.keys = this.discover();
    return this.keys.catch((error: unknown) => {
      this.keys = undefined;
      this.failedAtMs = performance.now();
      this.options.warn(`the OpenID issuer ${this.options.issuer} cannot be asked: ${(error as Error).message}`);
      return undefined;
    });
  }

  private async discover(): Promise<Keys> {
    const { issuer } = this.options;
    const found = await discoverIssuer(issuer);
    return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: ISSUER_WITHIN_MS });
  }
}
