/**
 * Users and tokens as routes of /auth make them. Each is an object in the log; what is secret is told once, in the answer, and kept as a
 * hash. A write is answered when this gateway has folded it, so that what was given works and what was revoked does not.
 */
import { randomUUID } from 'node:crypto';
import {
  API_VERSION,
  type StoredObject,
  type TokenSecret,
  type TokenSpec,
  type UserSecret,
  type UserSpec,
} from '@skyflow/contracts';
import {
  ACCESS_LIFE_MS,
  type Identity,
  type ObjectCommand,
  type ObjectRecord,
  SESSION_LIFE_MS,
  isTokenOver,
  timestamp,
  userProblems,
  withAccess,
} from '@skyflow/domain';
import { StatusError, badRequest, isStatus } from '@skyflow/apimachinery';
import type { CommandSink } from '../store/command-sink.js';
import { type AccessModel, type TokenBody, tokenBody, userBody } from './access-model.js';
import type { LoginGuard } from './login-guard.js';
import { BusyError, hashPassword, verifyPassword } from './password-hash.js';
import { storedAgain } from './stored-again.js';
import { newSecret, newTokenName, parseToken, sameHash } from './token-text.js';

export interface SessionParts {
  access: AccessModel;
  sink: CommandSink;
  guard: LoginGuard;
  /** Whom a token stands for; undefined: he may do nothing any more. */
  identityOf: (spec: TokenSpec) => Identity | undefined;
  nowMs?: () => number;
}

/** What a login or a refresh answers with. */
export interface SessionAnswer {
  user: string;
  token: string;
  /** RFC 3339. */
  expiresAt: string;
  refreshToken: string;
  /** When even refreshing ends. */
  sessionExpiresAt: string;
}

export interface NewToken {
  /** Name of the Token object. */
  name: string;
  /** Told this once. */
  token: string;
  expiresAt?: string;
}

const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 256;

export class Sessions {
  private readonly nowMs: () => number;

  constructor(private readonly parts: SessionParts) {
    this.nowMs = parts.nowMs ?? Date.now;
  }

  /** @throws StatusError 401, 429 */
  async login(user: string, password: string, address: string, requestId: string): Promise<SessionAnswer> {
    const { guard, access } = this.parts;
    guard.check(user, address);
    const record = access.user(user);
    const { secret } = record === undefined ? {} : userBody(record);
    const right = await checked(() => verifyPassword(password, secret?.password));
    if (!right || access.identityOf(user) === undefined) {
      guard.failed(user, address);
      throw wrongLogin();
    }
    guard.succeeded(user);
    return this.open({ user }, requestId);
  }

  /** @throws StatusError 401 */
  async refresh(refreshToken: string, requestId: string): Promise<SessionAnswer> {
    const { record, body } = this.presented(refreshToken, 'refresh', (secret) => secret.refresh) ?? {};
    if (record === undefined || body === undefined || this.parts.identityOf(body.spec) === undefined) {
      throw new StatusError(401, 'Unauthorized', 'Unauthorized: the session is over; log in again with "skyctl login"');
    }
    const now = this.nowMs();
    const { text, hash } = newSecret('access', record.name);
    const sessionEnd = body.spec.expiresAt ?? timestamp(now + ACCESS_LIFE_MS);
    const expiresAt = timestamp(Math.min(now + ACCESS_LIFE_MS, Date.parse(sessionEnd)));
    const secret = withAccess(body.secret as TokenSecret, { hash, expiresAt }, now);
    await this.write([{ verb: 'update', object: storedAgain(record, { ...body, secret }) }], body.spec.user, requestId);
    return { user: body.spec.user, token: text, expiresAt, refreshToken, sessionExpiresAt: sessionEnd };
  }

  /** Ends the session or machine token of this name. False: there is none. */
  async end(name: string, actor: string, requestId: string): Promise<boolean> {
    const record = this.parts.access.token(name);
    if (record === undefined) return false;
    await this.write([{ verb: 'delete', kind: 'Token', name, uid: record.uid }], actor, requestId);
    return true;
  }

  /** Ends the session of a refresh token, if it is one. */
  async endPresented(refreshToken: string | undefined, requestId: string): Promise<void> {
    const found = this.presented(refreshToken ?? '', 'refresh', ({ refresh }) => refresh);
    if (found !== undefined) await this.end(found.record.name, found.body.spec.user, requestId);
  }

  /** The session of whoever made the link, which is used up. @throws StatusError 403 */
  async openByLink(link: string, requestId: string): Promise<SessionAnswer> {
    const found = this.redeemable(link, 'link');
    if (found === undefined || this.parts.identityOf(found.spec) === undefined) throw badLink();
    const { name, uid } = found.record;
    try {
      return await this.open(found.spec, requestId, [{ verb: 'delete', kind: 'Token', name, uid }]);
    } catch (error) {
      // Somebody else was quicker with it.
      if (isStatus(error, 'Conflict')) throw badLink();
      throw error;
    }
  }

  /** A new session, after whatever proved who it is for; written together with what `also` says. */
  async open(
    { user, source }: Pick<TokenSpec, 'user' | 'source'>,
    requestId: string,
    also: readonly ObjectCommand[] = [],
  ): Promise<SessionAnswer> {
    const now = this.nowMs();
    const name = newTokenName();
    const access = newSecret('access', name);
    const refresh = newSecret('refresh', name);
    const expiresAt = timestamp(now + ACCESS_LIFE_MS);
    const sessionExpiresAt = timestamp(now + SESSION_LIFE_MS);
    const object = this.object('Token', name, {
      spec: {
        type: 'Session',
        user,
        expiresAt: sessionExpiresAt,
        ...(source === undefined ? {} : { source }),
      } satisfies TokenSpec,
      secret: { access: [{ hash: access.hash, expiresAt }], refresh: refresh.hash } satisfies TokenSecret,
    });
    await this.write([{ verb: 'create', object }, ...also], user, requestId);
    return { user, token: access.text, expiresAt, refreshToken: refresh.text, sessionExpiresAt };
  }

  /** A token of another type: Service, Invite, Join, Link. */
  async issue(
    spec: TokenSpec,
    use: 'access' | 'invite' | 'join' | 'link',
    actor: string,
    requestId: string,
  ): Promise<NewToken> {
    const name = newTokenName();
    const { text, hash } = newSecret(use, name);
    const object = this.object('Token', name, { spec, secret: { access: [{ hash }] } satisfies TokenSecret });
    await this.write([{ verb: 'create', object }], actor, requestId);
    return { name, token: text, ...(spec.expiresAt === undefined ? {} : { expiresAt: spec.expiresAt }) };
  }

  /** The invite, join token or link that is presented, if it is still good. */
  redeemable(text: string, use: 'invite' | 'join' | 'link'): { record: ObjectRecord; spec: TokenSpec } | undefined {
    const found = this.presented(text, use, ({ access }) => access[0]?.hash);
    return found && { record: found.record, spec: found.body.spec };
  }

  /** The commands that make a user and bind roles to it. @throws StatusError 400, 409, 422 */
  async newUser(name: string, spec: UserSpec, password: string, roles: readonly string[]): Promise<ObjectCommand[]> {
    const [problem] = userProblems(name, spec);
    if (problem !== undefined)
      throw badRequest(
        `${problem.field === 'metadata.name' ? 'user' : problem.field}: ${JSON.stringify(problem.value)} ${problem.rule}`,
      );
    assertPassword(password, name);
    if (this.parts.access.user(name) !== undefined) {
      throw new StatusError(409, 'AlreadyExists', `users.skyflow.io "${name}" already exists; choose another name`, {
        name,
        kind: 'users',
      });
    }
    const secret: UserSecret = { password: await checked(() => hashPassword(password)) };
    return [
      { verb: 'create', object: this.object('User', name, { spec: { type: 'Person', ...spec }, secret }) },
      ...roles.map((role): ObjectCommand => ({
        verb: 'create',
        object: this.object('RoleBinding', `${role}:${name}`, bindingOf(role, name)),
      })),
    ];
  }

  /** @throws StatusError 400, 404 */
  async setPassword(user: string, password: string, actor: string, requestId: string): Promise<void> {
    const record = this.parts.access.user(user);
    if (record === undefined)
      throw new StatusError(404, 'NotFound', `users.skyflow.io "${user}" not found`, { name: user, kind: 'users' });
    const body = userBody(record);
    if (body.spec?.type === 'Service') throw badRequest(`user "${user}" is a machine: it has tokens, no password`);
    assertPassword(password, user);
    const secret: UserSecret = { password: await checked(() => hashPassword(password)) };
    // Whoever knew the old password is out.
    const sessions = [...this.parts.access.model.state.table.ordered('Token')].filter((token) => {
      const { spec } = tokenBody(token);
      return spec.user === user && spec.type === 'Session';
    });
    const ends = sessions.map(({ name, uid }): ObjectCommand => ({ verb: 'delete', kind: 'Token', name, uid }));
    await this.write([{ verb: 'update', object: storedAgain(record, { ...body, secret }) }, ...ends], actor, requestId);
  }

  /** Whether the password is the user's; counted like a login. @throws StatusError 429 */
  async proves(user: string, password: string, address: string): Promise<boolean> {
    this.parts.guard.check(user, address);
    const record = this.parts.access.user(user);
    const { secret } = record === undefined ? {} : userBody(record);
    const right = await checked(() => verifyPassword(password, secret?.password));
    if (right) this.parts.guard.succeeded(user);
    else this.parts.guard.failed(user, address);
    return right;
  }

  /** Appends, and waits until it is folded. @throws StatusError 409 when somebody was quicker. */
  async write(commands: readonly ObjectCommand[], actor: string, requestId: string): Promise<void> {
    const outcome = await this.parts.sink.submit(commands, { actor, correlationId: requestId });
    // Whoever was refused because of another's write must see that write too.
    await this.parts.access.model.upToDate();
    if (!Array.isArray(outcome)) throw new StatusError(409, 'Conflict', `${outcome.message}; try again`);
  }

  private object(kind: string, name: string, body: object): StoredObject {
    const metadata = { name, uid: randomUUID(), creationTimestamp: timestamp(this.nowMs()) };
    return { apiVersion: API_VERSION, kind, metadata, ...body };
  }

  private presented(
    text: string,
    use: 'refresh' | 'invite' | 'join' | 'link',
    hashOf: (secret: TokenSecret) => string | undefined,
  ): { record: ObjectRecord; body: TokenBody } | undefined {
    const parsed = parseToken(text, use);
    const record = parsed && this.parts.access.token(parsed.name);
    if (parsed === undefined || record === undefined) return undefined;
    const body = tokenBody(record);
    const good =
      body.secret !== undefined && sameHash(parsed.hash, hashOf(body.secret)) && TYPES[use] === body.spec.type;
    return good && !isTokenOver(body.spec, this.nowMs()) ? { record, body } : undefined;
  }
}

const TYPES = { refresh: 'Session', invite: 'Invite', join: 'Join', link: 'Link' } as const;

const bindingOf = (role: string, user: string): object => ({
  roleRef: { kind: 'Role', name: role },
  subjects: [{ kind: 'User', name: user }],
});

function assertPassword(password: string, user: string): void {
  const { length } = password;
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
    throw badRequest(`password: must have ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters, has ${length}`);
  }
  if (password.toLowerCase() === user.toLowerCase()) throw badRequest('password: must not be the name of the user');
}

async function checked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BusyError)
      throw new StatusError(429, 'TooManyRequests', error.message, { retryAfterSeconds: 1 });
    throw error;
  }
}

const badLink = (): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    'this link is not good any more: links work once and for ten minutes; get another one with "skyctl console"',
  );

/** The same whatever was wrong. */
export const wrongLogin = (): StatusError =>
  new StatusError(401, 'Unauthorized', 'Unauthorized: the user name or the password is wrong');
