/** Questions that are lost on their way, as they are while a stream has no leader: a responder of ours does not answer the first ones. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { JetStreamApi } from './jetstream-api.js';

describe("JetStream's API", () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  let ids: string[];

  beforeEach(async () => {
    nats = await startNatsFixture();
    connection = await connect({ servers: nats.url });
    ids = [];
    connection.subscribe('unled.>', {
      callback: (_error, message) => {
        ids.push(message.headers?.get('Nats-Msg-Id') ?? '');
        if (ids.length > 2) message.respond(JSON.stringify({ stream: 'UNLED', seq: 7 }));
      },
    });
  });
  afterEach(async () => {
    await connection.close();
    await nats.stop();
  });

  it('is asked again what was not answered, under the same id, within the time of one question', async () => {
    const options = { messageId: 'commit-1', lastSubjectSequence: 0, stream: 'UNLED' };
    const ack = await new JetStreamApi(connection).publish('unled.one', 'x', options, 10_000);
    expect(ack.seq).toBe(7);
    expect(ids).toEqual(['commit-1', 'commit-1', 'commit-1']);
  });

  it('is not asked again what it would not know again', async () => {
    const options = { lastSubjectSequence: 0, stream: 'UNLED' };
    await expect(new JetStreamApi(connection).publish('unled.one', 'x', options, 10_000)).rejects.toThrow(/no answer/);
    expect(ids).toEqual(['']);
  });
});
