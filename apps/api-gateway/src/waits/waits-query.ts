/** Parameters of the routes that tell how long workloads waited. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';

const LONGEST_TIME = 64;
const LONGEST_NAME = 253;
const SHORTEST_STEP_SECONDS = 60;

export class QueuePath {
  @ApiProperty({ description: 'Name of the queue', example: 'team-a' })
  @IsString()
  @MaxLength(LONGEST_NAME)
  name!: string;
}

export class LatencyQuery {
  @ApiPropertyOptional({
    description: 'Begin, an RFC 3339 time; default: a day before `to`. 410 for what has been purged.',
    example: '2026-05-17T00:00:00Z',
  })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_TIME)
  from?: string;

  @ApiPropertyOptional({ description: 'End, an RFC 3339 time; default: now.', example: '2026-05-18T00:00:00Z' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_TIME)
  to?: string;
}

export class WaitsQuery extends LatencyQuery {
  @ApiPropertyOptional({
    description: 'Length of a period in seconds; default: one period from begin to end. At most 366 periods.',
    minimum: SHORTEST_STEP_SECONDS,
    example: 3600,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(SHORTEST_STEP_SECONDS, { message: `must be ${String(SHORTEST_STEP_SECONDS)} or more` })
  step?: number;
}
