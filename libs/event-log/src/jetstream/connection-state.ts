/** Whether the NATS connection is up, and a signal for the moment it is lost: what waits for an answer then need not time out. */
import type { NatsConnection } from '@nats-io/transport-node';
import { LogUnavailableError } from '../event-log.js';

export class ConnectionState {
  #connected = true;
  #lost = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor(connection: NatsConnection) {
    void this.#watch(connection);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Aborts, with a LogUnavailableError, when the present connection is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Resolves at once when connected, else when it is again or the signal aborts. */
  whenConnected(signal: AbortSignal): Promise<void> {
    if (this.#connected || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const resume = (): void => {
        signal.removeEventListener('abort', resume);
        this.#waiting.delete(resume);
        resolve();
      };
      this.#waiting.add(resume);
      signal.addEventListener('abort', resume, { once: true });
    });
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#down('the connection to NATS was lost');
      else if (status.type === 'reconnect') this.#up();
    }
    this.#down('the connection to NATS is closed');
  }

  #down(reason: string): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#lost.abort(new LogUnavailableError(reason));
  }

  #up(): void {
    this.#connected = true;
    this.#lost = new AbortController();
    for (const resume of [...this.#waiting]) resume();
  }
}
