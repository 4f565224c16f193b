import { afterAll, beforeAll } from '@jest/globals';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describeEventLog } from '../event-log.contract.js';
import { JetStreamEventLog } from './jetstream-event-log.js';

let nats: NatsFixture;
let connection: NatsConnection;

beforeAll(async () => {
  nats = await startNatsFixture();
  connection = await connect({ servers: nats.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
});

afterAll(async () => {
  await connection.close();
  await nats.stop();
});

describeEventLog('JetStreamEventLog', {
  async open() {
    await connection.request('$JS.API.STREAM.DELETE.SKYFLOW');
    return JetStreamEventLog.open({ connection });
  },
});
