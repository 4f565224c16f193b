/** What would be built for a Cluster, with offers and prices of this moment: asked of the provisioner, nothing is written. */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SchemaSet, StatusError, validate } from '@skyflow/apimachinery';
import {
  API_VERSION,
  type ClusterPlan,
  invalidCause,
  planReplySchema,
  type ProvisionSpec,
  type StatusCause,
} from '@skyflow/contracts';
import { provisionProblems } from '@skyflow/domain';
import { ReadModel } from '../store/read-model.js';
import { GatewayOptions } from '../gateway-options.js';
import { ClusterPlanBody } from './cluster-plan-body.js';
import { provisionSchema } from '../kinds/provision-schema.js';
import { askProvisioner } from './ask-provisioner.js';

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/clusterplans')
export class ClusterPlanController {
  constructor(
    private readonly model: ReadModel,
    private readonly options: GatewayOptions,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Of what a cluster would be built, and for how much' })
  async plan(@Body() { spec }: ClusterPlanBody): Promise<{ apiVersion: string; kind: string; status: ClusterPlan }> {
    const { model } = this;
    const causes = problemsOf(spec.provision);
    if (causes.length > 0) {
      const words = causes.map(({ field, message }) => `${field ?? ''}: ${message}`).join('; ');
      throw new StatusError(422, 'Invalid', words, { causes });
    }
    await model.upToDate();
    const question = { name: spec.name, provision: spec.provision, atLeastSeq: model.seq };
    const { plan: status } = await askProvisioner(this.options.nats, 'plan', question, planReplySchema);
    return { apiVersion: API_VERSION, kind: 'ClusterPlan', status };
  }
}

const NO_OTHERS = new SchemaSet({});

/** As those of a Cluster that is created. */
function problemsOf(provision: Record<string, unknown>): StatusCause[] {
  const shape = validate(provision, provisionSchema, NO_OTHERS, ['spec', 'provision']);
  if (shape.length > 0) return shape;
  return provisionProblems(provision as unknown as ProvisionSpec).map(({ field, value, rule }) =>
    invalidCause(`spec.provision.${field}`, value, rule),
  );
}
