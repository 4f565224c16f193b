/** `skyctl cluster scale|upgrade|pause|resume`: what a cluster that SkyFlow built is to be from now on. */
import { counted } from '@skyflow/domain';
import { usageError } from '../../../cli/cli-error.js';
import type { CommandHandler } from '../../../cli/command-spec.js';
import { EXIT } from '../../../cli/exit-codes.js';
import { CLUSTER, qualifiedName } from '../../../gateway/kinds.js';
import { readHosts } from '../../create/hosts-file.js';
import { patchSpec } from '../clusters.js';
import { type BuiltCluster, askOf, builtCluster } from './built-cluster.js';

export const scaleCluster: CommandHandler = async (session, { args, flags }) => {
  const [name = ''] = args;
  const { provision, status } = await builtCluster(await session.gateway(), name);
  const nodes = flags.wholeNumber('num-nodes', 1);
  const file = flags.text('hosts');
  if (provision.cloud !== undefined) {
    if (nodes === undefined) throw usageError(`cluster ${name} has rented machines: say how many`, '--num-nodes 5');
    if (file !== undefined) throw usageError(`--hosts: cluster ${name} has rented machines`, '--num-nodes 5');
    checkControlPlanes(name, nodes, status);
    return askOf(session, flags, {
      name,
      change: { cloud: { nodes } },
      words: `is being scaled to ${counted(nodes, 'node')}`,
      isDone: ({ status: now }) => working(now).length === nodes,
    });
  }
  if (file === undefined || nodes !== undefined) {
    throw usageError(`cluster ${name} is built on hosts of yours: say which they are`, '--hosts FILE');
  }
  const hosts = await hostsOf(file);
  return askOf(session, flags, {
    name,
    change: { hosts },
    words: `is being changed to ${counted(hosts.length, 'host')}`,
    isDone: ({ status: now }) => isSame(working(now), hosts.map(addressOf)),
  });
};

/** They stay: what asks for fewer machines than there are of them would never be done. */
function checkControlPlanes(name: string, nodes: number, status: BuiltCluster['status']): void {
  const servers = (status?.machines ?? []).filter(({ roles }) => roles.includes('etcd')).length;
  if (nodes >= servers) return;
  const rule = `cluster ${name} has ${counted(servers, 'control plane')}, which ${servers === 1 ? 'stays' : 'stay'}`;
  throw usageError(
    `--num-nodes "${String(nodes)}": must be at least ${String(servers)}: ${rule}`,
    'for a smaller one make another cluster, and delete this one',
  );
}

/** Addresses of the machines that are part of the cluster. */
const working = (status: BuiltCluster['status']): string[] =>
  (status?.machines ?? []).filter(({ phase }) => phase === 'Prepared').map(({ address = '' }) => address);

function addressOf(host: unknown): string {
  const { address } = (host ?? {}) as { address?: unknown };
  return typeof address === 'string' ? address : '';
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

async function hostsOf(file: string): Promise<unknown[]> {
  const document = await readHosts(file);
  const hosts = Array.isArray(document) ? (document as unknown[]) : (document as { hosts?: unknown }).hosts;
  if (Array.isArray(hosts)) return hosts as unknown[];
  throw usageError(`--hosts ${file}: has no list hosts`, 'as in skyctl create cluster --hosts');
}

export const upgradeCluster: CommandHandler = async (session, { args, flags }) => {
  const [name = ''] = args;
  const kubernetesVersion = flags.text('kubernetes-version');
  if (kubernetesVersion === undefined) {
    throw usageError('say to which version', '--kubernetes-version VERSION, as the driver names it');
  }
  const { provision, status } = await builtCluster(await session.gateway(), name);
  if (provision.kubernetesVersion === kubernetesVersion && status?.failure === undefined) {
    session.terminal.line(`${qualifiedName(CLUSTER)}/${name} is to have ${kubernetesVersion} already`);
    return EXIT.ok;
  }
  const before = status?.attempts.at(-1)?.run ?? 0;
  return askOf(session, flags, {
    name,
    change: { kubernetesVersion },
    words: `is being upgraded to ${kubernetesVersion}`,
    isDone: ({ status: now }) => (now?.attempts.at(-1)?.run ?? 0) > before,
  });
};

export const pauseCluster: CommandHandler = (session, { args }) => setPaused(session, args, true);
export const resumeCluster: CommandHandler = (session, { args }) => setPaused(session, args, false);

async function setPaused(
  session: Parameters<CommandHandler>[0],
  args: readonly string[],
  paused: boolean,
): Promise<number> {
  const gateway = await session.gateway();
  const [name = ''] = args;
  await builtCluster(gateway, name);
  await patchSpec(gateway, name, { provision: { paused } });
  const words = paused ? 'paused: nothing new is begun on it, deletion included' : 'resumed';
  session.terminal.line(`${qualifiedName(CLUSTER)}/${name} ${words}`);
  return EXIT.ok;
}
