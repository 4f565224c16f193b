/** One kubeconfig from several that each have one cluster; contexts get the names that they are given here. Pure. */
import { parse, stringify } from 'yaml';

interface Config {
  clusters?: { cluster: unknown }[];
  users?: { user: unknown }[];
}

/** @throws Error for a part without cluster and user */
export function mergedKubeconfig(parts: readonly { name: string; kubeconfig: string }[]): string {
  const read = parts.map(({ name, kubeconfig }) => {
    const config = parse(kubeconfig) as Config | null;
    const [cluster] = config?.clusters ?? [];
    const [user] = config?.users ?? [];
    if (cluster === undefined || user === undefined)
      throw new Error(`the kubeconfig of ${name} has no cluster or no user`);
    return { name, cluster: cluster.cluster, user: user.user };
  });
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': read[0]?.name ?? '',
    clusters: read.map(({ name, cluster }) => ({ name, cluster })),
    users: read.map(({ name, user }) => ({ name, user })),
    contexts: read.map(({ name }) => ({ name, context: { cluster: name, user: name, namespace: 'default' } })),
  });
}
