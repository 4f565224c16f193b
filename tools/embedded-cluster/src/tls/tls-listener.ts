/**
 * HTTPS for all clusters of a process: one TLS server, whose connections come from as many plain ports as there are clusters.
 * A cluster's port costs a socket, not a TLS context.
 */
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerIdentity } from './self-signed.js';

export interface ConnectionHandler {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export class TlsListener {
  readonly certificate: string;
  readonly #server: HttpsServer;
  readonly #handlers = new Map<number, ConnectionHandler>();

  constructor({ certificate, privateKey }: ServerIdentity) {
    this.certificate = certificate;
    this.#server = createHttpsServer({ cert: certificate, key: privateKey }, (request, response) => {
      const handler = this.#handlers.get(request.socket.localPort ?? 0);
      if (handler === undefined) request.socket.destroy();
      else handler.request(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const handler = this.#handlers.get(request.socket.localPort ?? 0);
      if (handler === undefined) socket.destroy();
      else handler.upgrade(request, socket, head);
    });
    // A client that speaks no TLS, or does not trust us: its affair.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
    // kubectl and agents keep connections; node's five seconds would cut them between two requests.
    this.#server.keepAliveTimeout = 120_000;
  }

  /** Requests that come in at this port are this handler's. */
  register(port: number, handler: ConnectionHandler): void {
    this.#handlers.set(port, handler);
  }

  unregister(port: number): void {
    this.#handlers.delete(port);
  }

  /** Takes a fresh TCP connection. */
  accept(socket: Duplex): void {
    this.#server.emit('connection', socket);
  }

  close(): void {
    this.#server.close();
  }
}
