#!/usr/bin/env node
/**
 * Runs a command beside a Docker engine that has SkyFlow's images: node tests/images/with-engine.mjs COMMAND…
 *
 * An engine that runs is used; else dockerd is started for the time of the command, where we may (root). Where images can be pulled the Dockerfile's own bases are used, elsewhere those of local-bases.sh. The command finds
 * DOCKER_HOST, SKYFLOW_TEST_DOCKER and SKYFLOW_TEST_COMPOSE (paths of programs), SKYFLOW_TEST_BUILD (how docker builds on these bases),
 * SKYFLOW_IMAGE, NATS_IMAGE and BALANCER_IMAGE in its environment.
 * Exits with 69 and a line that says why where there can be no engine.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process, { argv, env, exit, getuid, stderr } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const EX_UNAVAILABLE = 69;
/** Of github.com/docker/compose, for where Docker comes without it. */
const COMPOSE_VERSION = 'v2.40.2';
/** Prints where a nats-server is, after getting one if there is none. */
const NATS_PATH =
  "import { resolveNatsServer } from '@skyflow/nats-server'; process.stdout.write((await resolveNatsServer({ report: console.error })).path);";
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const cache = env.SKYFLOW_CACHE ?? join(homedir(), '.cache', 'skyflow');
const isRoot = getuid?.() === 0;
const command = argv.slice(2);

const temporary = mkdtempSync(join(tmpdir(), 'skyflow-images-'));
let engine;
let code;
let running;
let ended = false;
// An engine that was started here is stopped whatever ends this.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    ended = true;
    running?.kill(signal);
  });
}
try {
  const docker = dockerProgram();
  const given = answers(docker, env.DOCKER_HOST);
  if (!given) engine = await startEngine(docker);
  const host = given ? env.DOCKER_HOST : engine.host;
  const environment = { ...env, ...(host === undefined ? {} : { DOCKER_HOST: host }), DOCKER_BUILDKIT: '1' };
  const compose = composeProgram(docker, environment);
  const { images, build } = buildImages(docker, environment);
  await pause(0);
  if (ended) throw new Error('images: ended by a signal.');
  code = await run(command[0], command.slice(1), {
    ...environment,
    ...images,
    SKYFLOW_TEST_DOCKER: docker,
    SKYFLOW_TEST_COMPOSE: JSON.stringify(compose),
    SKYFLOW_TEST_BUILD: JSON.stringify(build),
  });
  if (engine !== undefined) prune(docker, environment);
} catch (error) {
  say(error.message);
  code = error.code === EX_UNAVAILABLE ? EX_UNAVAILABLE : 1;
} finally {
  await engine?.stop();
  rmSync(temporary, { recursive: true, force: true });
}
exit(code);

/** A docker that can build with BuildKit: one with buildx, or Debian's, which has it built in. */
function dockerProgram() {
  for (const docker of ['docker', '/usr/bin/docker']) {
    if (!has(docker)) continue;
    if (ok(docker, ['buildx', 'version']) || text(docker, ['--version']).includes('version 20.')) return docker;
  }
  throw unavailable(
    'there is no docker that can build with BuildKit; install docker.io, or Docker with its buildx plugin',
  );
}

async function startEngine(docker) {
  if (!isRoot) throw unavailable('no Docker engine answers, and only root may start one; start Docker, then try again');
  if (!has('dockerd'))
    throw unavailable('no Docker engine answers and dockerd is not installed; install Docker, then try again');
  const host = `unix://${temporary}/docker.sock`;
  const data = join(cache, 'docker');
  mkdirSync(data, { recursive: true });
  const folders = ['--data-root', data, '--exec-root', join(temporary, 'exec'), '--pidfile', join(temporary, 'pid')];
  let log = '';
  const daemon = spawn('dockerd', ['-H', host, ...folders], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [daemon.stdout, daemon.stderr])
    stream.on('data', (chunk) => (log = (log + chunk).slice(-4_000)));
  const ended = new Promise((resolve) => daemon.once('exit', () => resolve('ended')));
  const stop = async () => {
    daemon.kill('SIGTERM');
    if ((await Promise.race([ended, pause(30_000)])) !== 'ended') daemon.kill('SIGKILL');
  };
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    if (answers(docker, host)) return { host, stop };
    if (daemon.exitCode !== null) break;
    await pause(300);
  }
  await stop();
  throw unavailable(`dockerd does not start here: ${log.trim().split('\n').at(-1) ?? 'it said nothing'}`);
}

/** `docker compose`, or a docker-compose of version 2 built with Go. */
function composeProgram(docker, environment) {
  if (ok(docker, ['compose', 'version'], environment)) return [docker, 'compose'];
  const built = join(cache, `docker-compose-${COMPOSE_VERSION}`);
  if (existsSync(built)) return [built];
  if (!has('go'))
    throw unavailable('docker has no compose plugin, and there is no Go to build one with; install either');
  say(`building docker compose ${COMPOSE_VERSION} with Go, once (minutes) …`);
  const module = 'github.com/docker/compose/v2';
  const found = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `${module}@${COMPOSE_VERSION}`], {
      cwd: temporary,
      encoding: 'utf8',
    }),
  );
  const source = join(temporary, 'compose');
  cpSync(found.Dir, source, { recursive: true });
  spawnSync('chmod', ['-R', 'u+w', source]);
  const flags = ['-trimpath', '-ldflags', `-s -w -X ${module}/internal.Version=${COMPOSE_VERSION}`];
  execFileSync('go', ['build', ...flags, '-o', join(temporary, 'docker-compose'), './cmd'], {
    cwd: source,
    env: { ...env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  mkdirSync(cache, { recursive: true });
  cpSync(join(temporary, 'docker-compose'), `${built}.new`);
  chmodSync(`${built}.new`, 0o755);
  renameSync(`${built}.new`, built);
  return [built];
}

function buildImages(docker, environment) {
  const images = {
    SKYFLOW_IMAGE: 'skyflow/control-plane:test',
    NATS_IMAGE: env.NATS_IMAGE ?? 'nats:2.14-alpine',
    BALANCER_IMAGE: env.BALANCER_IMAGE ?? 'haproxy:3.2-alpine',
  };
  const build = ['build', '-q', '-f', 'deploy/images/Dockerfile'];
  const canPull =
    ok(docker, ['pull', '-q', 'node:24-bookworm-slim'], environment) &&
    ok(docker, ['pull', '-q', images.NATS_IMAGE], environment) &&
    ok(docker, ['pull', '-q', images.BALANCER_IMAGE], environment);
  if (!canPull) {
    images.NATS_IMAGE = 'skyflow/nats:local';
    images.BALANCER_IMAGE = 'skyflow/haproxy:local';
    const { NATS_IMAGE, BALANCER_IMAGE } = images;
    const made = ['skyflow/build-base:local', 'skyflow/runtime-base:local', NATS_IMAGE, BALANCER_IMAGE];
    const nats = execFileSync('node', ['--input-type=module', '-e', NATS_PATH], { cwd: root, encoding: 'utf8' });
    const madeOf = whatBasesAreMadeOf(nats);
    const labels = text(
      docker,
      ['image', 'inspect', '--format', '{{index .Config.Labels "made-of"}}', ...made],
      environment,
    );
    if (!made.every((_, at) => labels.split('\n')[at] === madeOf)) {
      if (!has('debootstrap'))
        throw unavailable('no image can be pulled, and debootstrap is not installed to make bases with; install it');
      say('making base images of Debian packages …');
      must('bash', ['deploy/images/local-bases.sh', process.execPath, nats, madeOf], environment);
    }
    build.push(
      '--build-arg',
      'BUILD_IMAGE=skyflow/build-base:local',
      '--build-arg',
      'RUNTIME_IMAGE=skyflow/runtime-base:local',
    );
  }
  // Npm in the build reaches the registry as npm does here.
  build.push('--network', 'host');
  const secrets = { npmrc: join(homedir(), '.npmrc'), ca: env.NODE_EXTRA_CA_CERTS ?? '' };
  for (const [id, src] of Object.entries(secrets))
    if (src !== '' && existsSync(src)) build.push('--secret', `id=${id},src=${src}`);
  say('building the image …');
  must(docker, [...build, '-t', images.SKYFLOW_IMAGE, '.'], environment);
  return { images, build };
}

/** Bases that were made of something else are made again: an engine keeps them for as long as its data. */
function whatBasesAreMadeOf(nats) {
  const script = readFileSync(join(root, 'deploy/images/local-bases.sh'));
  return createHash('sha256')
    .update(script)
    .update(process.version)
    .update(text(nats, ['--version']))
    .digest('hex');
}

/** What an engine of ours keeps: the last images, and some of what they were built from. Each run left 350 MB of image and more of cache. */
function prune(docker, environment) {
  const isPruned =
    ok(docker, ['image', 'prune', '--force'], environment) &&
    // Of 20 GB it took a minute and a half.
    ok(docker, ['builder', 'prune', '--force', '--keep-storage', '6GB'], environment, 300_000);
  if (!isPruned) say(`images: what is no longer needed could not be removed from ${join(cache, 'docker')}.`);
}

function answers(docker, host) {
  return ok(docker, ['info'], host === undefined ? env : { ...env, DOCKER_HOST: host });
}

function has(program) {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status === 0;
}

function ok(program, args, environment = env, timeout = 120_000) {
  return spawnSync(program, args, { cwd: root, env: environment, stdio: 'ignore', timeout }).status === 0;
}

function text(program, args, environment = env) {
  return spawnSync(program, args, { encoding: 'utf8', env: environment }).stdout ?? '';
}

function must(program, args, environment) {
  const { status } = spawnSync(program, args, { cwd: root, env: environment, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}`);
}

function run(program, args, environment) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env: environment, stdio: 'inherit' });
    running = child;
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
}

function unavailable(why) {
  return Object.assign(new Error(`images: ${why}.`), { code: EX_UNAVAILABLE });
}

function say(line) {
  stderr.write(`${line}\n`);
}
