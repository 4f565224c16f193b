/**
 * /livez, /readyz and /metrics of a service, on loopback unless SKYFLOW_HEALTH_HOST says otherwise.
 *
 * Live means that the event loop answers: it says nothing of NATS, so that a restart is never tried against an outage
 * elsewhere. Ready means that every check passes; a failing check is named with its reason.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';

/** Undefined: fine. Text: why not, for people. */
export type ReadinessCheck = () => string | undefined;

export class HealthServer {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly details = new Map<string, () => unknown>();
  private readonly server = createServer((request, response) => this.answer(request, response));

  constructor(private readonly metrics: Metrics) {}

  /** Adds a part that must be fine for the service to be ready. */
  check(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Adds what /readyz tells besides, for people (JSON). */
  tell(name: string, value: () => unknown): void {
    this.details.set(name, value);
  }

  /** What is not ready, by part; empty: ready. */
  failures(): Record<string, string> {
    const failed: Record<string, string> = {};
    for (const [name, check] of this.checks) {
      const reason = check();
      if (reason !== undefined) failed[name] = reason;
    }
    return failed;
  }

  /** Resolves with the port once listening. */
  listen(port: number, host = '127.0.0.1'): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?', 1)[0];
    switch (path) {
      case '/livez':
        send(response, 200, { status: 'ok' });
        return;
      case '/readyz': {
        const failed = this.failures();
        const ready = Object.keys(failed).length === 0;
        const details = Object.fromEntries([...this.details].map(([name, value]) => [name, value()]));
        send(response, ready ? 200 : 503, { status: ready ? 'ok' : 'not ready', failed, ...details });
        return;
      }
      case '/metrics':
        this.metrics.serve(request, response);
        return;
      default:
        send(response, 404, { status: 'no such page', pages: ['/livez', '/readyz', '/metrics'] });
    }
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
