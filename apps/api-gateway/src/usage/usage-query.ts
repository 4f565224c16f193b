/** Parameters of the usage route, and the times that they mean. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { badRequest } from '@skyflow/apimachinery';
import { type UsageSubject, timestamp, usageSubjects } from '@skyflow/domain';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import { timeOf } from '../past/past-time.js';

const LONGEST_TIME = 64;
const SHORTEST_STEP_SECONDS = 60;
/** A year of days. */
const MOST_PERIODS = 366;
const DAY_MS = 86_400_000;

export class UsageQuery {
  @ApiProperty({ description: 'Of whom', enum: usageSubjects, example: 'user' })
  @IsIn(usageSubjects, { message: `must be one of ${usageSubjects.join(', ')}` })
  by!: UsageSubject;

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

  @ApiPropertyOptional({
    description: `Length of a period in seconds; default: one period from begin to end. At most ${String(MOST_PERIODS)} periods.`,
    minimum: SHORTEST_STEP_SECONDS,
    example: 3600,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(SHORTEST_STEP_SECONDS, { message: `must be ${String(SHORTEST_STEP_SECONDS)} or more` })
  step?: number;
}

export interface UsageRange {
  fromMs: number;
  /** Ends of the periods, rising; the last is the end of all. */
  ends: readonly number[];
}

/** @throws StatusError 400 */
export function usageRange({ from, to, step }: Omit<UsageQuery, 'by'>, nowMs: number): UsageRange {
  const toMs = to === undefined ? nowMs : parsed('to', to, nowMs);
  const fromMs = from === undefined ? Math.max(0, toMs - DAY_MS) : parsed('from', from, nowMs);
  if (fromMs >= toMs) {
    const text = `from: ${timestamp(fromMs)} is not before to: ${timestamp(toMs)}; give a range that is not empty`;
    throw badRequest(text);
  }
  const stepMs = step === undefined ? toMs - fromMs : step * 1_000;
  const count = Math.ceil((toMs - fromMs) / stepMs);
  if (count > MOST_PERIODS) {
    const least = Math.ceil((toMs - fromMs) / 1_000 / MOST_PERIODS);
    throw badRequest(
      `step: ${String(step)} seconds make ${String(count)} periods of this range, and ${String(MOST_PERIODS)} is the most; give ${String(least)} or more, or a shorter range`,
    );
  }
  return { fromMs, ends: Array.from({ length: count }, (_, index) => Math.min(toMs, fromMs + (index + 1) * stepMs)) };
}

function parsed(parameter: string, text: string, nowMs: number): number {
  const timeMs = timeOf(text);
  if (timeMs === undefined || timeMs < 0) {
    throw badRequest(
      `${parameter}: invalid value ${JSON.stringify(text)}: give an RFC 3339 time of 1970 or later ("2026-05-17T09:30:00Z")`,
    );
  }
  if (timeMs > nowMs) {
    throw badRequest(`${parameter}: ${text} is in the future (it is ${timestamp(nowMs)}); give a time that has been`);
  }
  return timeMs;
}
