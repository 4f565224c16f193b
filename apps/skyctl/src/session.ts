/** What a command works with: terminal, flags, connection and gateway, each made when it is first asked for. */
import { Flags } from './cli/flags.js';
import { configPath } from './config/config-file.js';
import { resolveConnection, resolveNamespace } from './config/connection.js';
import type { Connection } from './config/connection.js';
import { GatewayClient } from './gateway/gateway-client.js';
import { pastTime } from './gateway/past-time.js';
import type { Terminal } from './output/terminal.js';

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

export class Session {
  #connection: Promise<Connection> | undefined;
  #gateway: Promise<GatewayClient> | undefined;

  /** Of the trace that the command is; undefined: it is none. */
  traceparent: string | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly env: NodeJS.ProcessEnv,
    readonly version: string,
    readonly flags: Flags = new Flags(new Map()),
  ) {}

  with(flags: Flags): Session {
    const session = new Session(this.terminal, this.env, this.version, flags);
    session.traceparent = this.traceparent;
    return session;
  }

  get debug(): boolean {
    return (this.env.SKYCTL_DEBUG ?? '') !== '';
  }

  connection(): Promise<Connection> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<Connection> {
    const connection = await resolveConnection(this.flags, this.env);
    if (connection.stale === undefined) return connection;
    const { refreshed } = await import('./gateway/refreshed.js');
    return await refreshed(connection, connection.stale, configPath(this.env));
  }

  gateway(): Promise<GatewayClient> {
    this.#gateway ??= this.connection().then(
      (connection) =>
        new GatewayClient(connection, {
          userAgent: `skyctl/${this.version}`,
          timeoutMs: this.flags.durationMs('request-timeout') ?? DEFAULT_REQUEST_TIMEOUT_MS,
          traceparent: this.traceparent,
          warn: (text) => this.terminal.note(`warning: ${text}`),
          ...(this.flags.has('at') ? { at: pastTime(this.flags.text('at') ?? '', Date.now()) } : {}),
          ...(this.debug ? { trace: (text: string) => this.terminal.note(text) } : {}),
        }),
    );
    return this.#gateway;
  }

  /** The namespace that the command works in. */
  async namespace(): Promise<string> {
    return this.flags.text('namespace') ?? (await resolveNamespace(this.flags, this.env));
  }

  /** For people, on stderr, unless --quiet. */
  remark(text: string): void {
    if (!this.flags.on('quiet')) this.terminal.note(text);
  }

  /** Says on stderr that a connection was lost, or is there again. */
  noteConnection(error: Error | undefined): void {
    this.terminal.note(error === undefined ? 'connected again' : 'the connection to the server broke; trying again');
  }
}
