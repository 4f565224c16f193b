/** `skyctl cluster repair|rotate-certificates|snapshot|restore`: what is done once each time it is asked for. */
import type { ProvisionRequests } from '@skyflow/contracts';
import { CliError, usageError } from '../../../cli/cli-error.js';
import type { CommandHandler } from '../../../cli/command-spec.js';
import { EXIT } from '../../../cli/exit-codes.js';
import { isConfirmed } from '../move-preview.js';
import { notDone } from '../drain.js';
import { type BuiltCluster, askOf, builtCluster } from './built-cluster.js';

export const repair: CommandHandler = (session, { args, flags }) =>
  request('repair', () => 'is being repaired', session, args, flags);

export const rotateCertificates: CommandHandler = (session, { args, flags }) =>
  request('rotateCertificates', () => 'gets new certificates', session, args, flags);

export const snapshot: CommandHandler = (session, { args, flags }) =>
  request('etcdSnapshotCreate', (generation) => `snapshot-${String(generation)} is being taken`, session, args, flags);

export const restore: CommandHandler = async (session, { args, flags }) => {
  const [name = '', wanted = ''] = args;
  const gateway = await session.gateway();
  const built = await builtCluster(gateway, name);
  const { snapshots = [] } = built.status ?? {};
  const found = snapshots.find((each) => each.name === wanted);
  if (found === undefined) {
    throw new CliError({
      code: EXIT.notFound,
      summary: `cluster ${name} has no snapshot ${wanted}`,
      hint:
        snapshots.length === 0
          ? `none was taken by SkyFlow: skyctl cluster snapshot ${name}`
          : `there are ${snapshots.map((each) => `${each.name} (${each.at})`).join(', ')}`,
    });
  }
  const what = `put cluster ${name} back to ${found.name} of ${found.at}; all that was written to it since is lost`;
  if (!(await isConfirmed(session, flags, what))) return notDone(session);
  const generation = nextOf(built, 'etcdSnapshotRestore');
  return askOf(session, flags, {
    name,
    change: { etcdSnapshotRestore: { generation, name: wanted } },
    words: `goes back to ${wanted}`,
    isDone: ({ status }) => (status?.requests?.etcdSnapshotRestore ?? 0) >= generation,
  });
};

type Parameters_ = Parameters<CommandHandler>;

async function request(
  field: Exclude<keyof ProvisionRequests, 'etcdSnapshotRestore'>,
  words: (generation: number) => string,
  session: Parameters_[0],
  args: readonly string[],
  flags: Parameters_[1]['flags'],
): Promise<number> {
  const [name = ''] = args;
  const built = await builtCluster(await session.gateway(), name);
  if (built.status?.phase === 'FAILED')
    throw usageError(`cluster ${name} was never built`, `skyctl describe cluster ${name}`);
  const generation = nextOf(built, field);
  return askOf(session, flags, {
    name,
    change: { [field]: { generation } },
    words: words(generation),
    isDone: ({ status }) => (status?.requests?.[field] ?? 0) >= generation,
  });
}

/** One more than what was asked for, or done, before. */
const nextOf = ({ provision, status }: BuiltCluster, field: keyof ProvisionRequests): number =>
  Math.max(provision[field]?.generation ?? 0, status?.requests?.[field] ?? 0) + 1;
