/** `skyctl kubeconfig`: a context of kubectl's for the gateway; what else is in the file stays. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Connection } from '../../config/connection.js';
import { toYaml } from '../../output/documents.js';

interface Named {
  name: string;
}
interface KubeConfig {
  apiVersion?: string;
  kind?: string;
  'current-context'?: string;
  clusters?: Named[];
  users?: Named[];
  contexts?: Named[];
  [field: string]: unknown;
}

export const writeKubeconfig: CommandHandler = async (session, { flags }) => {
  const connection = await session.connection();
  const name = flags.text('name') ?? 'skyflow';
  const own = contextFor(name, connection, session.env);
  if (flags.on('print')) {
    session.terminal.write(await toYaml(merged({}, own, true)));
    return EXIT.ok;
  }
  const file = flags.text('file') ?? defaultFile(session.env);
  const next = merged(await readFile(file), own, flags.on('use'));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, await toYaml(next), { mode: 0o600 });
  renameSync(temporary, file);
  session.terminal.line(`Context "${name}" is in ${file}: kubectl --context ${name} get pods`);
  return EXIT.ok;
};

type OwnParts = Required<Pick<KubeConfig, 'clusters' | 'users' | 'contexts'>>;

function contextFor(
  name: string,
  { server, ca, context, namespace, token }: Connection,
  env: NodeJS.ProcessEnv,
): OwnParts {
  if (server.protocol !== 'https:') {
    throw usageError(
      `${server.origin} is plain HTTP, over which kubectl sends no token`,
      'give the HTTPS address with --server; "npm run up" writes a kubeconfig of its own, ~/.skyflow/skyflow.kubeconfig',
    );
  }
  const authority = ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const home = env.SKYFLOW_HOME === undefined ? {} : { env: [{ name: 'SKYFLOW_HOME', value: env.SKYFLOW_HOME }] };
  const user =
    context === undefined
      ? { token }
      : {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: 'skyctl',
            args: ['auth', 'credential', '--context', context.name],
            ...home,
            installHint: 'skyctl comes with SkyFlow',
            interactiveMode: 'Never',
          },
        };
  const cluster = { server: server.href.replace(/\/$/, ''), ...authority };
  const bound = { cluster: name, user: name, namespace };
  return {
    clusters: [{ name, cluster } as Named],
    users: [{ name, user } as Named],
    contexts: [{ name, context: bound } as Named],
  };
}

function merged(before: KubeConfig, own: OwnParts, use: boolean): KubeConfig {
  const name = own.contexts[0]?.name ?? '';
  const put = (list: Named[] | undefined, added: Named[]): Named[] => [
    ...(list ?? []).filter((each) => each.name !== name),
    ...added,
  ];
  const current = use || before['current-context'] === undefined ? { 'current-context': name } : {};
  return {
    apiVersion: 'v1',
    kind: 'Config',
    ...before,
    clusters: put(before.clusters, own.clusters),
    users: put(before.users, own.users),
    contexts: put(before.contexts, own.contexts),
    ...current,
  };
}

/** Of several files in KUBECONFIG kubectl writes into the first one, too. */
function defaultFile(env: NodeJS.ProcessEnv): string {
  const [first] = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  return first ?? join(env.HOME ?? homedir(), '.kube', 'config');
}

async function readFile(file: string): Promise<KubeConfig> {
  if (!existsSync(file)) return {};
  const { parse } = await import('yaml');
  try {
    return (parse(readFileSync(file, 'utf8')) as KubeConfig | null) ?? {};
  } catch (error) {
    throw usageError(
      `${file} is not a kubeconfig: ${(error as Error).message}`,
      'mend it, or name another with --file',
    );
  }
}
