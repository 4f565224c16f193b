/**
 * The files of one control plane, all in one folder (0700): keys, tokens, kubeconfigs of its components, etcd's data, logs.
 * Everybody has a token of their own and the groups that kubeadm gives them, so RBAC and the node authorizer are in force.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned } from '@skyflow/embedded-cluster';
import { stringify } from 'yaml';

export interface ClusterFiles {
  directory: string;
  /** etcd's data. */
  etcd: string;
  /** By which the API server shows who it is (PEM), and who signed that. */
  servingCertificate: string;
  servingKey: string;
  servingAuthority: string;
  logs: string;
  /** Process ids by component (JSON), as last started. */
  pids: string;
  /** Signs service account tokens (PEM). */
  serviceAccountKey: string;
  /** The API server's static tokens (CSV). */
  tokenFile: string;
  controllerManagerKubeconfig: string;
  schedulerKubeconfig: string;
  /** Authorities whose client certificates the API server takes (PEM); it notices a change. Only where there are any. */
  clientAuthorities: string;
  /** By which kubelets know the API server (PEM). */
  kubeletClientCertificate: string;
  kubeletClientKey: string;
}

export interface Tokens {
  admin: string;
  controllerManager: string;
  scheduler: string;
  /** By node name. */
  nodes: ReadonlyMap<string, string>;
}

const RSA_BITS = 2048;

export function clusterFiles(directory: string): ClusterFiles {
  return {
    directory,
    etcd: join(directory, 'etcd'),
    servingCertificate: join(directory, 'apiserver.crt'),
    servingKey: join(directory, 'apiserver.key'),
    servingAuthority: join(directory, 'ca.crt'),
    logs: join(directory, 'logs'),
    pids: join(directory, 'pids.json'),
    serviceAccountKey: join(directory, 'service-account.key'),
    tokenFile: join(directory, 'tokens.csv'),
    controllerManagerKubeconfig: join(directory, 'kube-controller-manager.kubeconfig'),
    schedulerKubeconfig: join(directory, 'kube-scheduler.kubeconfig'),
    clientAuthorities: join(directory, 'client-authorities.crt'),
    kubeletClientCertificate: join(directory, 'kubelet-client.crt'),
    kubeletClientKey: join(directory, 'kubelet-client.key'),
  };
}

export function makeTokens(nodes: readonly string[]): Tokens {
  const token = (): string => randomBytes(24).toString('base64url');
  return {
    admin: token(),
    controllerManager: token(),
    scheduler: token(),
    nodes: new Map(nodes.map((name) => [name, token()])),
  };
}

/** Makes folders, key and token file: all that the API server needs to start. */
export function writeServerFiles(files: ClusterFiles, tokens: Tokens): void {
  for (const folder of [files.directory, files.etcd, files.logs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  writeFileSync(files.serviceAccountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(files.tokenFile, tokenLines(tokens), { mode: 0o600 });
  const { certificate, privateKey: key } = selfSigned('kube-apiserver-kubelet-client', Date.now());
  writeFileSync(files.kubeletClientCertificate, certificate, { mode: 0o600 });
  writeFileSync(files.kubeletClientKey, key, { mode: 0o600 });
}

/** token,user,uid,"groups": https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file */
export function tokenLines({ admin, controllerManager, scheduler, nodes }: Tokens): string {
  const line = (token: string, user: string, group?: string): string =>
    `${token},${user},${user}${group === undefined ? '' : `,"${group}"`}\n`;
  return [
    line(admin, 'testbed-admin', 'system:masters'),
    line(controllerManager, 'system:kube-controller-manager'),
    line(scheduler, 'system:kube-scheduler'),
    ...[...nodes].map(([name, token]) => line(token, `system:node:${name}`, 'system:nodes')),
  ].join('');
}

export interface Access {
  name: string;
  url: string;
  token: string;
  /** PEM. */
  authority: string;
}

/** One context per cluster, named like it; readable by its owner only. */
export function writeKubeconfig(path: string, clusters: readonly Access[]): void {
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name ?? '',
    clusters: clusters.map(({ name, url, authority }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: name, namespace: 'default' } })),
  });
  writeFileSync(path, text, { mode: 0o600 });
}
