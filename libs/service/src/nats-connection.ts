/** The connection to NATS: waits for the server at start, reconnects for ever, says what happens. */
import { readFileSync } from 'node:fs';
import {
  AuthorizationError,
  type Authenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  connect,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { inboxPrefix } from '@skyflow/contracts';
import type { Logger } from './logger.js';

export interface NatsOptions {
  /** One server, or the nodes of a cluster with commas between. */
  url: string;
  token?: string | undefined;
  /** File with the seed of an nkey. It is read at every connect, so that a key is replaced without a restart. */
  keyFile?: string | undefined;
  /** Authority (PEM file) of the server's certificate; absent: no TLS. */
  caFile?: string | undefined;
  /** Service whose inboxes are used, see `inboxPrefix`; absent: any. */
  service?: string;
  /** Shown by the server in its connection list. */
  name: string;
  logger: Logger;
  /** How often it is told that nobody has let us in yet. Default 10 s. */
  tellEveryMs?: number;
}

const TELL_MS = 10_000;

/**
 * Resolves when connected for the first time, however long that takes. A lost connection is re-made without limit, and so is one that was
 * refused: the key may be let in, or replaced, in a moment.
 */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { url, logger } = options;
  const common = connectionOptions(options);
  const waiting = setInterval(() => {
    void whyNotLetIn(common).then((why) => {
      if (why !== undefined)
        logger.warn({ servers: serverNames(url), why }, 'no nats-server lets this process in; trying on');
    });
  }, options.tellEveryMs ?? TELL_MS);
  const connection = await connect({
    ...common,
    waitOnFirstConnect: true,
    ignoreAuthErrorAbort: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 200,
    // A dead peer (SIGSTOP, cut cable) is noticed after two missed pings, in 2 to 3 s: sooner than a lease ends.
    pingInterval: 1_000,
    maxPingOut: 2,
    // A stack taken for each request in case it fails is dear, and says little: our own errors name the subject.
    noAsyncTraces: true,
  }).finally(() => clearInterval(waiting));
  void report(connection, options.logger);
  return connection;
}

function connectionOptions({ url, token, keyFile, caFile, service, name, logger }: NatsOptions): NodeConnectionOptions {
  const servers = url.split(',').map((each) => each.trim());
  return {
    servers,
    ...(token === undefined ? {} : { token }),
    ...(keyFile === undefined ? {} : { authenticator: keyInFile(keyFile, logger) }),
    ...(caFile === undefined ? {} : { tls: { caFile } }),
    ...(service === undefined ? {} : { inboxPrefix: inboxPrefix(service) }),
    name,
    // A connection that was begun while the server read its configuration, or is stopped, may get no answer: another server may give one.
    timeout: servers.length > 1 ? 2_000 : 5_000,
  };
}

/**
 * Tries once, as the client that tries for ever keeps to itself why it is not let in: a certificate that names another host, or a name that
 * nobody knows, looks like a server that is away. Undefined: it is let in.
 */
async function whyNotLetIn(common: NodeConnectionOptions): Promise<string | undefined> {
  try {
    await (await connect({ ...common, reconnect: false })).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** For people: hosts and ports, without what may be secret in an address. */
export const serverNames = (url: string): string =>
  url
    .split(',')
    .map((each) => (URL.canParse(each.trim()) ? new URL(each.trim()).host : each.trim()))
    .join(', ');

/** Signs the server's challenge with what is in the file just then. */
function keyInFile(path: string, logger: Logger): Authenticator {
  return (nonce) => {
    try {
      return nkeyAuthenticator(Buffer.from(readFileSync(path, 'utf8').trim()))(nonce);
    } catch (error) {
      // Without a signature the server refuses, and it is tried again.
      logger.warn({ path, err: error }, 'the key for NATS cannot be read');
      return undefined;
    }
  };
}

async function report(connection: NatsConnection, logger: Logger): Promise<void> {
  let refused = false;
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'forceReconnect':
        // Only the log leaves a node (event-log, deaf-node.ts).
        logger.warn(
          { server: connection.getServer() },
          'this node of NATS has no answer about the log; going to another',
        );
        break;
      case 'disconnect':
        if (!refused) logger.warn({ server: status.server }, 'NATS connection lost; reconnecting');
        break;
      case 'reconnect':
        refused = false;
        logger.info({ server: status.server }, 'NATS connection is back');
        break;
      case 'error':
        // It is refused again and again until its key is let in: said once.
        if (status.error instanceof AuthorizationError) {
          if (!refused) logger.warn({ err: status.error }, 'NATS does not let this key in; trying on');
          refused = true;
        } else logger.warn({ err: status.error }, 'NATS reported an error');
        break;
      default:
        break;
    }
  }
}
