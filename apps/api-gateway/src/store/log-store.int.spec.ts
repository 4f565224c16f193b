import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { connect } from '@nats-io/transport-node';
import { JetStreamEventLog } from '@skyflow/event-log';
import { afterAll, beforeAll } from '@jest/globals';
import { describeBackend } from '@skyflow/apimachinery/testing';
import { openLogFixture } from '../testing/log-fixture.js';

let nats: NatsFixture;
let made = 0;

beforeAll(async () => {
  nats = await startNatsFixture();
});
afterAll(() => nats.stop());

describeBackend('the log on JetStream', async () => {
  const connection = await connect({ servers: nats.url });
  // Streams of one server may not share subjects: each test begins with none.
  const stream = 'SKYFLOW';
  if (made++ > 0) await connection.request(`$JS.API.STREAM.DELETE.${stream}`);
  const log = await JetStreamEventLog.open({ connection, stream });
  return openLogFixture(log, () => connection.close());
});
