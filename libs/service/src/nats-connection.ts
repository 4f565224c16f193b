/** The connection to NATS: waits for the server at start, reconnects for ever, says what happens. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from './logger.js';

export interface NatsOptions {
  url: string;
  token?: string | undefined;
  /** Shown by the server in its connection list. */
  name: string;
  logger: Logger;
}

/** Resolves when connected for the first time, however long that takes. A lost connection is re-made without limit. */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const connection = await connect({
    servers: options.url,
    ...(options.token === undefined ? {} : { token: options.token }),
    name: options.name,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 200,
    // A dead peer (SIGSTOP, cut cable) is noticed after two missed pings.
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  void report(connection, options.logger);
  return connection;
}

async function report(connection: NatsConnection, logger: Logger): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
        logger.warn({ server: status.server }, 'NATS connection lost; reconnecting');
        break;
      case 'reconnect':
        logger.info({ server: status.server }, 'NATS connection is back');
        break;
      case 'error':
        logger.warn({ err: status.error }, 'NATS reported an error');
        break;
      default:
        break;
    }
  }
}
