/** Stretches of the log's time, whole or in periods: as asked for, and folded period by period. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { badRequest } from '@skyflow/apimachinery';
import { type Entry, positionOf } from '@skyflow/contracts';
import { type EntryPlace, type ObjectsState, timestamp } from '@skyflow/domain';
import type { EventLog } from '@skyflow/event-log';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import type { PastStates } from './past-states.js';
import { timeOf } from './past-time.js';

const LONGEST_TIME = 64;
const SHORTEST_STEP_SECONDS = 60;
/** A year of days. */
const MOST_PERIODS = 366;
const DAY_MS = 86_400_000;

/** `from` and `to` of a route over the log's time. */
export class TimeRangeQuery {
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

/** … in periods of `step` seconds each. */
export class PeriodsQuery extends TimeRangeQuery {
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

/** Milliseconds since the epoch. */
export interface TimeRange {
  fromMs: number;
  /** Ends of the periods, rising; the last is the end of all. */
  ends: readonly number[];
}

/** @throws StatusError 400 */
export function timeRange({ from, to, step }: PeriodsQuery, nowMs: number): TimeRange {
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

/** What is made of the log; `evolve` and `atEnd` change the state. */
export interface PeriodFold<S> {
  /** From the objects as they were when the range began. */
  begin: (objects: ObjectsState, fromMs: number) => S;
  evolve: (state: S, entry: Entry, place: EntryPlace, atMs: number) => void;
  /** A period is over. */
  atEnd: (state: S, period: { fromMs: number; toMs: number }) => void;
}

/** Folds the log over a range, and stops at the end of each period. @throws StatusError 410, 429 */
export async function foldPeriods<S extends object>(
  log: EventLog,
  states: PastStates,
  { fromMs, ends }: TimeRange,
  { begin, evolve, atEnd }: PeriodFold<S>,
): Promise<void> {
  const fromSeq = await log.sequenceAt(fromMs);
  const toSeq = await log.sequenceAt(ends.at(-1) ?? fromMs);
  let done = 0;
  const closeUntil = (state: S, timeMs: number): void => {
    for (let toMs = ends[done]; toMs !== undefined && toMs < timeMs; toMs = ends[done]) {
      atEnd(state, { fromMs: ends[done - 1] ?? fromMs, toMs });
      done += 1;
    }
  };
  let folded: S | undefined;
  await states.along(fromSeq, toSeq, 'from', ({ state: objects }) => {
    const state = begin(objects, fromMs);
    folded = state;
    return ({ seq, subject, storedAt, commit }) => {
      closeUntil(state, storedAt);
      for (const [index, entry] of commit.entries.entries()) {
        evolve(state, entry, { position: positionOf(seq, index), subject }, storedAt);
      }
    };
  });
  if (folded !== undefined) closeUntil(folded, Infinity);
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
