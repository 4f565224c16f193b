/**
 * First start of the compose file: makes the secrets of the installation, each once and readable by our user alone, and the configuration of
 * nats-server and skyctl that hold them. What is there stays: the sealing keys are in no other place, and Secrets in the log are lost with them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, stdout } from 'node:process';

const folder = env.SKYFLOW_SECRETS ?? '/var/lib/skyflow/secrets';
mkdirSync(folder, { recursive: true, mode: 0o700 });

const token = secret('token');
const natsToken = secret('nats.token');
secret('sealing.keys');
write(
  'nats-server.conf',
  `listen: 0.0.0.0:4222
http: 127.0.0.1:8222
max_payload: 8388608
authorization { token: "${natsToken}" }
jetstream { store_dir: /data, sync_interval: always }
`,
);
write(
  'config.yaml',
  `currentContext: compose
contexts:
  - name: compose
    server: http://api-gateway:50051
    token: ${token}
    namespace: default
`,
);
stdout.write(`secrets are in ${folder}\n`);

function secret(name) {
  const path = join(folder, name);
  if (!existsSync(path)) write(name, `${randomBytes(32).toString('hex')}\n`);
  return readFileSync(path, 'utf8').trim();
}

/** Renamed into place: a file that is there is whole. */
function write(name, text) {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
