/** Sealed copies of a cluster that SkyFlow built, or had built: asked of the provisioner, which alone has the keys to them. */
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { API_VERSION, ESCROW_KINDS, type EscrowCopy, escrowReplySchema } from '@skyflow/contracts';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { GatewayOptions } from '../gateway-options.js';
import { askProvisioner } from './ask-provisioner.js';
import { ClusterName } from './cluster-name.js';

export class EscrowQuery {
  @ApiPropertyOptional({ enum: ESCROW_KINDS, description: 'Open one of these; absent: list all' })
  @IsOptional()
  @IsIn(ESCROW_KINDS, { message: `must be one of ${ESCROW_KINDS.join(', ')}` })
  what?: (typeof ESCROW_KINDS)[number];

  @ApiPropertyOptional({ description: 'Which of them; absent: the newest' })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  version?: number;
}

interface Escrow {
  apiVersion: string;
  kind: string;
  items: EscrowCopy[];
  text?: string | undefined;
}

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/clusters/:name')
export class EscrowController {
  constructor(private readonly options: GatewayOptions) {}

  @Get('escrow')
  @ApiOperation({ summary: 'Sealed copies of state, kubeconfig and SSH key; with `what` one of them, opened' })
  async escrow(@Param() { name }: ClusterName, @Query() { what, version }: EscrowQuery): Promise<Escrow> {
    const request = { name, what, version };
    const { copies: items, text } = await askProvisioner(this.options.nats, 'escrow', request, escrowReplySchema);
    return { apiVersion: API_VERSION, kind: 'Escrow', items, ...(text === undefined ? {} : { text }) };
  }
}
