/** `skyctl logs`: the bytes as the gateway sends them, as fast as the reader of our output takes them. */
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { DEPLOYMENT, JOB, POD, isWorkload, objectPath } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { singleTarget } from '../../gateway/targets.js';
import type { OutputStream } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { copyLog } from './copy-log.js';
import type { LogQuery } from './follow-log.js';
import { limited } from './limited.js';
import { podLogs } from './pod-logs.js';

export const logs: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  if (flags.has('all-containers') && flags.has('container'))
    throw usageError('-c and --all-containers exclude each other');
  if (flags.has('at') && flags.on('follow'))
    throw usageError('--at and -f contradict each other', 'the past does not go on; leave one of them out');
  const sink = limited(session.terminal.stdout, flags.wholeNumber('limit-bytes', 1));
  const selector = flags.text('selector');
  if (selector !== undefined) {
    if (args.length > 0) throw usageError('give either a name or -l');
    return await podLogs(session, flags, selector, queryOf(flags, POD), sink);
  }
  const bare = args.length === 1 && !(args[0] ?? '').includes('/');
  const { kind, name } = await singleTarget(args, gateway, JOB);
  const namespace = await session.namespace();
  const query = queryOf(flags, kind);
  try {
    await copyLog(session, gateway, objectPath(kind, namespace, name), query, sink);
  } catch (error) {
    if (!bare || !(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
    await copyDeploymentLog(session, gateway, namespace, name, query, error, sink);
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
  sink: OutputStream,
): Promise<void> {
  try {
    await copyLog(session, gateway, objectPath(DEPLOYMENT, namespace, name), query, sink);
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
