/** The gateway's side of granted readers: makes the consumers that agents read their part of the log with. */
import {
  type CheckpointReply,
  FIRST_LEVEL,
  type LevelReply,
  type ReaderReply,
  STREAM,
  checkpointRequestSchema,
  levelRequestSchema,
  observationSubject,
  readerConsumer,
  readerRequestSchema,
  readerSubject,
  workSubject,
} from '@skyflow/contracts';
import { z } from 'zod';
import type { NatsConnection } from '@nats-io/transport-node';
import { checkpointPiece } from '../checkpoint/checkpoint-stream.js';
import { horizonOf } from '../checkpoint/horizon.js';
import { tooOldText } from '../levels/level-in-force.js';
import { JetStreamApi, JetStreamRefusal } from './jetstream-api.js';
import { createReader } from './readers.js';
import type { StreamInfo } from './stream-setup.js';

/** Of several gateways one answers. */
const QUEUE = 'gateways';
const PLACE = readerSubject('').split('.').length - 1;

export interface ReadersOptions {
  connection: NatsConnection;
  /** The feature level in force: an agent that does not read it gets no reader. */
  level: () => Promise<number>;
  warn: (line: string) => void;
}

/** The subject of the request says which cluster asks: nobody else may publish on it. */
export function serveReaders({ connection, level, warn }: ReadersOptions): void {
  const api = new JetStreamApi(connection);
  connection.subscribe(readerSubject('*'), {
    queue: QUEUE,
    callback: (error, message) => {
      if (error !== null) {
        warn(`agents that ask for the log are not heard: ${error.message}`);
        return;
      }
      const cluster = message.subject.split('.')[PLACE] ?? '';
      void grant(api, cluster, message.string(), level)
        .catch((reason: unknown) => ({ error: reason instanceof Error ? reason.message : String(reason) }))
        .then((reply) => {
          if ('error' in reply) warn(`the agent of ${cluster} got no reader of the log: ${reply.error}`);
          if (!connection.isClosed()) message.respond(JSON.stringify(reply));
        });
    },
  });
}

const requestSchema = z.union([checkpointRequestSchema, levelRequestSchema, readerRequestSchema]);

async function grant(
  api: JetStreamApi,
  cluster: string,
  text: string,
  levelNow: () => Promise<number>,
): Promise<ReaderReply | CheckpointReply | LevelReply> {
  const request = requestSchema.parse(JSON.parse(text));
  if ('checkpoint' in request) return checkpointOf(api, cluster, request.checkpoint);
  const level = await levelNow();
  if (!('slot' in request)) return { level };
  const { slot, from, level: reads = FIRST_LEVEL, version = 'from before there were levels' } = request;
  if (reads < level) return { error: tooOldText(level, reads, version), tooOld: true };
  const name = readerConsumer(cluster, slot);
  try {
    await api.request(`CONSUMER.DELETE.${STREAM}.${name}`);
  } catch (error) {
    if (!(error instanceof JetStreamRefusal)) throw error; // there was none
  }
  return {
    ...(await createReader(api, STREAM, name, from, [workSubject(cluster), observationSubject(cluster)])),
    level,
  };
}

async function checkpointOf(
  api: JetStreamApi,
  cluster: string,
  { fold, piece }: { fold: string; piece: number },
): Promise<CheckpointReply> {
  const horizon = horizonOf((await api.request<StreamInfo>(`STREAM.INFO.${STREAM}`)).config);
  if (horizon === undefined) return { error: 'the log was purged by hand, without a checkpoint' };
  const { data, pieces, seq, folds } = await checkpointPiece(api, horizon.checkpoint, { fold, cluster }, piece);
  return { ...(data === undefined ? {} : { data: Buffer.from(data).toString('base64') }), pieces, seq, folds };
}
