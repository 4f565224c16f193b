/**
 * Who we are to a Kubernetes API. `authorize` is asked before every request, because tokens expire and service-account
 * tokens are rotated on disk; it answers from memory while what it has is fresh.
 */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
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
}

/** How long a token read from a file is used before the file is read again; client-go's value. */
const TOKEN_FILE_FRESH_MS = 60_000;

/** @throws KubeConfigError when a file that it names cannot be read. */
export async function credentialsOf(context: KubeContext): Promise<Credentials> {
  const { user, directory } = context;
  if (user.exec !== undefined || user['auth-provider'] !== undefined) return pluginCredentials(context.name, user);

  const cert = await pem(user['client-certificate-data'], user['client-certificate'], directory);
  const key = await pem(user['client-key-data'], user['client-key'], directory);
  const certificate = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  if (user.token !== undefined && user.token !== '') {
    return fixedCredentials({ ...certificate, authorization: `Bearer ${user.token}` });
  }
  if (user.tokenFile !== undefined && user.tokenFile !== '') {
    return tokenFileCredentials(resolvePath(directory, user.tokenFile), certificate);
  }
  if (user.username !== undefined && user.username !== '') {
    const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    return fixedCredentials({ ...certificate, authorization: `Basic ${basic}` });
  }
  return fixedCredentials(certificate);
}

export const fixedCredentials = (authorization: Authorization): Credentials => ({
  authorize: () => Promise.resolve(authorization),
});

/** A bearer token that is rotated on disk. */
export function tokenFileCredentials(path: string, certificate: Authorization = {}): Credentials {
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    async authorize() {
      if (performance.now() - readAt > TOKEN_FILE_FRESH_MS) {
        token = (await readPem(path)).trim();
        readAt = performance.now();
      }
      return { ...certificate, authorization: `Bearer ${token}` };
    },
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

/** exec plugins (client.authentication.k8s.io) and the older auth providers, by client-node's code. */
async function pluginCredentials(name: string, user: KubeConfigUser): Promise<Credentials> {
  const provider = user['auth-provider'];
  const plugin = { name, exec: user.exec, authProvider: provider };
  // The exec plugin's module alone costs 4 MB; the others pull in all of client-node.
  const authenticator =
    user.exec !== undefined
      ? new (await import('@kubernetes/client-node/dist/exec_auth.js')).ExecAuth()
      : await providerAuthenticator(provider?.name ?? '');
  return {
    async authorize() {
      const options: RequestOptions = {};
      try {
        await authenticator.applyAuthentication(plugin, options);
      } catch (error) {
        throw new KubeConfigError(
          `the credentials plugin of user in context "${name}" failed: ${(error as Error).message.trim()}`,
          { cause: error },
        );
      }
      const header = (options.headers as Record<string, string> | undefined)?.['Authorization'];
      return {
        ...(header === undefined ? {} : { authorization: header }),
        ...(typeof options.cert === 'string' ? { cert: options.cert } : {}),
        ...(typeof options.key === 'string' ? { key: options.key } : {}),
      };
    },
  };
}

async function providerAuthenticator(name: string) {
  switch (name) {
    case 'oidc':
      return new (await import('@kubernetes/client-node/dist/oidc_auth.js')).OpenIDConnectAuth();
    case 'gcp':
      return new (await import('@kubernetes/client-node/dist/gcp_auth.js')).GoogleCloudPlatformAuth();
    case 'azure':
      return new (await import('@kubernetes/client-node/dist/azure_auth.js')).AzureAuth();
    default:
      throw new KubeConfigError(
        `auth-provider "${name}" is not supported; use an exec plugin, a token or a client certificate`,
      );
  }
}
