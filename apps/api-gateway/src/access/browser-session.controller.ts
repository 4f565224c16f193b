/**
 * Signing in and out of browsers: the same sessions as those of `skyctl login`, with the tokens in cookies instead of in the answer. A
 * one-time link signs in whoever opens it as the one who made it.
 */
import { audited } from './audited.js';
import { Body, Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError, badRequest } from '@skyflow/apimachinery';
import { timestamp } from '@skyflow/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator.js';
import { Gatekeeper, unauthorized } from './gatekeeper.js';
import { BrowserSessionBody } from './auth-params.js';
import { assertSameOrigin, clearCookies, refreshTokenOf, setCookies } from './browser-cookies.js';
import { type SessionAnswer, Sessions } from './sessions.js';

/** Long enough to switch to a browser. */
const LINK_LIFE_MS = 10 * 60_000;

/** Who is signed in, and until when; tokens are in cookies. */
interface SignedIn {
  user: string;
  /** When the browser must ask for the next token; absent: the token that was given is used until the browser is closed. */
  expiresAt?: string;
  sessionExpiresAt?: string;
}

@ApiTags('auth')
@Controller('auth')
export class BrowserSessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly authenticator: Authenticator,
    private readonly gatekeeper: Gatekeeper,
  ) {}

  @Post('session')
  @HttpCode(200)
  @ApiOperation({ summary: 'Signs a browser in, by password, token or link; tokens come as cookies', security: [] })
  async signIn(
    @Body() body: BrowserSessionBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedIn> {
    assertSameOrigin(request.raw);
    const { user, password, token, link } = body;
    const ways = [user === undefined && password === undefined ? undefined : 'user', token, link];
    if (ways.filter((way) => way !== undefined).length !== 1) {
      throw badRequest('say who you are in one way: "user" and "password", or "token", or "link"');
    }
    const { gatekeeper } = this;
    const about = { verb: 'login', ...(user === undefined ? {} : { user }) };
    if (token !== undefined) return audited(gatekeeper, request, about, () => this.byToken(token, request, reply));
    if (link !== undefined) {
      const opened = await audited(gatekeeper, request, about, () => this.sessions.openByLink(link, request.id));
      return this.signedIn(opened, request, reply);
    }
    if (user === undefined || password === undefined) throw badRequest('"user" and "password" belong together');
    const opened = await audited(gatekeeper, request, about, () =>
      this.sessions.login(user, password, request.ip, request.id),
    );
    return this.signedIn(opened, request, reply);
  }

  @Post('session/refresh')
  @HttpCode(200)
  @ApiOperation({ summary: 'The next short-lived token of a browser’s session', security: [] })
  async refresh(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SignedIn> {
    assertSameOrigin(request.raw);
    const token = refreshTokenOf(request.raw);
    if (token === undefined) throw unauthorized();
    return this.signedIn(await this.sessions.refresh(token, request.id), request, reply);
  }

  @Delete('session')
  @ApiOperation({ summary: 'Signs a browser out and ends its session', security: [] })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    assertSameOrigin(request.raw);
    await this.sessions.endPresented(refreshTokenOf(request.raw), request.id);
    void reply.header('set-cookie', clearCookies(request.raw));
    return { signedOut: true };
  }

  @Post('links')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'A link that signs a browser in as yourself, once, within ten minutes' })
  async link(@Req() request: FastifyRequest): Promise<object> {
    const { authenticator, gatekeeper } = this;
    const { name } = gatekeeper.identityOf(request.raw);
    const proved = authenticator.vouchedBy(request.raw);
    if (proved?.user !== name) {
      const why = 'a link is for yourself, as a user of SkyFlow or with a token of its settings';
      throw badRequest(`${why}; without impersonation, certificate or OpenID token`);
    }
    const { source } = proved;
    const expiresAt = timestamp(Date.now() + LINK_LIFE_MS);
    const spec = { type: 'Link', user: name, expiresAt, ...(source === undefined ? {} : { source }) } as const;
    const { token } = await this.sessions.issue(spec, 'link', name, request.id);
    return { user: name, path: `/console/#link=${token}`, expiresAt };
  }

  private async byToken(token: string, request: FastifyRequest, reply: FastifyReply): Promise<SignedIn> {
    const identity = await this.authenticator.identifyToken(token);
    if (identity === undefined) {
      throw new StatusError(401, 'Unauthorized', 'Unauthorized: the token is wrong, was revoked or has expired');
    }
    void reply.header('set-cookie', setCookies(request.raw, { token }));
    return { user: identity.name };
  }

  private signedIn(answer: SessionAnswer, request: FastifyRequest, reply: FastifyReply): SignedIn {
    const { user, token, expiresAt, refreshToken, sessionExpiresAt } = answer;
    const refresh = { token: refreshToken, expiresAt: sessionExpiresAt };
    // The cookie outlives its token, so that the gateway can say "expired" and the page asks for the next.
    void reply.header('set-cookie', setCookies(request.raw, { token, expiresAt: sessionExpiresAt, refresh }));
    return { user, expiresAt, sessionExpiresAt };
  }
}
