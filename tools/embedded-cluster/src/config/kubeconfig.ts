/** The kubeconfig of a process's clusters: one context per cluster, named like it. Ports and tokens outlive the process in it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

export interface ClusterAccess {
  name: string;
  url: string;
  token: string;
  /** PEM of the certificate to trust. */
  certificate: string;
}

export function kubeconfigText(clusters: readonly ClusterAccess[]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name ?? '',
    clusters: clusters.map(({ name, url, certificate }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': Buffer.from(certificate).toString('base64') },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: name, namespace: 'default' } })),
  });
}

/** Readable by its owner only, and never half written. */
export function writeKubeconfig(path: string, clusters: readonly ClusterAccess[]): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, kubeconfigText(clusters), { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

const shape = z.object({
  clusters: z.array(z.object({ name: z.string(), cluster: z.object({ server: z.string() }) })),
  users: z.array(z.object({ name: z.string(), user: z.object({ token: z.string().optional() }) })),
});

/**
 * Port and token by cluster from an earlier run. Empty when there is no file, or it is none of ours.
 * A file that cannot be read for another reason than being absent throws.
 */
export function readAccess(path: string): Map<string, { port: number; token: string }> {
  const text = readIfThere(path);
  const parsed = text === undefined ? undefined : shape.safeParse(parse(text)).data;
  const access = new Map<string, { port: number; token: string }>();
  for (const { name, cluster } of parsed?.clusters ?? []) {
    const token = parsed?.users.find((user) => user.name === name)?.user.token;
    const port = Number(/^https:\/\/127\.0\.0\.1:(\d+)$/.exec(cluster.server)?.[1]);
    if (token !== undefined && port > 0) access.set(name, { port, token });
  }
  return access;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
