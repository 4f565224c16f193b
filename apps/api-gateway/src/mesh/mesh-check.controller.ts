/** Tries the mesh: agents connect to endpoints of other clusters as clients would, and what does not work is said with its place. */
import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION, type ClusterStatus, type MeshCheck } from '@skyflow/contracts';
import { apiObject, meshFindings } from '@skyflow/domain';
import { ReadModel } from '../store/read-model.js';
import { GatewayOptions } from '../gateway-options.js';
import { askMesh, importsOf, servicesOf } from './mesh-sources.js';

@ApiTags('services')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/meshchecks')
export class MeshCheckController {
  constructor(
    private readonly model: ReadModel,
    private readonly options: GatewayOptions,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Try connections between clusters, and say what is wrong where' })
  async check(): Promise<{ apiVersion: string; kind: string; status: MeshCheck }> {
    const { model } = this;
    const { nats } = this.options;
    await model.upToDate();
    const basis = model.basis();
    const clusters = await Promise.all(
      [...model.state.table.ordered('Cluster')].map(async (record) => {
        const { phase } = (apiObject(record, basis) as { status: ClusterStatus }).status;
        return { name: record.name, phase, reply: await askMesh(nats, record.name, true) };
      }),
    );
    const status = meshFindings(clusters, servicesOf(model), importsOf(model));
    return { apiVersion: API_VERSION, kind: 'MeshCheck', status };
  }
}
