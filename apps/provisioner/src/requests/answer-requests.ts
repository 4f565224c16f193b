/** Questions that the gateway asks the active provisioner over NATS: one subject each, JSON both ways. */
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { provisionerRequestSubject } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';

/**
 * Answers until it is disposed of.
 * @param reply never rejects: what goes wrong is an answer, too.
 */
export function answerRequests(
  nats: NatsConnection,
  request: Parameters<typeof provisionerRequestSubject>[0],
  reply: (text: string) => Promise<object>,
  logger: Pick<Logger, 'warn'>,
): Disposable {
  const answer = async (message: Msg): Promise<void> => {
    message.respond(JSON.stringify(await reply(message.string())));
  };
  const subscription = nats.subscribe(provisionerRequestSubject(request), {
    callback: (error, message) => {
      if (error === null) void answer(message);
      else logger.warn({ err: error }, 'cannot hear requests');
    },
  });
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}
