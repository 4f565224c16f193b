/** How what looks after the log itself reaches nats-server: with the key of the operator. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { configPath } from '../../config/config-file.js';
import type { Session } from '../../session.js';

interface NatsPlace {
  /** One server, or the nodes of a cluster with commas between, as services take it. */
  url: string;
  keyFile: string | undefined;
  token: string | undefined;
  caFile: string | undefined;
}

const CONNECT_MS = 5_000;

/** By flags, by the environment that services have, or of the installation in SKYFLOW_HOME. */
export function natsPlace({ env }: Session, flags: Flags): NatsPlace {
  const url = flags.text('nats') ?? env.SKYFLOW_NATS_URL;
  const keyFile = flags.text('nats-key') ?? env.SKYFLOW_NATS_KEY_FILE;
  const caFile = flags.text('nats-ca') ?? env.SKYFLOW_NATS_CA_FILE;
  const token = env.SKYFLOW_NATS_TOKEN;
  if (url !== undefined) return { url, keyFile, token, caFile };
  const home = dirname(configPath(env));
  const ports = join(home, 'ports.json');
  if (!existsSync(ports)) {
    throw usageError('say at which nats-server the log is', '--nats nats://HOST:4222 --nats-key operator.nk');
  }
  const { nats } = JSON.parse(readFileSync(ports, 'utf8')) as { nats: number };
  const configuration = join(home, 'nats', 'nats-server.conf');
  const isSecure = existsSync(configuration) && /^\s*tls\b/m.test(readFileSync(configuration, 'utf8'));
  return {
    url: `nats://127.0.0.1:${nats}`,
    keyFile: keyFile ?? join(home, 'nats-keys', 'operator.nk'),
    token,
    caFile: caFile ?? (isSecure ? join(home, 'ca.crt') : undefined),
  };
}

export async function connected({ url, keyFile, token, caFile }: NatsPlace) {
  const { connect, nkeyAuthenticator } = await import('./engine.js');
  try {
    return await connect({
      servers: url.split(',').map((each) => each.trim()),
      timeout: CONNECT_MS,
      ...(token === undefined ? {} : { token }),
      ...(keyFile === undefined
        ? {}
        : { authenticator: nkeyAuthenticator(Buffer.from(readFileSync(keyFile, 'utf8').trim())) }),
      ...(caFile === undefined ? {} : { tls: { caFile } }),
    });
  } catch (error) {
    throw new CliError({
      code: EXIT.unavailable,
      summary: `nats-server at ${url} does not let skyctl in: ${(error as Error).message}`,
      hint: 'it must run, and the key must be that of the operator (--nats-key; with "up": SKYFLOW_HOME/nats-keys/operator.nk)',
      cause: error,
    });
  }
}
