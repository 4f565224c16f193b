/** The context of this installation for kubectl: the HTTPS address of the gateway where it has one, and where the token comes from. */
import { realpathSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { usageError } from '../../cli/cli-error.js';
import type { Connection } from '../../config/connection.js';
import { isExecutable } from '../../executable.js';
import { isLoopbackHost } from '../../loopback-host.js';
import type { Entry } from './kubeconfig-text.js';
import type { InstallationContext } from './merge.js';

export interface ContextFor {
  context: InstallationContext;
  /** What does not work with it, and why. */
  note?: string;
}

/** @param program path of the running skyctl. @throws CliError where a token would go over a network in clear text */
export function contextFor(name: string, connection: Connection, env: NodeJS.ProcessEnv, program: string): ContextFor {
  const { ca, context, namespace, token } = connection;
  const secure = secureAddress(connection);
  const bound: Entry = { name, context: { cluster: name, user: name, namespace } };
  if (secure !== undefined) {
    const authority = ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
    const user =
      context === undefined ? { ...(token === undefined ? {} : { token }) } : execOf(context.name, env, program);
    const cluster = { server: secure, ...authority };
    return { context: { name, clusters: { name, cluster }, users: { name, user }, contexts: bound } };
  }
  const server = new URL(connection.server);
  if (!isLoopbackHost(server.hostname)) {
    throw usageError(
      `${server.origin} is plain HTTP: a token would be sent in clear text over the network`,
      'give the HTTPS address of the gateway with --server (SKYFLOW_TLS_CERT_FILE and SKYFLOW_TLS_KEY_FILE of the gateway set its certificate)',
    );
  }
  // client-go sends the token of a user over TLS only (tools/clientcmd/client_config.go), but what is in the address always.
  server.username = 'token';
  server.password = token ?? '';
  return {
    context: {
      name,
      clusters: { name, cluster: { server: withoutSlash(server.href) } },
      users: { name, user: {} },
      contexts: bound,
    },
    note: `${connection.server.origin} is plain HTTP: the token is in the address, and kubectl exec, attach, cp and port-forward need HTTPS`,
  };
}

/** Undefined: there is plain HTTP only. */
function secureAddress({ server, context }: Connection): string | undefined {
  if (server.protocol === 'https:') return withoutSlash(server.href);
  return context?.kubernetesServer === undefined ? undefined : withoutSlash(new URL(context.kubernetesServer).href);
}

const execOf = (context: string, env: NodeJS.ProcessEnv, program: string): NonNullable<Entry['user']> => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: commandOf(env, program),
    args: ['auth', 'credential', '--context', context],
    ...(env.SKYFLOW_HOME === undefined ? {} : { env: [{ name: 'SKYFLOW_HOME', value: resolve(env.SKYFLOW_HOME) }] }),
    installHint: 'skyctl is part of SkyFlow',
    interactiveMode: 'Never',
  },
});

/** `skyctl` where every shell finds it, else the path of this one: what npx adds to PATH is there for npx only. */
function commandOf(env: NodeJS.ProcessEnv, program: string): string {
  const folders = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.includes('node_modules'));
  return folders.some((folder) => isExecutable(join(folder, 'skyctl'))) || !basename(program).startsWith('skyctl')
    ? 'skyctl'
    : realpathSync(program);
}

const withoutSlash = (address: string): string => address.replace(/\/$/, '');
