/** The gateway's side of granted readers: makes the consumers that agents read their part of the log with. */
import {
  type ReaderReply,
  STREAM,
  observationSubject,
  readerConsumer,
  readerRequestSchema,
  readerSubject,
  workSubject,
} from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { JetStreamApi, JetStreamRefusal } from './jetstream-api.js';
import { createReader } from './readers.js';

/** Of several gateways one answers. */
const QUEUE = 'gateways';
const PLACE = readerSubject('').split('.').length - 1;

/** The subject of the request says which cluster asks: nobody else may publish on it. */
export function serveReaders(connection: NatsConnection, warn: (line: string) => void): void {
  const api = new JetStreamApi(connection);
  connection.subscribe(readerSubject('*'), {
    queue: QUEUE,
    callback: (error, message) => {
      if (error !== null) {
        warn(`agents that ask for the log are not heard: ${error.message}`);
        return;
      }
      const cluster = message.subject.split('.')[PLACE] ?? '';
      void grant(api, cluster, message.string())
        .catch((reason: unknown) => ({ error: reason instanceof Error ? reason.message : String(reason) }))
        .then((reply) => {
          if ('error' in reply) warn(`the agent of ${cluster} got no reader of the log: ${reply.error}`);
          if (!connection.isClosed()) message.respond(JSON.stringify(reply));
        });
    },
  });
}

async function grant(api: JetStreamApi, cluster: string, text: string): Promise<ReaderReply> {
  const { slot, from } = readerRequestSchema.parse(JSON.parse(text));
  const name = readerConsumer(cluster, slot);
  try {
    await api.request(`CONSUMER.DELETE.${STREAM}.${name}`);
  } catch (error) {
    if (!(error instanceof JetStreamRefusal)) throw error; // there was none
  }
  return createReader(api, STREAM, name, from, [workSubject(cluster), observationSubject(cluster)]);
}
