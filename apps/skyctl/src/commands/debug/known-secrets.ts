/** What this machine and the server know to be secret, so that it is found wherever else it stands. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigFile } from '../../config/config-file.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { Scrubber } from './scrub.js';

/** Of SKYFLOW_HOME: files, and folders of files, that hold nothing else. See tools/up, home.ts. */
const SECRET_FILES = [
  'token',
  'keeper.token',
  'supervisor.token',
  'sealing.keys',
  'backup.key',
  'ca.key',
  'gateway.key',
  'tokens',
  'nats-keys',
  'agents',
];
/** Files of these folders that are no secrets, and the largest that is one. */
const OTHERS = /\.(log|snapshot|json|crt|sock)$/;
const MOST_BYTES = 256 * 1024;
const MOST_SECRETS = 2_000;

/** Environment variables whose values are secret by their names. */
const SECRET_VARIABLE = /TOKEN|KEY|SECRET|PASSW|HEADERS|CREDENTIAL/i;

export async function learnLocal(scrubber: Scrubber, home: string, env: NodeJS.ProcessEnv): Promise<void> {
  for (const [name, value = ''] of Object.entries(env)) {
    if (SECRET_VARIABLE.test(name) && !name.endsWith('_FILE')) scrubber.add(value);
  }
  for (const name of SECRET_FILES) await learnFile(scrubber, join(home, name));
  for (const name of ['kubeconfig', 'skyflow.kubeconfig', 'nats-agents.json']) {
    await learnFields(scrubber, join(home, name));
  }
}

export function learnConfig(scrubber: Scrubber, config: ConfigFile | undefined): void {
  for (const { token, refreshToken } of config?.contexts ?? []) {
    if (token !== undefined) scrubber.add(token);
    if (refreshToken !== undefined) scrubber.add(refreshToken);
  }
}

/** Values of Secrets, as far as they may be read. @throws CliError they may not */
export async function learnSecrets(scrubber: Scrubber, gateway: GatewayClient): Promise<void> {
  const { body } = await gateway.json<{ items?: { data?: Record<string, string> }[] }>({
    path: '/api/v1/secrets',
    query: { limit: MOST_SECRETS },
  });
  for (const { data = {} } of body.items ?? []) {
    for (const value of Object.values(data)) scrubber.add(Buffer.from(value, 'base64'));
  }
}

async function learnFile(scrubber: Scrubber, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    for (const name of await readdir(path)) await learnFile(scrubber, join(path, name));
  } else if (found?.isFile() === true && found.size <= MOST_BYTES && !OTHERS.test(path)) {
    scrubber.add(await readFile(path));
  }
}

/** Of a file with more in it: what stands behind the names of secrets. */
async function learnFields(scrubber: Scrubber, path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  for (const [, value = ''] of text.matchAll(/(?:token|password|key-data|seed)"?:\s*"?([^\s",}]+)/gi)) {
    scrubber.add(value);
    scrubber.add(Buffer.from(value, 'base64'));
  }
}
