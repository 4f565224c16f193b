/** The configuration file of nats-servers that SkyFlow starts, or writes it for: JetStream on, fsync on every write. */
import type { NatsAccount } from '@skyflow/domain';
import { renderAccounts } from './access/render-accounts.js';

export interface ServerConfig {
  /** Or the variable of nats-server's environment that has it, so that one file serves all nodes: the command line's (`-n`) is lost when it is read anew. */
  serverName: string | { readonly variable: string };
  /** 0: any free port. */
  port: number;
  /** Address to listen on. */
  host: string;
  storeDir: string;
  /** fsync before every acknowledgement. Without it an acknowledged write can be lost with the power. */
  syncAlways: boolean;
  /** Most bytes that JetStream may store; absent: three quarters of the disk. */
  maxFileStoreBytes?: number | undefined;
  /** Clients must present this token. */
  authToken?: string | undefined;
  /** Who is let in, by key, and what he may; not together with `authToken`. */
  accounts?: readonly NatsAccount[] | undefined;
  /** Nothing is served without TLS: files with its certificate and key (PEM). */
  tls?: { certificateFile: string; keyFile: string } | undefined;
  /** One of several nodes that hold the log together. */
  cluster?: ClusterConfig | undefined;
  /** Where the HTTP monitor is, `host:port`; absent: nowhere. */
  monitor?: string | undefined;
  logFile?: string | undefined;
  pidFile?: string | undefined;
  /** Directory for the file in which the server writes its ports; absent: it writes none. */
  portsDir?: string | undefined;
}

/** A node among others. */
export interface ClusterConfig {
  name: string;
  /** Where this node listens for the others. */
  port: number;
  /** Of all nodes, itself too: `nats://host:port`. */
  routes: readonly string[];
  /** Where nodes that hear of this one from another are to find it, `host:port`; absent: where it listens. */
  advertise?: string | undefined;
  /** What a node says to the others: whoever is taken for a node may do everything. Absent: they take any. */
  password?: string | undefined;
}

/** Largest message; commits are kept under a megabyte, the rest is room. nats-server advises against more than 8 MB. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

/** Renders the file. Values are JSON strings, which nats-server's format reads as they are. */
export function renderConfig(config: ServerConfig): string {
  const text = JSON.stringify;
  const lines = [
    `server_name: ${typeof config.serverName === 'string' ? text(config.serverName) : `$${config.serverName.variable}`}`,
    `listen: ${text(`${config.host}:${config.port === 0 ? -1 : config.port}`)}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    ...(config.portsDir === undefined ? [] : [`ports_file_dir: ${text(config.portsDir)}`]),
    'jetstream {',
    `  store_dir: ${text(config.storeDir)}`,
    ...(config.maxFileStoreBytes === undefined ? [] : [`  max_file_store: ${config.maxFileStoreBytes}`]),
    ...(config.syncAlways ? ['  sync_interval: always'] : []),
    '}',
    ...(config.authToken === undefined ? [] : [`authorization { token: ${text(config.authToken)} }`]),
    ...(config.accounts === undefined ? [] : renderAccounts(config.accounts)),
    ...(config.tls === undefined ? [] : renderTls(config.tls)),
    ...(config.cluster === undefined ? [] : renderCluster(config.host, config.cluster)),
    ...(config.monitor === undefined ? [] : [`http: ${text(config.monitor)}`]),
    ...(config.logFile === undefined ? [] : [`log_file: ${text(config.logFile)}`]),
    ...(config.pidFile === undefined ? [] : [`pid_file: ${text(config.pidFile)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

const renderTls = ({ certificateFile, keyFile }: { certificateFile: string; keyFile: string }): string[] => [
  'tls {',
  `  cert_file: ${JSON.stringify(certificateFile)}`,
  `  key_file: ${JSON.stringify(keyFile)}`,
  '}',
];

/** Clients are told of no other node: they have the list, and it may name proxies. */
const renderCluster = (host: string, { name, port, routes, advertise, password }: ClusterConfig): string[] => [
  'cluster {',
  `  name: ${JSON.stringify(name)}`,
  `  listen: ${JSON.stringify(`${host}:${port}`)}`,
  `  routes: ${JSON.stringify(password === undefined ? routes : routes.map((route) => withPassword(route, password)))}`,
  ...(advertise === undefined ? [] : [`  advertise: ${JSON.stringify(advertise)}`]),
  ...(password === undefined ? [] : [`  authorization { user: ${ROUTE_USER}, password: ${JSON.stringify(password)} }`]),
  '  no_advertise: true',
  '}',
];

const ROUTE_USER = 'node';

function withPassword(route: string, password: string): string {
  const url = new URL(route);
  url.username = ROUTE_USER;
  url.password = password;
  return url.href;
}
