/** What would happen if, worked out by the scheduler on a fork of what it knows; nothing is written. */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION, invalidCause, type ResourceList, simulateReplySchema, type Simulation } from '@skyflow/contracts';
import { InvalidQuantityError, parseResourceList } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';
import { ReadModel } from '../store/read-model.js';
import { GatewayOptions } from '../gateway-options.js';
import { changeOf } from '../previews/previewed-change.js';
import { askScheduler } from '../scheduler/ask-scheduler.js';
import { SimulationBody } from './simulation-body.js';

@ApiTags('workloads')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/simulations')
export class SimulationController {
  constructor(
    private readonly model: ReadModel,
    private readonly options: GatewayOptions,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'What would be placed, moved, preempted or left waiting' })
  async simulate(@Body() { spec }: SimulationBody): Promise<{ apiVersion: string; kind: string; status: Simulation }> {
    const { model } = this;
    await model.upToDate();
    const { nodes = [], clustersDown = [], most } = spec;
    const question = {
      ...changeOf(model.state.table, spec),
      clustersDown,
      nodes: nodes.map(({ cluster, count, allocatable }, index) => ({
        ...{ cluster, count },
        allocatable: amountsOf(allocatable, `spec.nodes[${String(index)}].allocatable`),
      })),
      atLeastSeq: model.seq,
      ...(most === undefined ? {} : { most }),
    };
    const { simulation: status } = await askScheduler(this.options.nats, 'simulate', question, simulateReplySchema);
    return { apiVersion: API_VERSION, kind: 'Simulation', status };
  }
}

function amountsOf(allocatable: Record<string, string>, field: string): ResourceList {
  try {
    return parseResourceList(allocatable);
  } catch (error) {
    if (!(error instanceof InvalidQuantityError)) throw error;
    const { message } = error;
    throw new StatusError(400, 'BadRequest', `${field}: ${message}`, {
      causes: [invalidCause(field, allocatable, message)],
    });
  }
}
