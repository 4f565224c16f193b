/** The command line of `npm run up` and `npm run down`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface UpOptions {
  command: 'up';
  detach: boolean;
  /** Nothing is served without TLS. */
  tls: boolean;
  /** Not to start anything: the instance that runs is to give every service another key for NATS. */
  rotateKeys: boolean;
  httpPort: number | undefined;
  /** Real clusters instead of embedded ones: absolute path of the kubeconfig. */
  kubeconfig: string | undefined;
  /** Contexts of the kubeconfig; empty: all. */
  contexts: string[];
}

export interface DownOptions {
  command: 'down';
  purge: boolean;
  /** Purge though clusters that were built are still there: nobody knows of them afterwards. */
  abandon: boolean;
}

/** A wrong command line; the message says what is wrong and what is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage:
  npm run up                                    start SkyFlow with two embedded clusters; Ctrl-C stops it
  npm run up -- --detach                        the same in the background
  npm run up -- --port 50052                    API on another port
  npm run up -- --tls                           the API over TLS only, with an authority of its own
  npm run up -- --kubeconfig FILE [--context C]…  the clusters of a kubeconfig instead of embedded ones
  npm run up -- --rotate-keys                   another key for NATS for every service of the running instance
  npm run down                                  stop; data stays
  npm run down -- --purge                       stop and remove all data; refused while clusters that it built are there
  npm run down -- --purge --abandon-clusters    the same, and leave those clusters to you

Environment:
  SKYFLOW_HOME           where state lives (default ~/.skyflow); another home is another instance
  SKYFLOW_NATS_SERVER    path of a nats-server (2.10 or newer) to use
  SKYFLOW_CACHE          where downloaded or built programs are kept (default ~/.cache/skyflow)`;

/** `cwd` is what relative paths are relative to. @throws UsageError */
export function parseOptions(args: readonly string[], cwd: string): UpOptions | DownOptions | { command: 'help' } {
  const [command, ...rest] = args;
  if (command !== 'up' && command !== 'down')
    throw new UsageError(`"${command ?? ''}" is not a command: use up or down.\n\n${USAGE}`);
  const values = parse(rest, command);
  if (values.help === true) return { command: 'help' };
  if (command === 'down')
    return { command, purge: values.purge === true, abandon: values['abandon-clusters'] === true };
  if (values.context !== undefined && values.kubeconfig === undefined) {
    throw new UsageError('--context names a context of a kubeconfig: give --kubeconfig FILE too.');
  }
  return {
    command,
    detach: values.detach === true,
    tls: values.tls === true,
    rotateKeys: values['rotate-keys'] === true,
    httpPort: port(values.port),
    kubeconfig: values.kubeconfig === undefined ? undefined : resolve(cwd, values.kubeconfig),
    contexts: values.context ?? [],
  };
}

interface Values {
  help?: boolean | undefined;
  detach?: boolean | undefined;
  tls?: boolean | undefined;
  'rotate-keys'?: boolean | undefined;
  purge?: boolean | undefined;
  'abandon-clusters'?: boolean | undefined;
  port?: string | undefined;
  kubeconfig?: string | undefined;
  context?: string[] | undefined;
}

function parse(args: string[], command: 'up' | 'down'): Values {
  const help = { help: { type: 'boolean', short: 'h' } } as const;
  try {
    if (command === 'down') {
      const options = { ...help, purge: { type: 'boolean' }, 'abandon-clusters': { type: 'boolean' } } as const;
      return parseArgs({ args, options }).values;
    }
    const options = {
      ...help,
      detach: { type: 'boolean', short: 'd' },
      tls: { type: 'boolean' },
      'rotate-keys': { type: 'boolean' },
      port: { type: 'string' },
      kubeconfig: { type: 'string' },
      context: { type: 'string', multiple: true },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${USAGE}`, { cause: error });
  }
}

function port(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65535) {
    throw new UsageError(`--port ${text}: a port is a whole number from 1 to 65535.`);
  }
  return value;
}
