/** Where a Kubernetes API is and how to speak to it: what a KubeClient needs, from a kubeconfig context or from inside a pod. */
import { readFile } from 'node:fs/promises';
import type { Credentials } from './credentials.js';
import { credentialsOf, pem, tokenFileCredentials } from './credentials.js';
import type { KubeContext } from './kube-config.js';
import { KubeConfigError } from './kube-config.js';

export interface KubeConnection {
  /** Base URL; may have a path. */
  server: URL;
  /** PEM of the certificate authority; absent: the system's. */
  ca?: string;
  skipTlsVerify: boolean;
  tlsServerName?: string;
  /** http(s) proxy between us and the API. */
  proxyUrl?: string;
  credentials: Credentials;
}

/** @throws KubeConfigError */
export async function connectionOf(context: KubeContext): Promise<KubeConnection> {
  const { cluster, directory, name } = context;
  const ca = await pem(cluster['certificate-authority-data'], cluster['certificate-authority'], directory);
  const tlsServerName = cluster['tls-server-name'];
  const proxyUrl = cluster['proxy-url'];
  if (proxyUrl !== undefined && proxyUrl !== '' && !/^https?:/.test(proxyUrl)) {
    throw new KubeConfigError(
      `context "${name}": proxy-url ${proxyUrl} is not an http(s) proxy; only those are supported`,
    );
  }
  return {
    server: serverUrl(cluster.server, name),
    ...(ca === undefined ? {} : { ca }),
    skipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
    ...(tlsServerName === undefined || tlsServerName === '' ? {} : { tlsServerName }),
    ...(proxyUrl === undefined || proxyUrl === '' ? {} : { proxyUrl }),
    credentials: await credentialsOf(context),
  };
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The connection that Kubernetes gives to every pod. @throws KubeConfigError outside a pod. */
export async function inClusterConnection(env: NodeJS.ProcessEnv = process.env): Promise<KubeConnection> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '') {
    throw new KubeConfigError('this is not a pod (KUBERNETES_SERVICE_HOST is not set); name a kubeconfig instead');
  }
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    ca: await readFile(`${SERVICE_ACCOUNT}/ca.crt`, 'utf8'),
    skipTlsVerify: false,
    credentials: tokenFileCredentials(`${SERVICE_ACCOUNT}/token`),
  };
}

function serverUrl(text: string, context: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new KubeConfigError(`context "${context}": server "${text}" is not an http(s) URL`);
  }
  return url;
}
