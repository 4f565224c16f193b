/** Who held how much for how long, folded from the log; nothing is kept for it, so it reaches back as far as the log does. */
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION } from '@skyflow/contracts';
import { type UsageState, beginUsage, closePeriod, evolveUsage } from '@skyflow/domain';
import { ReadModel } from '../store/read-model.js';
import { PastStates } from '../past/past-states.js';
import { GatewayOptions } from '../gateway-options.js';
import { foldPeriods, timeRange } from '../past/time-range.js';
import { UsageQuery } from './usage-query.js';
import { type UsagePeriod, UsageReport, shownPeriod } from './usage-report.js';

@ApiTags('usage')
@ApiBearerAuth()
@Controller()
export class UsageController {
  constructor(
    private readonly model: ReadModel,
    private readonly states: PastStates,
    private readonly options: GatewayOptions,
  ) {}

  @Get('usage')
  @ApiOperation({
    summary: 'What workloads held of clusters over time, by user, namespace or cluster',
    description:
      'Requests of placed replicas, from the decision that placed them until they finished, left or were deleted; the user is who created the workload.',
  })
  @ApiOkResponse({ type: UsageReport })
  async read(@Query() query: UsageQuery): Promise<UsageReport> {
    const range = timeRange(query, Date.now());
    await this.model.upToDate();
    const periods: UsagePeriod[] = [];
    await foldPeriods<UsageState>(this.options.log, this.states, range, {
      begin: beginUsage,
      evolve: evolveUsage,
      atEnd: (usage, { fromMs, toMs }) => periods.push(shownPeriod(closePeriod(usage, toMs), query.by, fromMs, toMs)),
    });
    return { apiVersion: API_VERSION, kind: 'UsageReport', by: query.by, periods };
  }
}
