/** How long workloads waited, folded from the log; nothing is kept for it, so it reaches back as far as the log does. */
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import { API_VERSION, DEFAULT_QUEUE } from '@skyflow/contracts';
import {
  type SchedulingTimes,
  beginSchedulingTimes,
  durations,
  evolveSchedulingTimes,
  schedulingStages,
  takeWaits,
} from '@skyflow/domain';
import { ReadModel } from '../store/read-model.js';
import { PastStates } from '../past/past-states.js';
import { LatencyBook } from './latency-book.js';
import { GatewayOptions } from '../gateway-options.js';
import { PeriodsQuery, TimeRangeQuery, foldPeriods, timeRange } from '../past/time-range.js';
import { QueuePath } from './waits-query.js';
import { QueueWaits, SchedulingLatency, type WaitsPeriod } from './waits-report.js';

const FOLD = { begin: beginSchedulingTimes, evolve: evolveSchedulingTimes };

@ApiTags('waits')
@ApiBearerAuth()
@Controller()
export class WaitsController {
  constructor(
    private readonly model: ReadModel,
    private readonly states: PastStates,
    private readonly latencies: LatencyBook,
    private readonly options: GatewayOptions,
  ) {}

  @Get('apis/skyflow.io/v1/queues/:name/waits')
  @ApiOperation({ summary: 'How long workloads of a queue waited for their places, period by period' })
  @ApiOkResponse({ type: QueueWaits })
  async ofQueue(@Param() { name }: QueuePath, @Query() query: PeriodsQuery): Promise<QueueWaits> {
    const range = timeRange(query, Date.now());
    const { model } = this;
    await model.upToDate();
    if (name !== DEFAULT_QUEUE && model.state.table.get('Queue', '', name) === undefined) {
      throw new StatusError(404, 'NotFound', `queues "${name}" not found`, { name, kind: 'queues' });
    }
    const periods: WaitsPeriod[] = [];
    await foldPeriods<SchedulingTimes>(this.options.log, this.states, range, {
      ...FOLD,
      atEnd: (times, { fromMs, toMs }) => {
        periods.push({
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          ...takeWaits(times, name),
        });
      },
    });
    return { apiVersion: API_VERSION, kind: 'QueueWaits', queue: name, periods };
  }

  @Get('schedulinglatency')
  @ApiOperation({
    summary: 'How long scheduling takes, stage by stage from a submission to a cluster’s first word of it',
    description: 'Of the workloads that were submitted in the range; stages that ended in it.',
  })
  @ApiOkResponse({ type: SchedulingLatency })
  async latency(@Query() query: TimeRangeQuery): Promise<SchedulingLatency> {
    const range = timeRange(query, Date.now());
    const { log } = this.options;
    await this.model.upToDate();
    const [fromSeq, toSeq] = [await log.sequenceAt(range.fromMs), await log.sequenceAt(range.ends.at(-1) ?? 0)];
    const times = await this.latencies.between(fromSeq, toSeq, Date.now());
    const stages = schedulingStages.map((stage) => ({ stage, ...durations(times[stage]) }));
    const [from, to] = [range.fromMs, range.ends.at(-1) ?? range.fromMs].map((ms) => new Date(ms).toISOString());
    return { apiVersion: API_VERSION, kind: 'SchedulingLatency', from: from ?? '', to: to ?? '', stages };
  }
}
