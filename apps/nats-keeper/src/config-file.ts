/** The file that the nats-servers read: one for all nodes, each of which has its name in its environment. */
import type { NatsAccount } from '@skyflow/domain';
import { renderConfig, writePrivate } from '@skyflow/nats-server';
import type { KeeperSettings } from './settings.js';

/** Of nats-server. */
export const NAME_VARIABLE = 'NATS_SERVER_NAME';
const CLIENT_PORT = 4222;
const ROUTE_PORT = 6222;

export function writeConfig(settings: KeeperSettings, accounts: readonly NatsAccount[]): void {
  const { SKYFLOW_NATS_TLS_CERT_FILE: certificateFile, SKYFLOW_NATS_TLS_KEY_FILE: keyFile } = settings;
  const routes = settings.SKYFLOW_NATS_ROUTES;
  const password = settings.SKYFLOW_NATS_ROUTES_PASSWORD;
  if (routes.length > 0 && password === undefined) {
    throw new Error(
      'SKYFLOW_NATS_ROUTES_PASSWORD is not set: without it anyone who reaches the port of the routes may do everything. Set it, or ' +
        'SKYFLOW_NATS_ROUTES_PASSWORD_FILE.',
    );
  }
  const text = renderConfig({
    serverName: { variable: NAME_VARIABLE },
    host: '0.0.0.0',
    port: CLIENT_PORT,
    storeDir: settings.SKYFLOW_NATS_STORE_DIR,
    syncAlways: true,
    accounts,
    ...(settings.SKYFLOW_NATS_MONITOR === 'none' ? {} : { monitor: settings.SKYFLOW_NATS_MONITOR }),
    ...(certificateFile === undefined || keyFile === undefined ? {} : { tls: { certificateFile, keyFile } }),
    ...(routes.length === 0
      ? {}
      : { cluster: { name: 'skyflow', port: ROUTE_PORT, routes: routes.map((each) => `nats://${each}`), password } }),
  });
  writePrivate(settings.SKYFLOW_NATS_CONFIG, text);
}
