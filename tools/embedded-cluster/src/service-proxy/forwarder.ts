/**
 * One listening port whose connections go to endpoints: each to one picked at random, as iptables' statistic rules pick, or to
 * the one that the client had before where the service asks for that. Half-closed connections stay half open; a reset
 * travels on as a reset; an endpoint that refuses resets the client, as no proxy in the kernel would try another.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { randomInt } from 'node:crypto';
import type { ProxyRule } from './proxy-rules.js';

interface Sticky {
  endpoint: string;
  lastMs: number;
}

export class Forwarder {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #sticky = new Map<string, Sticky>();
  #rule: ProxyRule;

  private constructor(rule: ProxyRule) {
    this.#rule = rule;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.#accept(client));
  }

  /** Resolves once it listens. @throws the error of listen(2), e.g. EADDRINUSE. */
  static async listen(rule: ProxyRule): Promise<Forwarder> {
    const forwarder = new Forwarder(rule);
    const server = forwarder.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: rule.address, port: rule.number }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return forwarder;
  }

  /** New connections go by this rule; the ones there are stay where they are. */
  update(rule: ProxyRule): void {
    this.#rule = rule;
  }

  /** Stops listening. Connections to endpoints that still answer go on until their ends close them, as conntrack keeps them. */
  retire(): void {
    this.#server.close();
  }

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    const endpoint = this.#pick(client.remoteAddress ?? '');
    if (endpoint === undefined) {
      client.resetAndDestroy();
      return;
    }
    const at = endpoint.lastIndexOf(':');
    const server = connect({
      host: endpoint.slice(0, at),
      port: Number(endpoint.slice(at + 1)),
      allowHalfOpen: true,
    });
    this.#keep(client, server);
    this.#keep(server, client);
    server.once('connect', () => {
      client.pipe(server);
      server.pipe(client);
    });
  }

  #keep(socket: Socket, other: Socket): void {
    this.#connections.add(socket);
    socket.setNoDelay(true);
    socket.once('error', () => {
      other.resetAndDestroy();
    });
    socket.once('close', () => {
      this.#connections.delete(socket);
      // A connection whose one end is gone has no use for the other; what was sent before is still delivered.
      if (!other.destroyed) other.destroySoon();
    });
  }

  #pick(client: string): string | undefined {
    const { endpoints, affinityMs } = this.#rule;
    if (endpoints.length === 0) return undefined;
    if (affinityMs === undefined) return endpoints[randomInt(endpoints.length)];
    const nowMs = performance.now();
    const known = this.#sticky.get(client);
    const stays = known !== undefined && nowMs - known.lastMs < affinityMs && endpoints.includes(known.endpoint);
    const endpoint = stays ? known.endpoint : endpoints[randomInt(endpoints.length)];
    if (endpoint !== undefined) this.#sticky.set(client, { endpoint, lastMs: nowMs });
    return endpoint;
  }
}
