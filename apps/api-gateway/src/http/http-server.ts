/** The HTTP server: Nest on Fastify, with the front before it. */
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FrontOptions, type RequestHandler, front } from './front.js';
import { StatusFilter } from './status-filter.js';
import { queryPipe } from './query-pipe.js';

export interface HttpServerOptions extends FrontOptions {
  module: DynamicModule;
  host: string;
  port: number;
  logger: LoggerService;
  onError: (error: unknown, about: object) => void;
}

export interface RunningHttpServer {
  port: number;
  application: NestFastifyApplication;
  /** Takes no new connections, lets requests under way finish within `withinMs`, then cuts. */
  close(withinMs: number): Promise<void>;
}

const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** Clients keep connections for their next request; longer than any client's own limit that we know. */
const KEEP_ALIVE_MS = 75_000;

export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const ref: { server?: Server } = {};
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handler: RequestHandler) => {
      const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, front(options, handler));
      ref.server = server;
      return server;
    },
  });
  const application = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: options.logger,
    abortOnError: false,
  });
  application.useGlobalFilters(new StatusFilter(options.onError));
  application.useGlobalPipes(queryPipe());
  await application.listen(options.port, options.host);
  const server = ref.server as Server;
  return {
    port: (server.address() as AddressInfo).port,
    application,
    close: async (withinMs) => {
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), withinMs);
      await application.close();
      clearTimeout(cut);
    },
  };
}
