/** What waits as the API shows it, and how it is asked for; schemas for the OpenAPI document. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { WaitingBook } from '@skyflow/domain';
import { IsOptional, IsString, MaxLength } from 'class-validator';

const LONGEST = 253;
/** Named of each reason; the others are counted. */
const EXAMPLES = 8;

export class WaitingQuery {
  @ApiPropertyOptional({ description: 'Only this namespace. Default: all that one may see.' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  namespace?: string;

  @ApiPropertyOptional({
    description: 'As it was then: an RFC 3339 time, or a sequence of the log. Default: now.',
    example: '2026-05-17T09:30:00Z',
  })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  at?: string;
}

export class WaitingExample {
  @ApiProperty({ enum: ['Job', 'Deployment'] })
  kind!: string;

  @ApiProperty({ example: 'default' })
  namespace!: string;

  @ApiProperty({ example: 'training' })
  name!: string;
}

export class ShownWaitingReason {
  @ApiProperty({ description: 'As in the status of the workloads', example: 'InsufficientCpu' })
  reason!: string;

  @ApiProperty({ description: 'Of one of them', example: 'no cluster has 500m cpu free' })
  message!: string;

  @ApiProperty({ description: 'How many workloads wait for it', example: 12 })
  workloads!: number;

  @ApiProperty({ description: 'Replicas of theirs that have no place', example: 40 })
  replicas!: number;

  @ApiProperty({ type: [WaitingExample], description: `Some of them, at most ${String(EXAMPLES)}` })
  examples!: WaitingExample[];
}

export class WaitingWorkloads {
  @ApiProperty({ example: 'skyflow.io/v1' })
  apiVersion!: string;

  @ApiProperty({ enum: ['WaitingWorkloads'] })
  kind!: string;

  @ApiProperty({ description: 'Workloads with replicas that have no place', example: 12 })
  workloads!: number;

  @ApiProperty({ type: [ShownWaitingReason], description: 'The most frequent first' })
  reasons!: ShownWaitingReason[];
}

/** Of several books together. */
export function shownReasons(books: readonly WaitingBook[]): ShownWaitingReason[] {
  const sums = new Map<string, ShownWaitingReason>();
  for (const { reason, message, workloads, replicas, examples } of books.flatMap((book) => book.reasons(EXAMPLES))) {
    const known = sums.get(reason) ?? { reason, message, workloads: 0, replicas: 0, examples: [] };
    known.workloads += workloads;
    known.replicas += replicas;
    for (const { kind, namespace, name } of examples)
      if (known.examples.length < EXAMPLES) known.examples.push({ kind, namespace, name });
    sums.set(reason, known);
  }
  return [...sums.values()].sort((one, other) => other.workloads - one.workloads);
}
