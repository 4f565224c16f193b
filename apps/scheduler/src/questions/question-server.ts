/** Answers questions from the active scheduler's own state: what a change would move, why, and what if. Reads only. */
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { schedulerRequestSubject } from '@skyflow/contracts';
import type { SchedulingState } from '@skyflow/domain';
import type { Projection } from '@skyflow/event-log';
import type { Logger } from '@skyflow/service';
import type { z } from 'zod';

/** How long the log is waited for; whoever asks has seen it already. */
const FOLD_WITHIN_MS = 3_000;

/** Why there is no answer: an HTTP status, and a message for people. */
export class Unanswerable extends Error {
  override readonly name = 'Unanswerable';
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Question<R extends { atLeastSeq: number }> {
  verb: Parameters<typeof schedulerRequestSubject>[0];
  request: z.ZodType<R>;
  /** In one turn of the event loop: forks of the state hold no longer. @throws Unanswerable */
  answer: (state: SchedulingState, request: R) => object;
}

/** Keeps a question's request type to itself, so that a list can hold several. */
export interface Answering {
  verb: Question<never>['verb'];
  /** Waits for the log, then answers. */
  reply: (text: string, projection: Pick<Projection<SchedulingState>, 'state' | 'waitFor'>) => Promise<object>;
}

export const answering = <R extends { atLeastSeq: number }>({ verb, request, answer }: Question<R>): Answering => ({
  verb,
  reply: async (text, projection) => {
    const parsed = request.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Unanswerable(400, parsed.error.message);
    await projection.waitFor(parsed.data.atLeastSeq, { signal: AbortSignal.timeout(FOLD_WITHIN_MS) });
    return answer(projection.state, parsed.data);
  },
});

/** Serves until it is closed. */
export class QuestionServer {
  private readonly subscriptions;

  constructor(
    nats: NatsConnection,
    private readonly projection: Pick<Projection<SchedulingState>, 'state' | 'waitFor'>,
    private readonly logger: Logger,
    questions: readonly Answering[],
  ) {
    this.subscriptions = questions.map((question) =>
      nats.subscribe(schedulerRequestSubject(question.verb), {
        callback: (error, message) => {
          if (error === null) void this.answer(question, message);
          else this.logger.warn({ err: error }, 'cannot hear requests');
        },
      }),
    );
  }

  close(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  private async answer({ verb, reply }: Answering, message: Msg): Promise<void> {
    let body: object;
    try {
      body = await reply(message.string(), this.projection);
    } catch (error) {
      if (error instanceof Unanswerable) body = { error: error.message, code: error.code };
      else {
        this.logger.error({ err: error, verb }, 'a question could not be answered');
        body = { error: `the scheduler could not work it out: ${(error as Error).message}`, code: 500 };
      }
    }
    message.respond(JSON.stringify(body));
  }
}
