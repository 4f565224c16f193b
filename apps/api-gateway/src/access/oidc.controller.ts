/** Where programs send people of an OpenID issuer to log in: its address and our client id, which are no secrets. */
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';

@ApiTags('auth')
@Controller('auth')
export class OidcController {
  constructor(@Inject(GATEWAY_PARTS) private readonly parts: GatewayParts) {}

  /** @throws StatusError 404 when no issuer is set */
  @Get('oidc')
  @ApiOperation({
    summary: 'The OpenID issuer whose ID tokens are taken, and the client id to ask it with',
    security: [],
  })
  issuer(): { issuer: string; clientId: string } {
    const { oidc } = this.parts;
    if (oidc !== undefined) return oidc;
    const text = 'this SkyFlow takes no tokens of an OpenID issuer: SKYFLOW_OIDC_ISSUER is not set for its gateway';
    throw new StatusError(404, 'NotFound', text);
  }
}
