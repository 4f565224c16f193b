/** Logging in and out, inviting and registering, tokens for machines. What needs a right says which it is. */
import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError, badRequest, isStatus } from '@skyflow/apimachinery';
import { INVITE_LIFE_MS, type Identity, boundRules, describeRight, timestamp, uncoveredRights } from '@skyflow/domain';
import type { FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator.js';
import { Gatekeeper } from './gatekeeper.js';
import {
  InviteBody,
  LoginBody,
  PasswordBody,
  RefreshBody,
  RegisterBody,
  RevokeInviteBody,
  TokenBodyParams,
} from './auth-params.js';
import { audited } from './audited.js';
import { AccessModel, tokenBody, userBody } from './access-model.js';
import { type NewToken, type SessionAnswer, Sessions, wrongLogin } from './sessions.js';

const TOKEN_LIFE_MS = 30 * 24 * 3_600_000;

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly sessions: Sessions,
    private readonly access: AccessModel,
    private readonly authenticator: Authenticator,
    private readonly gatekeeper: Gatekeeper,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ApiOperation({ summary: 'A session: a short-lived token, and one to refresh it with', security: [] })
  login(@Body() body: LoginBody, @Req() request: FastifyRequest): Promise<SessionAnswer> {
    return audited(this.gatekeeper, request, { user: body.user, verb: 'login' }, () =>
      this.sessions.login(body.user, body.password, request.ip, request.id),
    );
  }

  @Post('refresh')
  @HttpCode(200)
  @ApiOperation({ summary: 'The next short-lived token of a session', security: [] })
  refresh(@Body() { refreshToken }: RefreshBody, @Req() request: FastifyRequest): Promise<SessionAnswer> {
    return this.sessions.refresh(refreshToken, request.id);
  }

  @Post('logout')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Ends the session whose token is sent' })
  async logout(@Req() request: FastifyRequest): Promise<object> {
    const identity = this.identity(request);
    const name = this.authenticator.tokenPresentedBy(request.raw)?.name;
    if (name === undefined || !(await this.sessions.end(name, identity.name, request.id))) {
      throw badRequest('this is not a session or token of SkyFlow, so there is nothing to end');
    }
    return { user: identity.name, ended: name };
  }

  @Post('register')
  @ApiOperation({ summary: 'A new user, with an invite', security: [] })
  register(@Body() body: RegisterBody, @Req() request: FastifyRequest): Promise<object> {
    return audited(this.gatekeeper, request, { user: body.user, verb: 'register' }, () =>
      this.registered(body, request),
    );
  }

  private async registered(body: RegisterBody, request: FastifyRequest): Promise<object> {
    const invite = this.sessions.redeemable(body.invite, 'invite');
    if (invite === undefined) throw badInvite();
    const { roles = [] } = invite.spec;
    const spec = body.email === undefined ? {} : { email: body.email };
    const commands = await this.sessions.newUser(body.user, spec, body.password, roles);
    const used = { verb: 'delete', kind: 'Token', name: invite.record.name, uid: invite.record.uid } as const;
    try {
      await this.sessions.write([...commands, used], body.user, request.id);
    } catch (error) {
      // Somebody else was quicker with it.
      if (isStatus(error, 'Conflict') && this.sessions.redeemable(body.invite, 'invite') === undefined)
        throw badInvite();
      throw error;
    }
    return { user: body.user, roles };
  }

  @Post('invites')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'An invite, to be used once; needs the verb create on kind User, and what is in the roles' })
  async invite(@Body() { roles = [], expiresInSeconds }: InviteBody, @Req() request: FastifyRequest): Promise<object> {
    const identity = this.identity(request);
    this.demand(identity, 'create', 'User');
    for (const role of roles) this.demandRole(identity, role);
    const expiresAt = timestamp(
      Date.now() + (expiresInSeconds === undefined ? INVITE_LIFE_MS : expiresInSeconds * 1000),
    );
    const spec = { type: 'Invite', user: identity.name, roles, expiresAt } as const;
    const { name, token } = await this.sessions.issue(
      { ...spec, roles: [...roles] },
      'invite',
      identity.name,
      request.id,
    );
    return { name, invite: token, roles, expiresAt };
  }

  @Post('invites/revoke')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Takes an invite back: your own, or any with the verb delete on kind Token' })
  async revokeInvite(@Body() { invite }: RevokeInviteBody, @Req() request: FastifyRequest): Promise<object> {
    const identity = this.identity(request);
    const found = this.sessions.redeemable(invite, 'invite');
    if (found === undefined) {
      this.gatekeeper.noteRefusal(request.raw, 403, { user: identity.name, verb: 'revoke-invite' });
      throw badInvite();
    }
    if (found.spec.user !== identity.name) this.demand(identity, 'delete', 'Token', found.record.name);
    await this.sessions.end(found.record.name, identity.name, request.id);
    return { revoked: found.record.name };
  }

  @Post('tokens')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'A token for a machine, told once; for another user it needs the verb impersonate on it' })
  async token(@Body() body: TokenBodyParams, @Req() request: FastifyRequest): Promise<NewToken> {
    const identity = this.identity(request);
    const { user = identity.name, expiresInSeconds, description } = body;
    if (user !== identity.name) this.demand(identity, 'impersonate', 'User', user);
    if (this.access.identityOf(user) === undefined) {
      throw new StatusError(
        404,
        'NotFound',
        `users.skyflow.io "${user}" not found, or disabled: tokens are of User objects; name another user, or create one`,
        {
          name: user,
          kind: 'users',
        },
      );
    }
    // The user may have more than whoever makes the token.
    if (user !== identity.name) this.demandRightsOf(identity, user);
    const expiresAt = timestamp(
      Date.now() + (expiresInSeconds === undefined ? TOKEN_LIFE_MS : expiresInSeconds * 1000),
    );
    const spec = { type: 'Service', user, expiresAt, ...(description === undefined ? {} : { description }) } as const;
    return this.sessions.issue(spec, 'access', identity.name, request.id);
  }

  @Post('password')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Another password; ends the sessions of its user. For another user it needs the verb impersonate on it',
  })
  async password(@Body() body: PasswordBody, @Req() request: FastifyRequest): Promise<object> {
    const identity = this.identity(request);
    const { user = identity.name, oldPassword, password } = body;
    if (user !== identity.name) {
      this.demand(identity, 'impersonate', 'User', user);
      this.demandRightsOf(identity, user);
    } else if (this.hasPassword(user)) {
      if (oldPassword === undefined) throw badRequest('oldPassword: is needed to change your own password');
      const proves = (): Promise<boolean> => this.sessions.proves(user, oldPassword, request.ip);
      await audited(this.gatekeeper, request, { user, verb: 'password' }, async () => {
        if (!(await proves())) throw wrongLogin();
      });
    }
    await this.sessions.setPassword(user, password, identity.name, request.id);
    return { user, changed: true };
  }

  @Get('whoami')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who you are here: name, groups, roles' })
  whoami(@Req() request: FastifyRequest): object {
    const { name, groups } = this.identity(request);
    const token = this.authenticator.tokenPresentedBy(request.raw)?.name;
    const record = token === undefined ? undefined : this.access.token(token);
    const { type, expiresAt } = record === undefined ? {} : tokenBody(record).spec;
    return {
      user: name,
      groups,
      roles: this.access.rightsOf({ name, groups }).roles,
      ...(type === undefined ? {} : { token: { type, ...(expiresAt === undefined ? {} : { expiresAt }) } }),
    };
  }

  private identity({ raw }: FastifyRequest): Identity {
    return this.gatekeeper.identityOf(raw);
  }

  private hasPassword(user: string): boolean {
    const record = this.access.user(user);
    return record !== undefined && userBody(record).secret?.password !== undefined;
  }

  /** @throws StatusError 403 */
  private demand(identity: Identity, verb: string, kind: string, name?: string): void {
    const asked = { verb, kind, namespaced: false, collection: false, ...(name === undefined ? {} : { name }) };
    const decision = this.gatekeeper.may(identity, asked);
    if (!decision.allowed)
      throw new StatusError(403, 'Forbidden', `User "${identity.name}" cannot ${verb} ${kind}: ${decision.reason}`);
  }

  /** Whoever gives a role must have what is in it, or may bind it. @throws StatusError 403, 404 */
  private demandRole(identity: Identity, role: string): void {
    const { access, gatekeeper } = this;
    const rules = access.policy().roles.get(role);
    if (rules === undefined) {
      const known = [...access.policy().roles.keys()].join(', ');
      throw new StatusError(404, 'NotFound', `roles.skyflow.io "${role}" not found; there are: ${known}`, {
        name: role,
        kind: 'roles',
      });
    }
    const binds = { verb: 'bind', kind: 'Role', name: role, namespaced: false, collection: false };
    if (gatekeeper.may(identity, binds).allowed) return;
    const [missing] = uncoveredRights(access.rightsOf(identity).rules, boundRules(rules, undefined));
    if (missing === undefined) return;
    const text = `User "${identity.name}" cannot give the role "${role}": he does not have ${describeRight(missing)} himself`;
    throw new StatusError(403, 'Forbidden', text, { name: role, kind: 'roles' });
  }

  /** @throws StatusError 403 when the other has rights that this one has not. */
  private demandRightsOf(identity: Identity, user: string): void {
    const { access } = this;
    const other = access.identityOf(user);
    if (other === undefined) return;
    const [missing] = uncoveredRights(access.rightsOf(identity).rules, access.rightsOf(other).rules);
    if (missing === undefined) return;
    const text = `User "${identity.name}" cannot act for "${user}", who has ${describeRight(missing)}, which "${identity.name}" has not`;
    throw new StatusError(403, 'Forbidden', text, { name: user, kind: 'users' });
  }
}

const badInvite = (): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    'this invite is not good: it was used, revoked, or has expired; ask for another one',
  );
