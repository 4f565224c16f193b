/** Questions to the active scheduler, which answers from its own state; see apps/scheduler/src/questions. */
import { NoRespondersError, TimeoutError } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/transport-node';
import { schedulerRequestSubject } from '@skyflow/contracts';
import { type StatusReason, StatusError } from '@skyflow/apimachinery';
import type { z } from 'zod';

const ANSWER_WITHIN_MS = 10_000;

type Answer = object | { error: string; code: number };

/** @throws StatusError 503 when no scheduler is active, 504 when it does not answer, else what it said. */
export async function askScheduler<A extends Answer>(
  nats: NatsConnection,
  verb: Parameters<typeof schedulerRequestSubject>[0],
  request: object,
  reply: z.ZodType<A>,
): Promise<Exclude<A, { error: string }>> {
  const answer = await nats
    .request(schedulerRequestSubject(verb), JSON.stringify(request), { timeout: ANSWER_WITHIN_MS })
    .catch((error: unknown) => {
      throw statusErrorOf(error);
    });
  const parsed = reply.parse(answer.json());
  if (!('error' in parsed)) return parsed as Exclude<A, { error: string }>;
  const { error, code } = parsed;
  throw new StatusError(code, REASONS[code] ?? 'InternalError', error);
}

const REASONS: Readonly<Record<number, StatusReason>> = { 400: 'BadRequest', 404: 'NotFound' };

function statusErrorOf(error: unknown): unknown {
  if (error instanceof NoRespondersError || (error as Error).cause instanceof NoRespondersError) {
    return new StatusError(503, 'ServiceUnavailable', 'no scheduler is active, so nobody can say', {
      retryAfterSeconds: 1,
    });
  }
  if (!(error instanceof TimeoutError)) return error;
  return new StatusError(
    504,
    'Timeout',
    `the scheduler did not answer within ${String(ANSWER_WITHIN_MS)} ms; try again`,
  );
}
