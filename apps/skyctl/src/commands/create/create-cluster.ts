/** `skyctl create cluster --manager k8 CONTEXT`. */
import { resolve } from 'node:path';
import { clusterFromFlags } from '@skyflow/domain';
import type { CommandHandler } from '../../cli/command-spec.js';
import { CLUSTER } from '../../gateway/kinds.js';
import { objectOf } from './flag-problems.js';
import { submit } from './submit.js';

export const createCluster: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const [context = ''] = args;
  const name = flags.text('name');
  const manager = flags.text('manager');
  const kubeconfig = flags.text('kubeconfig');
  const given = (flag: 'provider' | 'region' | 'zone'): Partial<Record<typeof flag, string>> => {
    const value = flags.text(flag);
    return value === undefined ? {} : { [flag]: value };
  };
  const cluster = objectOf(
    clusterFromFlags({
      context,
      labels: flags.pairs('labels'),
      taints: flags.list('taints'),
      prices: flags.pairs('prices'),
      ...given('provider'),
      ...given('region'),
      ...given('zone'),
      ...(name === undefined ? {} : { name }),
      ...(manager === undefined ? {} : { manager }),
      ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }),
    }),
  );
  const renamed = cluster.metadata.name === context ? '' : ` for the context ${context}`;
  return await submit(session, call, CLUSTER, cluster, renamed);
};
