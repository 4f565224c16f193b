/**
 * The port of one cluster: hands requests to its API server, after the faults that are switched on. A front that refuses
 * connections really has its port closed, and takes the same port again afterwards.
 */
import type { ApiServer } from '@skyflow/apimachinery';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Faults } from '../control/faults.js';
import type { TlsListener } from '../tls/tls-listener.js';
import type { DelayQueue } from './delay-queue.js';

export class HttpFront {
  readonly #api: ApiServer;
  readonly #tls: TlsListener;
  readonly #delays: DelayQueue;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<ServerResponse>();
  #server: Server | undefined;
  #port = 0;
  #faults: Faults = {};

  constructor(api: ApiServer, tls: TlsListener, delays: DelayQueue) {
    this.#api = api;
    this.#tls = tls;
    this.#delays = delays;
  }

  /** 0 until it listens. */
  get port(): number {
    return this.#port;
  }

  /**
   * @param preferred taken instead of a free port when `port` is 0 and it is not in use.
   * @throws Error when the port is taken.
   */
  async listen(port: number, preferred?: number): Promise<void> {
    if (port !== 0 || preferred === undefined) {
      await this.#listenAt(port);
      return;
    }
    try {
      await this.#listenAt(preferred);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await this.#listenAt(0);
    }
  }

  async #listenAt(port: number): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#tls.accept(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#tls.register(this.#port, {
      request: (request, response) => this.#serve(request, response),
      upgrade: (request, socket, head) => this.#serveUpgrade(request, socket, head),
    });
  }

  async setFaults(faults: Faults): Promise<void> {
    const { unreachable } = this.#faults;
    const refused = unreachable === 'refuse';
    this.#faults = faults;
    // Also what hangs: it would never be answered.
    if (faults.unreachable !== undefined || unreachable !== undefined) this.#cutAll();
    if (faults.watchMaxMs !== undefined) for (const response of this.#watches) response.destroy();
    if (faults.unreachable === 'refuse' && !refused) await this.#close();
    if (faults.unreachable !== 'refuse' && refused) await this.#listenAt(this.#port);
  }

  async close(): Promise<void> {
    this.#cutAll();
    await this.#close();
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#tls.unregister(this.#port);
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { unreachable, slowMs, error, watchMaxMs } = this.#faults;
    if (unreachable === 'hang') return;
    if (unreachable !== undefined) {
      request.socket.destroy();
      return;
    }
    if (isWatch(request.url)) {
      this.#watches.add(response);
      response.once('close', () => this.#watches.delete(response));
      if (watchMaxMs !== undefined) this.#delays.at(Date.now() + watchMaxMs, () => response.destroy());
    }
    const answer = (): void => {
      if (error !== undefined && Math.random() < error.rate) refuse(request, response, error.status);
      else void this.#api.handle(request, response);
    };
    if (slowMs === undefined) answer();
    else this.#delays.at(Date.now() + slowMs, answer);
  }

  #serveUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { unreachable } = this.#faults;
    if (unreachable === 'hang') return;
    if (unreachable !== undefined) socket.destroy();
    else void this.#api.handleUpgrade(request, socket, head);
  }
}

const isWatch = (url = ''): boolean => /[?&]watch=(true|1)(&|$)/.test(url);

function refuse(request: IncomingMessage, response: ServerResponse, code: number): void {
  request.resume();
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `embedded cluster: fault switched on, every such request is answered ${code}`,
    reason: code === 429 ? 'TooManyRequests' : code >= 500 ? 'ServiceUnavailable' : 'BadRequest',
    code,
  });
  response.writeHead(code, { 'content-type': 'application/json' }).end(body);
}
