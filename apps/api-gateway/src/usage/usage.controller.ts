/** Who held how much for how long, folded from the log; nothing is kept for it, so it reaches back as far as the log does. */
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION } from '@skyflow/contracts';
import { type UsageState, beginUsage, closePeriod, evolveUsage } from '@skyflow/domain';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { foldPeriods, timeRange } from '../past/time-range.js';
import { UsageQuery } from './usage-query.js';
import { type UsagePeriod, UsageReport, shownPeriod } from './usage-report.js';

@ApiTags('usage')
@ApiBearerAuth()
@Controller()
export class UsageController {
  constructor(@Inject(GATEWAY_PARTS) private readonly parts: GatewayParts) {}

  @Get('usage')
  @ApiOperation({
    summary: 'What workloads held of clusters over time, by user, namespace or cluster',
    description:
      'Requests of placed replicas, from the decision that placed them until they finished, left or were deleted; the user is who created the workload.',
  })
  @ApiOkResponse({ type: UsageReport })
  async read(@Query() query: UsageQuery): Promise<UsageReport> {
    const range = timeRange(query, Date.now());
    await this.parts.gateway.model.upToDate();
    const periods: UsagePeriod[] = [];
    await foldPeriods<UsageState>(this.parts, range, {
      begin: beginUsage,
      evolve: evolveUsage,
      atEnd: (usage, { fromMs, toMs }) => periods.push(shownPeriod(closePeriod(usage, toMs), query.by, fromMs, toMs)),
    });
    return { apiVersion: API_VERSION, kind: 'UsageReport', by: query.by, periods };
  }
}
