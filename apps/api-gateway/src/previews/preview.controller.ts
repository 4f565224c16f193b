/** What a change would move, worked out by the scheduler on a copy of what it knows; nothing is written. */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type MovePreview, API_VERSION, previewReplySchema } from '@skyflow/contracts';
import { ReadModel } from '../store/read-model.js';
import { GatewayOptions } from '../gateway-options.js';
import { askScheduler } from '../scheduler/ask-scheduler.js';
import { PreviewBody } from './preview-body.js';
import { changeOf } from './previewed-change.js';

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/movepreviews')
export class PreviewController {
  constructor(
    private readonly model: ReadModel,
    private readonly options: GatewayOptions,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'What a change of clusters, workloads or policies would move' })
  async preview(@Body() { spec }: PreviewBody): Promise<{ apiVersion: string; kind: string; status: MovePreview }> {
    const { model } = this;
    await model.upToDate();
    const change = changeOf(model.state.table, spec);
    const question = {
      ...change,
      atLeastSeq: model.seq,
      ...(spec.rebalance === undefined ? {} : { rebalance: spec.rebalance }),
      ...(spec.most === undefined ? {} : { most: spec.most }),
    };
    const { preview: status } = await askScheduler(this.options.nats, 'preview', question, previewReplySchema);
    return { apiVersion: API_VERSION, kind: 'MovePreview', status };
  }
}
