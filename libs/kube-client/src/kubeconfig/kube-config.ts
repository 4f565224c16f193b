/**
 * Reads kubeconfig files (client-go's clientcmd/api/v1) without the cost of importing @kubernetes/client-node (half a second,
 * 88 MB): one agent process per cluster must stay small. Static credentials are read here; exec plugins and auth providers
 * run client-node's own code, loaded when a user needs it (credentials.ts).
 */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

/** A kubeconfig that cannot be used. The message names the file, what is wrong, and what to do. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

const clusterSchema = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
});

const userSchema = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  exec: z
    .looseObject({
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    })
    .optional(),
  'auth-provider': z.looseObject({ name: z.string() }).optional(),
});

const contextSchema = z.object({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() });

/** What an entry holds is checked when a context needs it: one that is broken takes no other context with it. */
const entriesSchema = z.array(z.looseObject({ name: z.string() })).nullish();
const fileSchema = z.object({
  'current-context': z.string().nullish(),
  clusters: entriesSchema,
  users: entriesSchema,
  contexts: entriesSchema,
});

export type KubeConfigCluster = z.infer<typeof clusterSchema>;
export type KubeConfigUser = z.infer<typeof userSchema>;

/** One context, its parts looked up. */
export interface KubeContext {
  name: string;
  cluster: KubeConfigCluster;
  user: KubeConfigUser;
  namespace: string | undefined;
  /** What relative paths in it are relative to. */
  directory: string;
}

export interface KubeConfig {
  path: string;
  currentContext: string | undefined;
  contextNames: string[];
  /** @throws KubeConfigError when there is no such context, or it names a cluster or user that is not there. */
  context(name?: string): KubeContext;
}

/** Reads and checks a kubeconfig file. @throws KubeConfigError */
export async function loadKubeConfig(path: string): Promise<KubeConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new KubeConfigError(`kubeconfig ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return parseKubeConfig(text, path);
}

/** @throws KubeConfigError */
export async function parseKubeConfig(text: string, path: string): Promise<KubeConfig> {
  if (text.trim() === '') throw new KubeConfigError(`kubeconfig ${path} is empty; add a context to it`);
  const parsed = fileSchema.safeParse(await parseYaml(text, path));
  if (!parsed.success) {
    throw new KubeConfigError(`kubeconfig ${path} is not a kubeconfig: ${z.prettifyError(parsed.error)}`);
  }
  const file = parsed.data;
  const clusters = new Map((file.clusters ?? []).map((entry) => [entry.name, entry.cluster]));
  const users = new Map((file.users ?? []).map((entry) => [entry.name, entry.user ?? {}]));
  const contexts = new Map((file.contexts ?? []).map((entry) => [entry.name, entry.context]));
  const checked = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new KubeConfigError(`kubeconfig ${path}: ${what} is not as it must be: ${z.prettifyError(result.error)}`);
  };
  const currentContext = file['current-context'] ?? undefined;

  return {
    path,
    currentContext: currentContext === '' ? undefined : currentContext,
    contextNames: [...contexts.keys()],
    context(wanted) {
      const name = wanted ?? currentContext ?? '';
      if (!contexts.has(name)) {
        const known = contexts.size === 0 ? 'it has none' : `it has ${[...contexts.keys()].join(', ')}`;
        throw new KubeConfigError(
          `kubeconfig ${path} has no context "${name}" (${known}); name one of those or add the context`,
        );
      }
      const context = checked(contextSchema, contexts.get(name), `context "${name}"`);
      if (!clusters.has(context.cluster)) {
        throw new KubeConfigError(
          `kubeconfig ${path}: context "${name}" names cluster "${context.cluster}", which is not in the file`,
        );
      }
      const { user: userName = '' } = context;
      if (userName !== '' && !users.has(userName)) {
        throw new KubeConfigError(
          `kubeconfig ${path}: context "${name}" names user "${userName}", which is not in the file`,
        );
      }
      const cluster = checked(clusterSchema, clusters.get(context.cluster), `cluster "${context.cluster}"`);
      const user = checked(userSchema, users.get(userName) ?? {}, `user "${userName}"`);
      return { name, cluster, user, namespace: context.namespace, directory: dirname(resolve(path)) };
    },
  };
}

/** A path in a kubeconfig is relative to the file. */
export const resolvePath = (directory: string, path: string): string =>
  isAbsolute(path) ? path : resolve(directory, path);

async function parseYaml(text: string, path: string): Promise<unknown> {
  // JSON is YAML too, and needs no parser to be loaded.
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // Flow-style YAML looks like this as well.
    }
  }
  const { parse } = await import('yaml');
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    throw new KubeConfigError(`kubeconfig ${path} is not YAML: ${(error as Error).message.split('\n')[0] ?? ''}`, {
      cause: error,
    });
  }
}
