/** The HTTP server: Nest on Fastify, with the front before it; and where there is a certificate, the same over HTTPS on a port of its own. */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type Server as HttpsServer, createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DEFAULT_LIMITS, StatusError, assertNesting } from '@skyflow/apimachinery';
import { sendStatus } from './send-status.js';
import { type FrontOptions, type RequestHandler, front, upgradeFront } from './front.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpsOptions } from './tls-files.js';
import { StatusFilter } from './status-filter.js';
import { queryPipe } from './query-pipe.js';
import { traced } from './traced.js';

export interface HttpServerOptions {
  module: DynamicModule;
  /** Of the application, once all its modules are built. */
  front: (application: NestFastifyApplication) => FrontOptions;
  host: string;
  port: number;
  https?: HttpsOptions;
  logger: LoggerService;
  onError: (error: unknown, about: object) => void;
}

export interface RunningHttpServer {
  port: number;
  httpsPort?: number;
  application: NestFastifyApplication;
  /** New connections are served with this certificate, key and authorities. */
  serveWith(https: HttpsOptions): void;
  /** Takes no new connections, lets requests under way finish within `withinMs`, then cuts. */
  close(withinMs: number): Promise<void>;
}

/** Of a part of a path: names have up to 253 characters, each of which may be escaped. */
const LONGEST_NAME = 3 * 253;
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** Clients keep connections for their next request; longer than any client's own limit that we know. */
const KEEP_ALIVE_MS = 75_000;
/** A client that sends its request slower than this is cut off: it holds a connection and memory. */
const TIMES = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 15_000, requestTimeout: 60_000 };

export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const ref: { nest?: RequestHandler; server?: Server | HttpsServer; secure?: HttpsServer } = {};
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: LONGEST_NAME },
    // Before there is a route, Nest and its filter are not asked.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const text = `${request.raw.url ?? '/'} is not a valid path: ${error.message.replace(/^.*' is /, 'it is ')}`;
      sendStatus(reply.raw, new StatusError(400, 'BadRequest', text), !request.raw.complete);
    },
    // Listened to when all modules are built.
    serverFactory: (handler: RequestHandler) => {
      ref.nest = handler;
      const { https } = options;
      const secure = https && secureServer(https);
      if (secure !== undefined && https?.port === undefined) return (ref.server = secure);
      if (secure !== undefined) ref.secure = secure;
      return (ref.server = createServer(TIMES));
    },
  });
  const application = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: options.logger,
    abortOnError: false,
  });
  application.useGlobalFilters(new StatusFilter(options.onError));
  application.useGlobalPipes(queryPipe());
  adapter.getInstance().addHook('preValidation', (request, _reply, done) => {
    assertNesting(request.body, DEFAULT_LIMITS);
    done();
  });
  await application.init();
  const server = ref.server as Server | HttpsServer;
  const { secure } = ref;
  const parts = options.front(application);
  const serve = traced(front(parts, ref.nest as RequestHandler));
  for (const each of [server, secure]) each?.on('request', serve).on('upgrade', upgradeFront(parts));
  await application.listen(options.port, options.host);
  if (secure !== undefined && options.https?.port !== undefined) {
    secure.listen(options.https.port, options.host);
    await once(secure, 'listening');
  }
  return {
    port: (server.address() as AddressInfo).port,
    ...(secure === undefined ? {} : { httpsPort: (secure.address() as AddressInfo).port }),
    application,
    serveWith: (https) => (secure ?? (server as HttpsServer)).setSecureContext(secureContext(https)),
    close: async (withinMs) => {
      const closed = secure && once(secure.close(), 'close');
      server.closeIdleConnections();
      const cut = setTimeout(() => {
        server.closeAllConnections();
        secure?.closeAllConnections();
      }, withinMs);
      await application.close();
      await closed;
      clearTimeout(cut);
    },
  };
}

const secureContext = ({ cert, key, clientCa }: HttpsOptions): SecureContextOptions => ({
  ...{ cert, key, minVersion: 'TLSv1.2' },
  ...(clientCa === undefined ? {} : { ca: clientCa }),
});

function secureServer(https: HttpsOptions): HttpsServer {
  // Whoever shows no certificate may still show a token.
  const clients = https.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false };
  const server = createHttpsServer({ ...secureContext(https), ...clients, ...TIMES });
  // A client that speaks no TLS, or does not trust us: its affair.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}
