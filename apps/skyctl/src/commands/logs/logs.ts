/** `skyctl logs`: the bytes as the gateway sends them, as fast as the reader of our output takes them. */
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { DEPLOYMENT, JOB, isWorkload, objectPath } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { singleTarget } from '../../gateway/targets.js';
import type { Session } from '../../session.js';
import { followLog, type LogQuery, writeTo } from './follow-log.js';

export const logs: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const bare = args.length === 1 && !(args[0] ?? '').includes('/');
  const { kind, name } = await singleTarget(args, gateway, JOB);
  const namespace = await session.namespace();
  const query = queryOf(flags, kind);
  try {
    await copyLog(session, gateway, objectPath(kind, namespace, name), query);
  } catch (error) {
    if (!bare || !(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
    await copyDeploymentLog(session, gateway, namespace, name, query, error);
  }
  return EXIT.ok;
};

/** A bare name is a job's; if there is none, a deployment's. */
async function copyDeploymentLog(
  session: Session,
  gateway: GatewayClient,
  namespace: string,
  name: string,
  query: LogQuery,
  first: CliError,
): Promise<void> {
  try {
    await copyLog(session, gateway, objectPath(DEPLOYMENT, namespace, name), query);
  } catch (error) {
    throw error instanceof CliError && error.code === EXIT.notFound ? first : error;
  }
}

function queryOf(flags: Flags, kind: ResourceKind): LogQuery {
  const sinceMs = flags.durationMs('since');
  const on = (name: string): true | undefined => (flags.on(name) ? true : undefined);
  if (flags.has('since') && flags.has('since-time')) throw usageError('--since and --since-time exclude each other');
  return {
    follow: on('follow'),
    tailLines: flags.wholeNumber('tail'),
    sinceSeconds: sinceMs === undefined ? undefined : Math.max(1, Math.ceil(sinceMs / 1_000)),
    sinceTime: timeOf(flags.text('since-time')),
    timestamps: on('timestamps'),
    container: flags.text('container'),
    previous: on('previous'),
    ...(isWorkload(kind) ? { cluster: flags.text('cluster'), prefix: on('prefix') } : {}),
  };
}

function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)))
    return text;
  throw usageError(`--since-time ${text}: is not a time`, 'write 2026-11-24T10:00:00Z');
}

async function copyLog(session: Session, gateway: GatewayClient, object: string, query: LogQuery): Promise<void> {
  const path = `${object}/log`;
  const sink = session.terminal.stdout;
  if (query.follow === true) {
    await followLog(gateway, path, query, sink, (error) => session.noteConnection(error));
    return;
  }
  const stream = await gateway.stream({ path, query });
  try {
    for await (const chunk of stream) await writeTo(sink, chunk as Uint8Array);
  } catch (error) {
    throw new CliError({
      code: EXIT.unavailable,
      summary: 'the log broke off: the connection to the server was lost',
      hint: 'run it again; --since 1m shows only the newest',
      cause: error,
    });
  }
}
