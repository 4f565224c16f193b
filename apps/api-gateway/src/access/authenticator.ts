/**
 * Who asks. A credential that was verified once is remembered by its hash, with what it was verified against: the next request costs one
 * hash and a look into a map, and a token that was revoked, a user that was disabled or changed, is seen at once because the records are
 * others then. Nothing of a credential is ever logged or sent back.
 */
import { createHash, hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TokenSpec } from '@skyflow/contracts';
import {
  AUTHENTICATED,
  type Identity,
  MASTERS,
  type ObjectRecord,
  accessEnd,
  agentIdentity,
  isTokenOver,
} from '@skyflow/domain';
import { type AccessModel, tokenBody } from './access-model.js';
import { bearerOfCookie } from './browser-cookies.js';
import { parseToken } from './token-text.js';

/** Another way to prove who one is; undefined: not this way. */
export interface Proof {
  /** By what is in the bearer token. */
  byToken?(token: string): Promise<{ identity: Identity; untilMs: number } | undefined>;
  /** By the connection itself. */
  byConnection?(request: IncomingMessage): Identity | undefined;
}

/** A token that comes from outside, and whose it is; absent: the admin's. */
export interface FixedToken {
  readonly token: string;
  readonly identity?: Identity;
}

interface Verified {
  identity: Identity;
  untilMs: number;
  /** Still the one that was looked at? Absent: does not depend on the log. */
  token?: ObjectRecord;
  user?: ObjectRecord | undefined;
  spec?: TokenSpec;
  /** Who vouches for it; absent: an issuer outside. */
  source?: 'User' | 'Settings' | undefined;
}

const ADMIN: Identity = { name: 'admin', groups: [MASTERS, AUTHENTICATED] };
const MOST_REMEMBERED = 20_000;

export class Authenticator {
  private readonly fixed: readonly { hash: Buffer; identity: Identity }[];
  private readonly remembered = new Map<string, Verified>();

  /** @param tokens fixed ones, from outside: the admin's first. */
  constructor(
    private readonly access: AccessModel | undefined,
    tokens: readonly FixedToken[],
    private readonly proofs: readonly Proof[] = [],
    private readonly nowMs: () => number = Date.now,
  ) {
    this.fixed = tokens.map(({ token, identity = ADMIN }) => ({ hash: digest(token), identity }));
  }

  /** Undefined: nobody that is known. @throws StatusError 403 for the cookie of a browser that shows another site's page */
  identify(request: IncomingMessage): Identity | undefined | Promise<Identity | undefined> {
    const authorization = credentialOf(request);
    return authorization === undefined ? this.byConnection(request) : this.byCredential(authorization);
  }

  /** Whose token it is. Undefined: nobody's. */
  async identifyToken(token: string): Promise<Identity | undefined> {
    return this.byCredential(`Bearer ${token}`);
  }

  /** Whom the credential of a request, which was let in, is for, if SkyFlow itself vouches for him. */
  vouchedBy(request: IncomingMessage): { user: string; source: TokenSpec['source'] } | undefined {
    const verified = this.remembered.get(hash('sha256', credentialOf(request) ?? '', 'base64'));
    if (verified?.source === undefined) return undefined;
    return { user: verified.identity.name, source: verified.source === 'Settings' ? 'Settings' : undefined };
  }

  /** Who a session or a token stands for now. Undefined: he is no more, or may do nothing. */
  identityOf({ user, source }: TokenSpec): Identity | undefined {
    if (source === undefined) return this.access?.identityOf(user);
    return this.fixed.find(({ identity }) => identity.name === user)?.identity;
  }

  /**
   * Who a request that was let in as `known` is for now, whether or not its short-lived token has run out since. Undefined: the token, or the
   * user, is no more.
   */
  standsFor(request: IncomingMessage, known: Identity): Identity | undefined {
    const token = tokenOf(credentialOf(request) ?? '');
    const parsed = token === undefined ? undefined : parseToken(token, 'access');
    if (token === undefined || parsed === undefined || this.access === undefined) return known;
    if (this.byFixedToken(token) !== undefined) return known;
    const record = this.access.token(parsed.name);
    return record === undefined ? undefined : this.bearerOf(tokenBody(record).spec);
  }

  private byCredential(authorization: string): Identity | undefined | Promise<Identity | undefined> {
    const key = hash('sha256', authorization, 'base64');
    const known = this.remembered.get(key);
    if (known !== undefined) {
      if (this.stillHolds(known)) return known.identity;
      this.remembered.delete(key);
    }
    const token = tokenOf(authorization);
    if (token === undefined) return undefined;
    const verified = this.byFixedToken(token) ?? this.byLog(token);
    if (verified !== undefined) return this.remember(key, verified);
    return this.byProof(key, token);
  }

  /** Name, and hash of the secret, of the Token that a request presents, if it is one. */
  tokenPresentedBy(request: IncomingMessage): { name: string; hash: string } | undefined {
    const token = tokenOf(credentialOf(request) ?? '');
    return token === undefined ? undefined : parseToken(token, 'access');
  }

  private byConnection(request: IncomingMessage): Identity | undefined {
    for (const proof of this.proofs) {
      const identity = proof.byConnection?.(request);
      if (identity !== undefined) return identity;
    }
    return undefined;
  }

  private byFixedToken(token: string): Verified | undefined {
    const given = digest(token);
    let found: Identity | undefined;
    // All are compared, so that the time says nothing of which one was near.
    for (const { hash: expected, identity } of this.fixed) if (timingSafeEqual(given, expected)) found = identity;
    return found && { identity: found, untilMs: Infinity, source: 'Settings' };
  }

  private byLog(text: string): Verified | undefined {
    const parsed = parseToken(text, 'access');
    const token = parsed && this.access?.token(parsed.name);
    if (parsed === undefined || token === undefined) return undefined;
    const { spec, secret } = tokenBody(token);
    if (secret === undefined) return undefined;
    const end = accessEnd(secret, parsed.hash);
    if (end === false || isTokenOver(spec, this.nowMs())) return undefined;
    const identity = this.bearerOf(spec);
    if (identity === undefined) return undefined;
    const untilMs = Math.min(end ?? Infinity, spec.expiresAt === undefined ? Infinity : Date.parse(spec.expiresAt));
    const source = spec.type === 'Agent' ? undefined : (spec.source ?? 'User');
    const verified: Verified = { identity, untilMs, token, user: this.access?.user(spec.user), spec, source };
    return this.stillHolds(verified) ? verified : undefined;
  }

  /** Whose token it is. Undefined: nobody's who may do anything, or it is not for requests. */
  private bearerOf(spec: TokenSpec): Identity | undefined {
    const { type, cluster = '', clusterUid } = spec;
    if (type === 'Session' || type === 'Service') return this.identityOf(spec);
    if (type !== 'Agent' || clusterUid === undefined) return undefined;
    return this.access?.cluster(cluster)?.uid === clusterUid ? agentIdentity(cluster) : undefined;
  }

  private async byProof(key: string, token: string): Promise<Identity | undefined> {
    for (const proof of this.proofs) {
      const proved = await proof.byToken?.(token);
      if (proved !== undefined) return this.remember(key, proved);
    }
    return undefined;
  }

  private stillHolds({ untilMs, token, user, identity, spec }: Verified): boolean {
    if (untilMs <= this.nowMs()) return false;
    if (token === undefined) return true;
    if (spec?.type === 'Agent' && this.bearerOf(spec) === undefined) return false;
    return this.access?.token(token.name) === token && this.access.user(identity.name) === user;
  }

  private remember(key: string, verified: Verified): Identity {
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    this.remembered.set(key, verified);
    return verified.identity;
  }
}

/** As the header Authorization has it, or would have it: a program sends that, a browser a cookie. */
const credentialOf = (request: IncomingMessage): string | undefined =>
  request.headers.authorization ?? bearerOfCookie(request);

/**
 * A bearer token, or the password of Basic authentication: kubectl sends no token over plain HTTP, but it does send what a
 * server URL such as http://admin:<token>@127.0.0.1:50051 holds.
 */
function tokenOf(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme === '') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** Equal lengths, whatever was sent. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
