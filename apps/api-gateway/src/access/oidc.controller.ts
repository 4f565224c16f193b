/** People of an OpenID issuer: where programs send them to log in, and signing their browsers in. */
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator.js';
import { GatewayOptions } from '../gateway-options.js';
import { OidcBegin } from './auth-params.js';
import { setCookies } from './browser-cookies.js';
import {
  type OidcClient,
  OidcSignInError,
  beginSignIn,
  endedCookie,
  finishSignIn,
  issuerAnswer,
} from './oidc-sign-in.js';

const CONSOLE = '/console/';

@ApiTags('auth')
@Controller('auth')
export class OidcController {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly options: GatewayOptions,
  ) {}

  /** @throws StatusError 404 when no issuer is set */
  @Get('oidc')
  @ApiOperation({
    summary: 'The OpenID issuer whose ID tokens are taken, and the client id to ask it with',
    security: [],
  })
  issuer(): { issuer: string; clientId: string } {
    const { issuer, clientId } = this.client();
    return { issuer, clientId };
  }

  /** @throws StatusError 404 when no issuer is set */
  @Get('oidc/login')
  @ApiOperation({ summary: 'Sends a browser to the OpenID issuer, which leads it back signed in', security: [] })
  async login(
    @Query() { to = CONSOLE }: OidcBegin,
    @Req() { raw }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const client = this.client();
    await this.redirected(reply, async () => {
      const { location, cookie } = await beginSignIn(client, raw, to);
      return { location, cookies: [cookie] };
    });
  }

  /** @throws StatusError 404 when no issuer is set */
  @Get('oidc/callback')
  @ApiOperation({ summary: 'Where the OpenID issuer leads a browser back to', security: [] })
  @ApiQuery({ name: 'code', required: false, description: 'What tokens are given for' })
  @ApiQuery({ name: 'state', required: false, description: 'As it was sent there' })
  @ApiQuery({ name: 'error', required: false, description: 'Why there is no code' })
  async callback(@Req() { raw, query }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const client = this.client();
    // Issuers send along what they like: no parameter is refused.
    const answer = issuerAnswer(query);
    await this.redirected(reply, async () => {
      const { token, to } = await finishSignIn(client, raw, answer);
      // The same proof as for every request: signature, issuer, audience, time.
      const identity = await this.authenticator.identifyToken(token);
      if (identity === undefined) throw new OidcSignInError('unknown', 'the token of the issuer is not good here');
      return { location: to, cookies: [...setCookies(raw, { token }), endedCookie(raw)] };
    });
  }

  private client(): OidcClient {
    const { oidc } = this.options;
    if (oidc !== undefined) return oidc;
    const text = 'this SkyFlow takes no tokens of an OpenID issuer: SKYFLOW_OIDC_ISSUER is not set for its gateway';
    throw new StatusError(404, 'NotFound', text);
  }

  /** A person looks at it: what goes wrong is said by the console, why exactly by the gateway's log. */
  private async redirected(
    reply: FastifyReply,
    where: () => Promise<{ location: string; cookies: string[] }>,
  ): Promise<void> {
    void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    try {
      const { location, cookies } = await where();
      void reply.header('set-cookie', cookies).redirect(location, 302);
    } catch (error) {
      if (!(error instanceof OidcSignInError)) throw error;
      this.options.warn(`sign-in at the OpenID issuer: ${error.message}`);
      void reply.redirect(`${CONSOLE}#oidc=${error.problem}`, 302);
    }
  }
}
