/** Questions to the active provisioner; see apps/provisioner/src/plans. */
import { NoRespondersError, TimeoutError } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/transport-node';
import { StatusError } from '@skyflow/apimachinery';
import { provisionerRequestSubject } from '@skyflow/contracts';
import type { z } from 'zod';

/** A cloud has to be asked. */
const ANSWER_WITHIN_MS = 55_000;
const REASONS = { 400: 'BadRequest', 404: 'NotFound', 422: 'Invalid', 500: 'InternalError' } as const;

/** @throws StatusError 503 when no provisioner is active, 504 when it does not answer, else what it said. */
export async function askProvisioner<A extends object>(
  nats: NatsConnection,
  verb: Parameters<typeof provisionerRequestSubject>[0],
  request: object,
  replySchema: z.ZodType<A | { error: string; code: number }>,
): Promise<A> {
  const answer = await nats
    .request(provisionerRequestSubject(verb), JSON.stringify(request), { timeout: ANSWER_WITHIN_MS })
    .catch((error: unknown) => {
      throw statusErrorOf(error);
    });
  const reply = replySchema.parse(answer.json());
  if (!isRefusal(reply)) return reply;
  const { error, code } = reply;
  throw new StatusError(code, REASONS[code as keyof typeof REASONS], error);
}

const isRefusal = (reply: object): reply is { error: string; code: number } => 'error' in reply;

function statusErrorOf(error: unknown): unknown {
  if (error instanceof NoRespondersError || (error as Error).cause instanceof NoRespondersError) {
    const message = 'no provisioner is active, so nobody can say';
    return new StatusError(503, 'ServiceUnavailable', message, { retryAfterSeconds: 1 });
  }
  if (!(error instanceof TimeoutError)) return error;
  const message = `the provisioner did not answer within ${String(ANSWER_WITHIN_MS)} ms; try again`;
  return new StatusError(504, 'Timeout', message);
}
