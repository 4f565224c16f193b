/** Answers what a change would move, from the active scheduler's own state; see the domain's previewMoves. Reads only. */
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { type PreviewReply, previewRequestSchema, schedulerRequestSubject } from '@skyflow/contracts';
import { type SchedulingState, previewMoves } from '@skyflow/domain';
import type { Projection } from '@skyflow/event-log';
import type { Logger } from '@skyflow/service';

/** How long the log is waited for; whoever asks has seen it already. */
const FOLD_WITHIN_MS = 3_000;

/** Serves until it is closed. */
export class PreviewServer {
  private readonly subscription;

  constructor(
    nats: NatsConnection,
    private readonly projection: Pick<Projection<SchedulingState>, 'state' | 'waitFor'>,
    private readonly logger: Logger,
  ) {
    this.subscription = nats.subscribe(schedulerRequestSubject('preview'), {
      callback: (error, message) => {
        if (error === null) void this.answer(message);
        else this.logger.warn({ err: error }, 'cannot hear requests');
      },
    });
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  private async answer(message: Msg): Promise<void> {
    let reply: PreviewReply;
    try {
      reply = await this.reply(message.string());
    } catch (error) {
      this.logger.error({ err: error }, 'a preview failed');
      reply = { error: `the scheduler could not work it out: ${(error as Error).message}`, code: 500 };
    }
    message.respond(JSON.stringify(reply));
  }

  private async reply(text: string): Promise<PreviewReply> {
    const parsed = previewRequestSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return { error: parsed.error.message, code: 400 };
    const { objects, deleted, atLeastSeq, most } = parsed.data;
    await this.projection.waitFor(atLeastSeq, { signal: AbortSignal.timeout(FOLD_WITHIN_MS) });
    return { preview: previewMoves(this.projection.state, { objects, deleted }, { nowMs: Date.now(), most }) };
  }
}
