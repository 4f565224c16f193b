/**
 * Who we are to a Kubernetes API. `authorize` is asked before every request, because tokens expire and service-account
 * tokens are rotated on disk; it answers from memory while what it has is fresh.
 */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { KubeConfigUser, KubeContext } from './kube-config.js';
import { KubeConfigError, resolvePath } from './kube-config.js';

export interface Authorization {
  /** Authorization header. */
  authorization?: string;
  /** Client certificate and key, PEM. */
  cert?: string;
  key?: string;
}

export interface Credentials {
  authorize(): Promise<Authorization>;
  /** The API refused what `authorize` gave (401): make it anew. */
  refuse?(): void;
}

/** How long what was read from a file is used before the file is read again; client-go's value for tokens. */
const FILE_FRESH_MS = 60_000;

/** @throws KubeConfigError when a file that it names cannot be read. */
export async function credentialsOf(context: KubeContext): Promise<Credentials> {
  const { user, directory } = context;
  if (user.exec !== undefined || user['auth-provider'] !== undefined) return pluginCredentials(context);

  const read = async (): Promise<Authorization> => ({
    ...(await certificateOf(user, directory)),
    ...(await authorizationOf(user, directory)),
  });
  // Read now, so that a file that is not there is told at once.
  const first = await read();
  const files = [user.tokenFile, user['client-certificate'], user['client-key']];
  return files.some((file) => file !== undefined && file !== '')
    ? fileCredentials(read, first)
    : fixedCredentials(first);
}

async function certificateOf(user: KubeConfigUser, directory: string): Promise<Authorization> {
  const cert = await pem(user['client-certificate-data'], user['client-certificate'], directory);
  const key = await pem(user['client-key-data'], user['client-key'], directory);
  // While both are being replaced they may not belong together; this says so.
  if (cert !== undefined && key !== undefined) createSecureContext({ cert, key });
  return { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}

async function authorizationOf(user: KubeConfigUser, directory: string): Promise<Authorization> {
  const { token, tokenFile, username, password = '' } = user;
  if (token !== undefined && token !== '') return { authorization: `Bearer ${token}` };
  if (tokenFile !== undefined && tokenFile !== '') {
    return { authorization: `Bearer ${(await readPem(resolvePath(directory, tokenFile))).trim()}` };
  }
  if (username === undefined || username === '') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

export const fixedCredentials = (authorization: Authorization): Credentials => ({
  authorize: () => Promise.resolve(authorization),
});

/** A bearer token that is rotated on disk. */
export const tokenFileCredentials = (path: string): Credentials =>
  fileCredentials(async () => ({ authorization: `Bearer ${(await readPem(path)).trim()}` }));

/**
 * What is rotated on disk: read again when it is a minute old, and when the API refused it. A file that cannot be read just then
 * (it is being replaced) leaves what was read before in use.
 */
function fileCredentials(read: () => Promise<Authorization>, first?: Authorization): Credentials {
  let known = first;
  let readAt = first === undefined ? Number.NEGATIVE_INFINITY : performance.now();
  return {
    async authorize() {
      if (known !== undefined && performance.now() - readAt <= FILE_FRESH_MS) return known;
      try {
        known = await read();
        readAt = performance.now();
      } catch (error) {
        if (known === undefined) throw error;
      }
      return known;
    },
    refuse: () => (readAt = Number.NEGATIVE_INFINITY),
  };
}

/** Text of a certificate or key given inline (base64) or as a file. */
export async function pem(
  data: string | undefined,
  file: string | undefined,
  directory: string,
): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  if (file !== undefined && file !== '') return readPem(resolvePath(directory, file));
  return undefined;
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KubeConfigError(`${path}, which the kubeconfig refers to, cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** How long a credentials plugin may take; one that asks a person something never ends. */
const PLUGIN_TIMEOUT_MS = 20_000;

/** exec plugins (client.authentication.k8s.io) and the older auth providers, by client-node's code. */
async function pluginCredentials(context: KubeContext): Promise<Credentials> {
  const make = await pluginFactory(context);
  let apply = make();
  return {
    async authorize() {
      // client-node's OIDC and GCP providers set a header on what is there.
      const options: RequestOptions = { headers: {} };
      const deadline = rejectAfter(PLUGIN_TIMEOUT_MS);
      try {
        await Promise.race([apply(options), deadline.promise]);
      } catch (error) {
        throw new KubeConfigError(
          `the credentials plugin of user in context "${context.name}" failed: ${(error as Error).message.trim()}`,
          { cause: error },
        );
      } finally {
        clearTimeout(deadline.timer);
      }
      const header = (options.headers as Record<string, string> | undefined)?.['Authorization'];
      if (header === undefined && options.cert === undefined) {
        throw new KubeConfigError(
          `the credentials plugin of user in context "${context.name}" gave neither a token nor a certificate; log in with it again`,
        );
      }
      return {
        ...(header === undefined ? {} : { authorization: header }),
        ...(typeof options.cert === 'string' ? { cert: options.cert } : {}),
        ...(typeof options.key === 'string' ? { key: options.key } : {}),
      };
    },
    // The plugin's answer is cached in the authenticator.
    refuse: () => (apply = make()),
  };
}

type Apply = (options: RequestOptions) => Promise<void>;

async function pluginFactory(context: KubeContext): Promise<() => Apply> {
  const { user, name } = context;
  if (user.exec === undefined) {
    const provider = user['auth-provider'];
    const make = await providerAuthenticators(provider?.name ?? '');
    return () => {
      const authenticator = make();
      return (options) => authenticator.applyAuthentication({ name, authProvider: provider }, options);
    };
  }
  // This module alone costs 4 MB; the providers above pull in all of client-node.
  const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
  const exec = execOf(user.exec, context);
  return () => {
    const authenticator = new ExecAuth();
    return (options) => authenticator.applyAuthentication({ name, exec }, options);
  };
}

/** What client-go gives a plugin and client-node does not: its place relative to the kubeconfig, and the cluster it is asked for. */
function execOf(exec: NonNullable<KubeConfigUser['exec']>, { cluster, directory }: KubeContext): unknown {
  const info = {
    apiVersion: exec['apiVersion'],
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true
        ? { cluster: { server: cluster.server, 'certificate-authority-data': cluster['certificate-authority-data'] } }
        : {}),
    },
  };
  return {
    ...exec,
    command: exec.command.includes('/') ? resolvePath(directory, exec.command) : exec.command,
    args: exec.args ?? [],
    env: [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
  };
}

function rejectAfter(timeoutMs: number): { promise: Promise<never>; timer: NodeJS.Timeout } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it did not answer within ${timeoutMs} ms`)), timeoutMs);
  return { promise, timer };
}

async function providerAuthenticators(name: string) {
  switch (name) {
    case 'oidc': {
      const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
      return () => new OpenIDConnectAuth();
    }
    case 'gcp': {
      const { GoogleCloudPlatformAuth } = await import('@kubernetes/client-node/dist/gcp_auth.js');
      return () => new GoogleCloudPlatformAuth();
    }
    case 'azure': {
      const { AzureAuth } = await import('@kubernetes/client-node/dist/azure_auth.js');
      return () => new AzureAuth();
    }
    default:
      throw new KubeConfigError(
        `auth-provider "${name}" is not supported; use an exec plugin, a token or a client certificate`,
      );
  }
}
