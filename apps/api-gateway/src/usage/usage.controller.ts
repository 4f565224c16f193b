/** Who held how much for how long, folded from the log; nothing is kept for it, so it reaches back as far as the log does. */
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION, positionOf } from '@skyflow/contracts';
import { type UsageState, beginUsage, closePeriod, evolveUsage } from '@skyflow/domain';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import type { FoldCommit } from '../past/past-states.js';
import { UsageQuery, usageRange } from './usage-query.js';
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
    const { fromMs, ends } = usageRange(query, Date.now());
    const { gateway, log } = this.parts;
    await gateway.model.upToDate();
    const fromSeq = await log.sequenceAt(fromMs);
    const toSeq = await log.sequenceAt(ends.at(-1) ?? fromMs);
    const periods: UsagePeriod[] = [];
    let usage: UsageState | undefined;
    /** Ends the periods that are over by then. */
    const closeUntil = (state: UsageState, timeMs: number): void => {
      for (let endMs = ends[periods.length]; endMs !== undefined && endMs < timeMs; endMs = ends[periods.length]) {
        const beganMs = periods.length === 0 ? fromMs : (ends[periods.length - 1] ?? fromMs);
        periods.push(shownPeriod(closePeriod(state, endMs), query.by, beganMs, endMs));
      }
    };
    const fold =
      (state: UsageState): FoldCommit =>
      ({ seq, subject, storedAt, commit }) => {
        closeUntil(state, storedAt);
        for (const [index, entry] of commit.entries.entries()) {
          evolveUsage(state, entry, { position: positionOf(seq, index), subject }, storedAt);
        }
      };
    await gateway.pastStates.along(fromSeq, toSeq, 'from', ({ state }) => fold((usage = beginUsage(state, fromMs))));
    if (usage !== undefined) closeUntil(usage, Infinity);
    return { apiVersion: API_VERSION, kind: 'UsageReport', by: query.by, periods };
  }
}
