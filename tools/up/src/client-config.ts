/** What clients need: config.yaml for skyctl (our context is set, contexts of the user's own are kept), a kubeconfig for kubectl. */
import { existsSync, readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { writeFileAtomic, type Home } from './home.js';

interface ClientConfig {
  currentContext?: string;
  contexts?: {
    name: string;
    server: string;
    token: string;
    namespace?: string;
    certificateAuthority?: string;
    /** HTTPS address for clients of Kubernetes, where `server` is plain HTTP. */
    kubernetesServer?: string;
  }[];
}

/** Name of the context for the instance that `up` runs. */
const CONTEXT = 'local';

/** @throws Error when there is a config.yaml that is not YAML: it may hold a user's contexts, so it is not overwritten. */
export function writeClientConfig(
  home: Home,
  ports: { http: number; https: number },
  token: string,
  tls = false,
): void {
  const before = existsSync(home.config) ? readConfig(home.config) : {};
  const others = (before.contexts ?? []).filter((context) => context.name !== CONTEXT);
  const server = apiAddress(ports.http, tls);
  const secure = tls ? {} : { kubernetesServer: apiAddress(ports.https, true) };
  const own = { name: CONTEXT, server, token, namespace: 'default', certificateAuthority: home.authority, ...secure };
  const config: ClientConfig = {
    ...before,
    currentContext: before.currentContext ?? CONTEXT,
    contexts: [own, ...others],
  };
  writeFileAtomic(home.config, stringify(config));
}

/** Where the API is. */
export const apiAddress = (port: number, tls: boolean): string => `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;

/** Over TLS: on plain HTTP kubectl sends no token and opens no WebSocket. @param certificate its own authority (PEM) */
export function writeGatewayKubeconfig(home: Home, httpsPort: number, token: string, certificate: string): void {
  const server = apiAddress(httpsPort, true);
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'skyflow',
        cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') },
      },
    ],
    users: [{ name: 'skyflow', user: { token } }],
    contexts: [{ name: 'skyflow', context: { cluster: 'skyflow', user: 'skyflow', namespace: 'default' } }],
    // Where KUBECONFIG names several files, the first one that says it wins: the user's own, if it is before this one.
    'current-context': 'skyflow',
  };
  writeFileAtomic(home.gatewayKubeconfig, stringify(kubeconfig));
}

function readConfig(path: string): ClientConfig {
  try {
    return (parse(readFileSync(path, 'utf8')) as ClientConfig | null) ?? {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be read as YAML (${reason}). Mend or remove it, then start again.`, {
      cause: error,
    });
  }
}
