/**
 * The nats-servers, each by a connection of its own in their own account, by which it is told to read its configuration
 * (`$SYS.REQ.SERVER.<id>.RELOAD`). A server that cannot be reached is told as soon as it is back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { NATS_KEEPER } from '@skyflow/domain';
import { readAnew } from '@skyflow/nats-server';
import { type Logger, connectNats } from '@skyflow/service';

export interface NodesOptions {
  /** Of each server. */
  urls: readonly string[];
  keyFile: string;
  caFile?: string | undefined;
  /** Unique per process. */
  instance: string;
  logger: Logger;
}

const ANSWER_MS = 5_000;
const POLL_MS = 200;

export class NatsNodes {
  private readonly connections = new Map<string, NatsConnection>();

  private constructor(private readonly options: NodesOptions) {}

  /** Returns at once; the servers may be away. */
  static connect(options: NodesOptions): NatsNodes {
    const nodes = new NatsNodes(options);
    for (const url of options.urls) void nodes.follow(url);
    return nodes;
  }

  /** Servers that are not reached just now. */
  get missing(): string[] {
    return this.options.urls.filter((url) => !this.connections.has(url));
  }

  /** Resolves when every server is reached. @throws the signal's reason */
  async whenComplete(signal: AbortSignal): Promise<void> {
    while (this.missing.length > 0) await pause(POLL_MS, undefined, { signal });
  }

  /**
   * Resolves when every server that is connected has read its configuration; one that is lost meanwhile is told when it is back.
   * @throws Error when one does not take it, and goes on with what it has.
   */
  async readAnew(hasNewAccounts: boolean): Promise<void> {
    await Promise.all([...this.connections].map(([url, connection]) => this.tell(url, connection, hasNewAccounts)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => connection.close()));
  }

  private async follow(url: string): Promise<void> {
    const { keyFile, caFile, instance, logger } = this.options;
    const name = `${NATS_KEEPER}/${instance}`;
    const connection = await connectNats({ url, keyFile, caFile, service: NATS_KEEPER, name, logger });
    this.connections.set(url, connection);
    await this.tellAfterAbsence(url, connection);
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.connections.delete(url);
      if (type !== 'reconnect') continue;
      this.connections.set(url, connection);
      void this.tellAfterAbsence(url, connection);
    }
  }

  /** What was written while it was away it may not have read. */
  private async tellAfterAbsence(url: string, connection: NatsConnection): Promise<void> {
    try {
      await this.tell(url, connection, true);
    } catch (error) {
      this.options.logger.error({ url, err: error }, 'nats-server goes on with the configuration that it has');
    }
  }

  private async tell(url: string, connection: NatsConnection, hasNewAccounts: boolean): Promise<void> {
    let last = Promise.resolve();
    await readAnew(() => {
      last.catch(() => undefined); // the second answer is that of the first
      last = this.ask(url, connection);
    }, hasNewAccounts);
    await last;
  }

  /** Asks until there is an answer, or the connection is lost: then it is told anew when it is back. */
  private async ask(url: string, connection: NatsConnection): Promise<void> {
    let answer: Msg | undefined;
    while (answer === undefined && this.connections.get(url) === connection) {
      const subject = `$SYS.REQ.SERVER.${connection.info?.server_id ?? ''}.RELOAD`;
      answer = await connection.request(subject, '', { timeout: ANSWER_MS }).catch((error: unknown) => {
        if (!connection.isClosed())
          this.options.logger.warn({ url, err: error }, 'nats-server does not answer; asking again');
        return undefined;
      });
    }
    const { error } = answer?.json<{ error?: { description?: string } }>() ?? {};
    if (error !== undefined) {
      throw new Error(`${url} does not take its configuration: ${error.description ?? 'it does not say why'}`);
    }
  }
}
