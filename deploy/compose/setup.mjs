/**
 * First start of the compose file: makes the secrets of the installation, each once and readable by our user alone, keys for NATS, and the
 * configuration of nats-server and skyctl. What is there stays: the sealing keys are in no other place, and Secrets in the log are lost with
 * them. With REMOTE_HOST (compose.remote.yaml) certificates are made, too, and NATS speaks TLS only. With `--ha` only the wish for standbys is noted, for the run that follows: node deploy/compose/setup.mjs [--ha].
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, exit, stderr, stdout } from 'node:process';
import { ensureRemote } from './remote.mjs';

const home = '/var/lib/skyflow';
const secrets = join(home, 'secrets');
const keys = join(home, 'nats-keys');
const wish = join(secrets, 'ha.wanted');
const HOLDERS = ['api-gateway', 'scheduler', 'mesh-controller', 'provisioner', 'operator', 'nats-keeper'];
/** How many nats-servers an installation has is decided once: a log of one node is not found by three. */
const NODES = { 1: ['nats'], 3: ['nats', 'nats-2', 'nats-3'] };

mkdirSync(secrets, { recursive: true, mode: 0o700 });
if (argv.includes('--ha')) {
  write(wish, '');
  exit(0);
}
const wanted = existsSync(wish) ? '3' : '1';
rmSync(wish, { force: true });
const host = env.REMOTE_HOST ?? '';
if (!/^$|^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host))
  refuse(`REMOTE_HOST ${host}: must be a name or an IPv4 address of this machine, without scheme and port.`);
if (host !== '' && wanted !== '1')
  refuse(
    'compose.remote.yaml is for one nats-server: start it without --profile ha, or an installation with three without compose.remote.yaml.',
  );
const count = once(join(secrets, 'nats.nodes'), wanted);
if (count !== wanted) {
  stderr.write(
    `This installation has ${count} nats-server${count === '1' ? '' : 's'}: start it ${count === '1' ? 'without' : 'with'} --profile ha. ` +
      'To change that, skyctl backup create, docker compose down -v, start anew, and skyctl backup restore.\n',
  );
  exit(1);
}
const nodes = NODES[count];
const api = `http://${count === '1' ? 'api-gateway' : 'balancer'}:50051`;

const token = secret(join(secrets, 'token'));
secret(join(secrets, 'sealing.keys'));
const supervisorToken = secret(join(home, 'supervisor', 'token'));
const keeperToken = secret(join(keys, 'nats-keeper', 'api.token'));
secret(join(keys, 'nats-keeper', 'routes.password'));
write(
  join(secrets, 'tokens'),
  `${supervisorToken} system:agent-supervisor system:agent-supervisors\n${keeperToken} system:nats-keeper system:nats-keepers\n`,
);
write(join(home, 'supervisor', 'api.url'), api);
const remote = host === '' ? undefined : madeRemote();
for (const holder of HOLDERS) {
  const scheme = remote === undefined ? 'nats' : 'tls';
  write(join(keys, holder, 'url'), nodes.map((node) => `${scheme}://${node}:4222`).join(','));
  if (remote !== undefined) write(join(keys, holder, 'ca.crt'), remote.authority);
  write(join(keys, holder, 'replicas'), count);
}
write(join(keys, 'nats-keeper', 'routes'), count === '1' ? '' : nodes.map((node) => `${node}:6222`).join(','));
write(
  join(secrets, 'config.yaml'),
  `currentContext: compose
contexts:
  - name: compose
    server: ${api}
    token: ${token}
    namespace: default
${remote?.apiAuthority === undefined ? '' : `    certificateAuthority: ${remote.apiAuthority}\n`}`,
);
stdout.write(`secrets are in ${secrets}\n`);
// Whether a key is missing, and who is let in, the keeper knows.
for (const command of ['keys', 'config'])
  execFileSync(execPath, ['apps/nats-keeper/dist/main.js', command], { stdio: 'inherit', env });

/** Certificates, and NATS' own where it and its keeper find it. */
function madeRemote() {
  const given = join(home, 'given');
  try {
    const made = ensureRemote({ host, folder: join(secrets, 'remote'), given, write });
    write(join(home, 'nats', 'tls.crt'), made.nats.certificate);
    write(join(home, 'nats', 'tls.key'), made.nats.key);
    write(join(home, 'nats', 'ca.crt'), made.authority);
    return made;
  } catch (error) {
    return refuse(error.message);
  }
}

function refuse(why) {
  stderr.write(`${why}\n`);
  exit(1);
}

function secret(path) {
  return once(path, randomBytes(32).toString('hex'));
}

/** What the file holds, after it was made if it was missing. */
function once(path, text) {
  if (!existsSync(path)) write(path, text);
  return readFileSync(path, 'utf8').trim();
}

/** Renamed into place: a file that is there is whole. */
function write(path, text) {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
