/** `skyctl create cluster --manager k8 CONTEXT`, and `skyctl create cluster NAME --provision`. */
import { resolve } from 'node:path';
import type { Cluster } from '@skyflow/contracts';
import { type ClusterFlags, type ProvisionFlags, clusterFromFlags } from '@skyflow/domain';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import type { Flags } from '../../cli/flags.js';
import { CLUSTER } from '../../gateway/kinds.js';
import { showPlan } from './cluster-plan.js';
import { objectOf } from './flag-problems.js';
import { readHosts } from './hosts-file.js';
import { PROVISION_ONLY } from './provision-options.js';
import { submit } from './submit.js';

export const createCluster: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const [context = ''] = args;
  const kubeconfig = flags.text('kubeconfig');
  const cluster = objectOf(
    clusterFromFlags({
      context,
      labels: flags.pairs('labels'),
      taints: flags.list('taints'),
      prices: flags.pairs('prices'),
      ...given(flags, { provider: 'provider', region: 'region', zone: 'zone', name: 'name', manager: 'manager' }),
      ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }),
      ...(await provisionOf(flags)),
    }),
  );
  const isBuilt = cluster.spec.provision !== undefined;
  const isDry = ['client', 'server'].includes(flags.text('dry-run') ?? '');
  const note = isBuilt
    ? isDry
      ? warningOf(cluster)
      : `; ${whenOf(cluster)}${warningOf(cluster)}: skyctl get clusters, skyctl logs cluster ${cluster.metadata.name} -f`
    : cluster.metadata.name === context
      ? ''
      : ` for the context ${context}`;
  const isPlan = isBuilt && flags.text('dry-run') === 'server' && !flags.has('output');
  return isPlan ? await showPlan(session, cluster) : await submit(session, call, CLUSTER, cluster, note);
};

const whenOf = ({ spec }: Pick<Cluster, 'spec'>): string =>
  spec.provision?.cloud?.nodes === 0 ? 'it is built when work waits that it would admit' : 'it is being built';

/** Said when it is chosen. */
const warningOf = ({ spec }: Pick<Cluster, 'spec'>): string =>
  (spec.provision?.driver ?? 'rke') === 'rke' ? ' (RKE1 is past its end of life; --driver k3s and rke2 are not)' : '';

async function provisionOf(flags: Flags): Promise<Pick<ClusterFlags, 'provision'>> {
  if (!flags.on('provision')) {
    const stray = PROVISION_ONLY.find((name) => flags.has(name));
    if (stray === undefined) return {};
    throw usageError(`--${stray}: is about a cluster that SkyFlow builds`, 'add --provision');
  }
  const file = flags.text('hosts');
  if (file !== undefined && flags.has('host')) throw usageError('--host and --hosts exclude each other');
  if (flags.has('username') && !flags.has('host'))
    throw usageError('--username is of each --host', 'add --host ADDRESS');
  const provision: ProvisionFlags = {
    ...given(flags, {
      region: 'region',
      zone: 'zone',
      numNodes: 'num-nodes',
      minNodes: 'min-nodes',
      maxNodes: 'max-nodes',
      maxHourly: 'max-hourly',
      cpus: 'cpus',
      memory: 'memory',
      accelerators: 'accelerators',
      diskSize: 'disk-size',
      driver: 'driver',
      kubernetesVersion: 'kubernetes-version',
      podCidr: 'pod-cidr',
      serviceCidr: 'service-cidr',
    }),
    ...(flags.has('ssh-key') ? { sshKey: resolve(flags.text('ssh-key') ?? '') } : {}),
    ...(flags.has('cloud') ? { cloud: flags.list('cloud') } : {}),
    ...(flags.has('ports') ? { ports: flags.list('ports') } : {}),
    ...(flags.has('scale-down-after')
      ? { scaleDownAfter: Math.ceil((flags.durationMs('scale-down-after') ?? 0) / 1_000) }
      : {}),
    ...(flags.on('spot') ? { spot: true } : {}),
    ...(flags.on('retain') ? { retain: true } : {}),
    ...(file === undefined ? hostsNamed(flags) : { hosts: await readHosts(file) }),
  };
  return { provision };
}

/** As the seed system has them: addresses and who logs in, the first one with the control plane. */
function hostsNamed(flags: Flags): { hosts?: unknown } {
  const addresses = flags.list('host').flatMap((text) => text.split(','));
  if (addresses.length === 0) return {};
  const user = flags.text('username') ?? 'root';
  const hosts = addresses.map((address, index) => ({
    address,
    user,
    roles: index === 0 ? ['controlplane', 'etcd', 'worker'] : ['worker'],
  }));
  return { hosts: { hosts } };
}

/** Texts of the flags that were given, under other names. */
function given<N extends string>(flags: Flags, names: Record<N, string>): Partial<Record<N, string>> {
  const texts: Partial<Record<N, string>> = {};
  for (const [key, flag] of Object.entries(names) as [N, string][]) {
    const value = flags.text(flag);
    if (value !== undefined) texts[key] = value;
  }
  return texts;
}
