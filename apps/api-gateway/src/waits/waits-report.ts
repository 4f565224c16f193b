/** Waits as the API shows them: milliseconds, with times; schemas for the OpenAPI document. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type SchedulingStage, schedulingStages } from '@skyflow/domain';

export class ShownDurations {
  @ApiProperty({ description: 'How many were measured', example: 12 })
  count!: number;

  @ApiPropertyOptional({ description: 'Half of them took no longer; absent: there were none', example: 40 })
  medianMs?: number;

  @ApiPropertyOptional({ description: '95 of 100 took no longer', example: 900 })
  p95Ms?: number;

  @ApiPropertyOptional({ example: 2100 })
  longestMs?: number;
}

export class WaitsPeriod {
  @ApiProperty({ example: '2026-05-17T00:00:00.000Z' })
  from!: string;

  @ApiProperty({ example: '2026-05-17T01:00:00.000Z' })
  to!: string;

  @ApiProperty({
    type: ShownDurations,
    description: 'Of workloads that got their places in this period, from their submission on',
  })
  waits!: ShownDurations;

  @ApiProperty({ description: 'Workloads that waited at its end', example: 3 })
  waiting!: number;
}

export class QueueWaits {
  @ApiProperty({ example: 'skyflow.io/v1' })
  apiVersion!: string;

  @ApiProperty({ enum: ['QueueWaits'] })
  kind!: string;

  @ApiProperty({ example: 'team-a' })
  queue!: string;

  @ApiProperty({ type: [WaitsPeriod] })
  periods!: WaitsPeriod[];
}

export class StageLatency extends ShownDurations {
  @ApiProperty({
    enum: schedulingStages,
    description:
      'decided: from the submission to the first decision; assigned: from the decision that placed it to the work for a cluster; applied: from there to a cluster’s first word of it',
  })
  stage!: SchedulingStage;
}

export class SchedulingLatency {
  @ApiProperty({ example: 'skyflow.io/v1' })
  apiVersion!: string;

  @ApiProperty({ enum: ['SchedulingLatency'] })
  kind!: string;

  @ApiProperty({ example: '2026-05-17T00:00:00.000Z' })
  from!: string;

  @ApiProperty({ example: '2026-05-18T00:00:00.000Z' })
  to!: string;

  @ApiProperty({ type: [StageLatency] })
  stages!: StageLatency[];
}
