/** Usage as the API shows it: in seconds, with times; schemas for the OpenAPI document. */
import { ApiProperty } from '@nestjs/swagger';
import { type AmountsUsed, type PeriodUsage, type UsageSubject, usageBy, usageSubjects } from '@skyflow/domain';

const MS_PER_SECOND = 1_000;
const MILLICORES_PER_CPU = 1_000;

export class UsageAmounts {
  @ApiProperty({ description: 'Replicas × seconds', example: 7200 })
  replicaSeconds!: number;

  @ApiProperty({ description: 'Requested CPUs × seconds', example: 3600 })
  cpuSeconds!: number;

  @ApiProperty({ description: 'Requested bytes of memory × seconds', example: 966367641600 })
  memoryByteSeconds!: number;

  @ApiProperty({
    description: 'Whatever else is requested, pieces or bytes × seconds',
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { 'nvidia.com/gpu': 3600 },
  })
  otherResourceSeconds!: Record<string, number>;
}

export class UsageItem extends UsageAmounts {
  @ApiProperty({ description: 'User, namespace or cluster', example: 'ann' })
  name!: string;
}

export class UsagePeriod {
  @ApiProperty({ example: '2026-05-17T00:00:00.000Z' })
  from!: string;

  @ApiProperty({ example: '2026-05-18T00:00:00.000Z' })
  to!: string;

  @ApiProperty({ type: [UsageItem], description: 'By name; who held nothing is not there' })
  items!: UsageItem[];

  @ApiProperty({ type: UsageAmounts, description: 'Of all; the same, whatever it is told by' })
  total!: UsageAmounts;
}

export class UsageReport {
  @ApiProperty({ example: 'skyflow.io/v1' })
  apiVersion!: string;

  @ApiProperty({ enum: ['UsageReport'] })
  kind!: string;

  @ApiProperty({ enum: usageSubjects })
  by!: UsageSubject;

  @ApiProperty({ type: [UsagePeriod] })
  periods!: UsagePeriod[];
}

export function shownPeriod(period: PeriodUsage, by: UsageSubject, fromMs: number, toMs: number): UsagePeriod {
  const items = [...usageBy(period, by)].map(([name, used]) => Object.assign(shownAmounts(used), { name }));
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    items,
    total: shownAmounts(sumOf(period)),
  };
}

function sumOf(period: PeriodUsage): AmountsUsed {
  const sum = new Map<string, bigint>();
  for (const { used } of period) {
    for (const [resource, amount] of used) sum.set(resource, (sum.get(resource) ?? 0n) + amount);
  }
  return sum;
}

function shownAmounts(used: AmountsUsed): UsageAmounts {
  const seconds = (resource: string): number => Number(used.get(resource) ?? 0n) / MS_PER_SECOND;
  const others = [...used.keys()].filter((resource) => !['pods', 'cpu', 'memory'].includes(resource)).sort();
  return {
    replicaSeconds: seconds('pods'),
    cpuSeconds: seconds('cpu') / MILLICORES_PER_CPU,
    memoryByteSeconds: seconds('memory'),
    otherResourceSeconds: Object.fromEntries(others.map((resource) => [resource, seconds(resource)])),
  };
}
