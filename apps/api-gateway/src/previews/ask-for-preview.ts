/** The question to the active scheduler. */
import { NoRespondersError, TimeoutError } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/transport-node';
import { type MovePreview, type PreviewRequest, previewReplySchema, schedulerRequestSubject } from '@skyflow/contracts';
import { StatusError } from '@skyflow/apimachinery';

const ANSWER_WITHIN_MS = 10_000;

/** @throws StatusError 503 when no scheduler is active, 504 when it does not answer. */
export async function askForPreview(nats: NatsConnection, request: PreviewRequest): Promise<MovePreview> {
  const answer = await nats
    .request(schedulerRequestSubject('preview'), JSON.stringify(request), { timeout: ANSWER_WITHIN_MS })
    .catch((error: unknown) => {
      throw statusErrorOf(error);
    });
  const reply = previewReplySchema.parse(answer.json());
  if ('preview' in reply) return reply.preview;
  throw new StatusError(reply.code, reply.code === 400 ? 'BadRequest' : 'InternalError', reply.error);
}

function statusErrorOf(error: unknown): unknown {
  if (error instanceof NoRespondersError || (error as Error).cause instanceof NoRespondersError) {
    return new StatusError(503, 'ServiceUnavailable', 'no scheduler is active, so nobody can say what would move', {
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
