/** Routes by which agents of clusters come in. */
import { audited } from './audited.js';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import type { Identity } from '@skyflow/domain';
import type { FastifyRequest } from 'fastify';
import { Gatekeeper } from './gatekeeper.js';
import { Authenticator } from './authenticator.js';
import { type AgentAnswer, Enrolment } from './enrolment.js';
import { EnrolBody, JoinBody, RenewBody, RevokeJoinBody } from './enrolment-params.js';

@ApiTags('auth')
@Controller('auth')
export class EnrolmentController {
  constructor(
    private readonly enrolment: Enrolment,
    private readonly gatekeeper: Gatekeeper,
    private readonly authenticator: Authenticator,
  ) {}

  @Post('joins')
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'A join token for the agent of a cluster, to be used once; needs the verb update on the Cluster',
  })
  async join(@Body() { cluster, expiresInSeconds }: JoinBody, @Req() request: FastifyRequest): Promise<object> {
    const { name } = this.allowed(request, cluster);
    const lifeMs = expiresInSeconds === undefined ? undefined : expiresInSeconds * 1000;
    const made = await this.enrolment.invite(cluster, name, lifeMs, request.id);
    return { name: made.name, joinToken: made.token, cluster, expiresAt: made.expiresAt };
  }

  @Post('joins/revoke')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Takes back what the agent of a cluster is, or could be, let in with' })
  async revoke(@Body() { cluster }: RevokeJoinBody, @Req() request: FastifyRequest): Promise<object> {
    const { name } = this.allowed(request, cluster);
    return { cluster, revoked: await this.enrolment.revoke(cluster, name, request.id) };
  }

  @Post('enrol')
  @ApiOperation({ summary: 'What an agent is let in with from then on, for its join token', security: [] })
  enrol(@Body() { joinToken, natsKey }: EnrolBody, @Req() request: FastifyRequest): Promise<AgentAnswer> {
    const { gatekeeper, enrolment } = this;
    return audited(gatekeeper, request, { verb: 'enrol' }, () => enrolment.enrol(joinToken, natsKey, request.id));
  }

  @Post('enrol/renew')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'The next token and key of the agent whose token is sent' })
  renew(@Body() { natsKey }: RenewBody, @Req() request: FastifyRequest): Promise<AgentAnswer> {
    const { authenticator, enrolment } = this;
    return enrolment.renew(authenticator.tokenPresentedBy(request.raw), natsKey, request.id);
  }

  /** @throws StatusError 403 */
  private allowed(request: FastifyRequest, cluster: string): Identity {
    const { gatekeeper } = this;
    const identity = gatekeeper.identityOf(request.raw);
    const asked = { verb: 'update', kind: 'Cluster', name: cluster, cluster, namespaced: false, collection: false };
    const decision = gatekeeper.may(identity, asked);
    if (decision.allowed) return identity;
    const text = `User "${identity.name}" cannot let an agent of the cluster "${cluster}" in: ${decision.reason}`;
    throw new StatusError(403, 'Forbidden', text, { name: cluster, kind: 'clusters' });
  }
}
