/** How long workloads waited, folded from the log; nothing is kept for it, so it reaches back as far as the log does. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import { API_VERSION, DEFAULT_QUEUE, positionOf } from '@skyflow/contracts';
import {
  type SchedulingTimes,
  beginSchedulingTimes,
  durations,
  evolveSchedulingTimes,
  schedulingStages,
  takeWaits,
} from '@skyflow/domain';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { type UsageRange, usageRange } from '../usage/usage-query.js';
import { LatencyQuery, QueuePath, WaitsQuery } from './waits-query.js';
import { QueueWaits, SchedulingLatency, type WaitsPeriod } from './waits-report.js';

@ApiTags('waits')
@ApiBearerAuth()
@Controller()
export class WaitsController {
  constructor(@Inject(GATEWAY_PARTS) private readonly parts: GatewayParts) {}

  @Get('apis/skyflow.io/v1/queues/:name/waits')
  @ApiOperation({ summary: 'How long workloads of a queue waited for their places, period by period' })
  @ApiOkResponse({ type: QueueWaits })
  async ofQueue(@Param() { name }: QueuePath, @Query() query: WaitsQuery): Promise<QueueWaits> {
    const range = usageRange(query, Date.now());
    const { model } = this.parts.gateway;
    await model.upToDate();
    if (name !== DEFAULT_QUEUE && model.state.table.get('Queue', '', name) === undefined) {
      throw new StatusError(404, 'NotFound', `queues "${name}" not found`, { name, kind: 'queues' });
    }
    const periods: WaitsPeriod[] = [];
    await this.fold(range, (times, endMs) => {
      const beganMs = periods.length === 0 ? range.fromMs : (range.ends[periods.length - 1] ?? range.fromMs);
      periods.push({
        from: new Date(beganMs).toISOString(),
        to: new Date(endMs).toISOString(),
        ...takeWaits(times, name),
      });
    });
    return { apiVersion: API_VERSION, kind: 'QueueWaits', queue: name, periods };
  }

  @Get('schedulinglatency')
  @ApiOperation({
    summary: 'How long scheduling takes, stage by stage from a submission to a cluster’s first word of it',
  })
  @ApiOkResponse({ type: SchedulingLatency })
  async latency(@Query() query: LatencyQuery): Promise<SchedulingLatency> {
    const range = usageRange(query, Date.now());
    await this.parts.gateway.model.upToDate();
    let stages: SchedulingLatency['stages'] = [];
    await this.fold(range, (times) => {
      stages = schedulingStages.map((stage) => ({ stage, ...durations(times.stages[stage]) }));
    });
    const [from, to] = [range.fromMs, range.ends.at(-1) ?? range.fromMs].map((ms) => new Date(ms).toISOString());
    return { apiVersion: API_VERSION, kind: 'SchedulingLatency', from: from ?? '', to: to ?? '', stages };
  }

  /** Calls back at the end of each period. @throws StatusError 410, 429 */
  private async fold(
    { fromMs, ends }: UsageRange,
    atEnd: (times: SchedulingTimes, endMs: number) => void,
  ): Promise<void> {
    const { gateway, log } = this.parts;
    const fromSeq = await log.sequenceAt(fromMs);
    const toSeq = await log.sequenceAt(ends.at(-1) ?? fromMs);
    let done = 0;
    const closeUntil = (times: SchedulingTimes, timeMs: number): void => {
      for (let endMs = ends[done]; endMs !== undefined && endMs < timeMs; endMs = ends[done]) {
        done += 1;
        atEnd(times, endMs);
      }
    };
    let times: SchedulingTimes | undefined;
    await gateway.pastStates.along(fromSeq, toSeq, 'from', ({ state }) => {
      const own = beginSchedulingTimes(state);
      times = own;
      return ({ seq, subject, storedAt, commit }) => {
        closeUntil(own, storedAt);
        for (const [index, entry] of commit.entries.entries()) {
          evolveSchedulingTimes(own, entry, { position: positionOf(seq, index), subject }, storedAt);
        }
      };
    });
    if (times !== undefined) closeUntil(times, Infinity);
  }
}
