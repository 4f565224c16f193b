/** Where an agent keeps what it is let in with: in its folder, and, in a pod that loses its folder, in a Secret of its cluster. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inClusterConnection, KubeClient, type KubeObject, type KubeResource } from '@skyflow/kube-client';
import { z } from 'zod';

const credentialsSchema = z.object({
  cluster: z.string(),
  uid: z.string(),
  /** For the API. */
  token: z.string(),
  expiresAt: z.string(),
  renewAt: z.string(),
  /** Seed of the nkey: nobody else has it. */
  natsSeed: z.string(),
  natsUrl: z.string(),
  natsCertificateAuthority: z.string().optional(),
  /** Id of the join token that was used or refused last; absent: an earlier version did not remember it. */
  joinToken: z.string().optional(),
});
export type Credentials = z.infer<typeof credentialsSchema>;

export interface CredentialStore {
  /** Undefined: there are none yet. */
  load(): Promise<Credentials | undefined>;
  save(credentials: Credentials): Promise<void>;
}

/** Writes all or nothing, for the owner only. */
export async function writePrivate(directory: string, name: string, text: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  await writeFile(`${path}.tmp`, text, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
  return path;
}

export const CREDENTIALS_FILE = 'credentials.json';

export const fileStore = (directory: string): CredentialStore => ({
  async load() {
    try {
      return credentialsSchema.parse(JSON.parse(await readFile(join(directory, CREDENTIALS_FILE), 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`${join(directory, CREDENTIALS_FILE)} cannot be used: ${(error as Error).message}`, {
        cause: error,
      });
    }
  },
  async save(credentials) {
    await writePrivate(directory, CREDENTIALS_FILE, JSON.stringify(credentials));
  },
});

const SECRETS: KubeResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };

/** A Secret that is there already, empty at first: so the agent needs no right but to read and change this one. From inside a pod. */
export const secretStore = (namespace: string, name: string): CredentialStore => ({
  load: () =>
    withClient(async (client) => {
      const secret = await client.get<KubeObject & { data?: Record<string, string> }>(SECRETS, { namespace, name });
      const text = secret.data?.[CREDENTIALS_FILE];
      return text === undefined
        ? undefined
        : credentialsSchema.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
    }),
  save: (credentials) =>
    withClient(async (client) => {
      const data = { [CREDENTIALS_FILE]: Buffer.from(JSON.stringify(credentials)).toString('base64') };
      await client.request(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { data },
      });
    }),
});

async function withClient<T>(work: (client: KubeClient) => Promise<T>): Promise<T> {
  const client = new KubeClient(await inClusterConnection(), { userAgent: 'skyflow-cluster-agent' });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
