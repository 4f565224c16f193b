/**
 * Stands for `rke` v1.5 where there are no machines to build on: the same commands, lines, files and exit codes, in the same order, with the
 * same traps (rancher/rke v1.5.12, cmd/up.go; shared/research part 2). What would be on the hosts is in a file beside it.
 *
 *   node rke-program.mjs SETTINGS.json up|remove|cert rotate|etcd snapshot-save|etcd snapshot-restore|--version …
 *
 * Settings: `world` (file), `lineMs`, `kubeconfig` (file of a real cluster that is "built"), `fail` ([{at, message, level, times}]),
 * `hangAt`, `gate` (socket of an HTTP server that is asked before and after each line, and in the middle of the state file), `version`. A stage is named by the prefix of its line, or by `certs`, `current`, `cleaning` and `finish`. What the etcd hosts
 * keep as snapshots is in the world: the state file that was given, and what was in etcd (`data`).
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import { request } from 'node:http';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';

const [, , settingsFile = '', ...args] = process.argv;
const settings = JSON.parse(readFileSync(settingsFile, 'utf8'));

const world = () => (existsSync(settings.world) ? JSON.parse(readFileSync(settings.world, 'utf8')) : {});
/** Whole at any moment: tests look at it while we are at work. */
const setWorld = (change) => {
  const temporary = `${settings.world}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ ...world(), ...change }));
  renameSync(temporary, settings.world);
};

const say = (level, message) =>
  process.stdout.write(`time="${new Date().toISOString()}" level=${level} msg=${JSON.stringify(message)}\n`);

const fatal = (message) => {
  say('fatal', message);
  process.exit(1);
};

/** Goes on when it is answered: whoever tests has done by then what was to be done at this point. */
const passed = (point) =>
  settings.gate === undefined
    ? undefined
    : new Promise((resolve, reject) => {
        const asked = request({ socketPath: settings.gate, method: 'POST', path: `/${encodeURIComponent(point)}` });
        asked.once('error', reject);
        asked.once('response', (answer) => answer.resume().once('end', resolve));
        asked.end();
      });

/** A line of a stage; what was asked to go wrong there goes wrong. */
async function line(at, message, level = 'info') {
  await sleep(settings.lineMs ?? 1);
  await passed(`before ${at}`);
  const failure = (settings.fail ?? []).find((each) => each.at === at);
  const failed = world().failed ?? {};
  if (failure !== undefined && (failed[at] ?? 0) < (failure.times ?? 1)) {
    setWorld({ failed: { ...failed, [at]: (failed[at] ?? 0) + 1 } });
    for (const warning of failure.before ?? []) say('warning', warning);
    fatal(failure.message);
  }
  say(level, message);
  await passed(`after ${at}`);
  if (settings.hangAt === at && !world().hung) {
    setWorld({ hung: true });
    await sleep(3_600_000);
  }
}

/** As Go's os.WriteFile: truncated first, then written. */
async function writeState(file, state) {
  const text = JSON.stringify(state, undefined, 2);
  const handle = openSync(file, 'w', 0o600);
  const half = Math.floor(text.length / 2);
  writeSync(handle, text.slice(0, half));
  await sleep(settings.lineMs ?? 1);
  await passed('amid the state file');
  writeSync(handle, text.slice(half));
  closeSync(handle);
}

function readState(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // RKE drops this error too: an unreadable state is no state.
  }
}

const pem = (kind, text) => `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----\n`;

function freshBundle(config) {
  setWorld({ minted: (world().minted ?? 0) + 1 });
  const real = settings.kubeconfig === undefined ? undefined : parse(readFileSync(settings.kubeconfig, 'utf8'));
  const authority =
    real === undefined
      ? pem('CERTIFICATE', randomBytes(48).toString('base64'))
      : Buffer.from(real.clusters[0].cluster['certificate-authority-data'], 'base64').toString('utf8');
  const first = config.nodes.find(({ role }) => role.includes('controlplane'));
  const name = config.cluster_name ?? 'local';
  const made = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: `https://${first?.address}:6443`,
          'certificate-authority-data': Buffer.from(authority).toString('base64'),
        },
      },
    ],
    users: [{ name: `kube-admin-${name}`, user: { token: randomBytes(8).toString('hex') } }],
    contexts: [{ name, context: { cluster: name, user: `kube-admin-${name}` } }],
    'current-context': name,
  };
  const kubeconfig = settings.kubeconfig === undefined ? stringify(made) : readFileSync(settings.kubeconfig, 'utf8');
  return {
    'kube-ca': { certificatePEM: authority, keyPEM: pem('RSA PRIVATE KEY', randomBytes(48).toString('base64')) },
    'kube-admin': { config: kubeconfig },
  };
}

/** ClusterInit: read state, make or keep certificates, write desiredState. */
async function init(config, file) {
  if (!existsSync(file)) {
    // The check for a legacy cluster asks the hosts.
    fatal(`Failed to validate cluster: dial tcp ${config.nodes[0].address}:22: connect: no route to host`);
  }
  const before = readState(file);
  if (before !== undefined && before.desiredState?.certificatesBundle === undefined) {
    fatal('Failed to get kubernetes certificates: CA Certificate or Key is empty');
  }
  for (const what of ['CA kubernetes', 'Kubernetes API server', 'Kube Controller', 'Node', 'admin']) {
    await line('certificates', `[certificates] Generating ${what} certificates`);
  }
  const bundle = before?.desiredState.certificatesBundle ?? freshBundle(config);
  const state = {
    desiredState: { rkeConfig: config, certificatesBundle: bundle },
    currentState: before?.currentState ?? {},
  };
  await writeState(file, state);
  await line('state', 'Successfully Deployed state file at [./cluster.rkestate]');
  return state;
}

async function up(config, file, isInit) {
  say('info', `Running RKE version: ${settings.version ?? 'v1.5.12'}`);
  say('info', 'Initiating Kubernetes cluster');
  const state = await init(config, file);
  if (isInit) return;
  alone();
  const { certificatesBundle } = state.desiredState;
  const authority = certificatesBundle['kube-ca'].certificatePEM;
  const addresses = config.nodes.map(({ address, port }) => `${address}:${port ?? 22}`);
  setWorld({ hosts: [...new Set([...(world().hosts ?? []), ...addresses])] });
  for (const address of addresses) await line('dialer', `[dialer] Setup tunnel for host [${address}]`);
  await line('network', '[network] Checking KubeAPI port Control Plane hosts');
  await line('certs', '[certificates] Deploying kubernetes certificates to Cluster nodes');
  const { authority: there } = world();
  if (there !== undefined && there !== authority) {
    fatal('[etcd] Failed to bring up Etcd Plane: Etcd Cluster is not healthy: remote error: tls: bad certificate');
  }
  setWorld({ authority });
  writeFileSync('kube_config_cluster.yml', certificatesBundle['kube-admin'].config, { mode: 0o600 });
  await line('kubeconfig', 'Successfully Deployed local admin kubeconfig at [./kube_config_cluster.yml]');
  await line('reconcile', '[reconcile] Reconciling cluster state');
  const isUpgrade = Object.keys(state.currentState.certificatesBundle ?? {}).length > 0;
  if (isUpgrade && world().finished !== true) {
    await line('reconcile', '[controlplane] Now checking status of node');
    fatal(`[controlPlane] Failed to upgrade Control Plane: [[host ${addresses[0]} not ready]]`);
  }
  await line('hosts', '[hosts] Cordoning and pulling images');
  await line('etcd', '[etcd] Building up etcd plane..');
  await line('etcd-healthy', '[etcd] Successfully started etcd plane.. Checking etcd cluster health');
  await line('controlplane', '[controlplane] Building up Controller Plane..');
  await line('healthcheck', `[healthcheck] Start Healthcheck on service [kube-apiserver] on host [${addresses[0]}]`);
  await line('authz', '[authz] Creating rke-job-deployer ServiceAccount');
  await writeState(file, { ...state, currentState: state.desiredState });
  await line('current', 'Successfully Deployed state file at [./cluster.rkestate]');
  await line('full-state', '[state] Saving full cluster state to Kubernetes');
  await line('worker', '[worker] Building up Worker Plane..');
  await line('sync', '[sync] Syncing nodes Labels and Taints');
  await line('cni', '[network] Setting up network plugin: canal');
  setWorld({ finished: true });
  await line('addons', '[addons] Setting up user addons');
  await line('dns', '[dns] DNS provider coredns deployed successfully');
  await line('ingress', '[ingress] ingress controller nginx deployed successfully');
  setWorld({ hosts: addresses, kubernetes: config.kubernetes_version });
  const skipped = settings.skip ?? [];
  if (skipped.length > 0 && (world().skips ?? 0) < (settings.skipTimes ?? 1)) {
    setWorld({ skips: (world().skips ?? 0) + 1 });
    for (const host of skipped)
      say('warning', `Failed to set up SSH tunneling for host [${host}]: Can't retrieve Docker Info`);
    fatal(`Provisioning incomplete, host(s) [${skipped.join(',')}] skipped because they could not be contacted`);
  }
  for (const warning of settings.warn ?? []) say('warning', warning);
  await line('finish', 'Finished building Kubernetes cluster successfully');
}

async function remove(config, file) {
  if (!args.includes('--force')) return; // It asks, hears nothing, and ends with 0.
  alone();
  say('info', 'Tearing down Kubernetes cluster');
  for (const { address } of config.nodes)
    await line('remove', `[remove/etcd] Successfully removed container on [${address}]`);
  setWorld({ hosts: [], authority: undefined, finished: false });
  rmSync(file, { force: true });
  rmSync('kube_config_cluster.yml', { force: true });
  await line('removed', 'Cluster removed successfully');
}

/** cmd/cert.go: new certificates of the same authority go to the hosts; it says no more at its end than that workers run again. */
async function rotate(config, file) {
  alone();
  say('info', 'Initiating Kubernetes cluster');
  say('info', 'Rotating Kubernetes cluster certificates');
  const before = readState(file);
  if (Object.keys(before?.currentState?.certificatesBundle ?? {}).length === 0) {
    fatal("Failed to rotate certificates: can't find old certificates");
  }
  for (const what of ['Kubernetes API server', 'Kube Controller', 'Node', 'admin']) {
    await line('certificates', `[certificates] Generating ${what} certificates`);
  }
  const bundle = before.desiredState.certificatesBundle;
  const issued = (world().issued ?? 0) + 1;
  setWorld({ issued });
  const kubeconfig = `${bundle['kube-admin'].config.replace(/^# issued.*\n/m, '')}# issued ${issued} times\n`;
  const certificatesBundle = { ...bundle, 'kube-admin': { config: kubeconfig } };
  const state = { ...before, desiredState: { ...before.desiredState, certificatesBundle } };
  await writeState(file, state);
  await line('state', 'Successfully Deployed state file at [./cluster.rkestate]');
  await line('rebuild', 'Rebuilding Kubernetes cluster with rotated certificates');
  for (const { address } of config.nodes) await line('dialer', `[dialer] Setup tunnel for host [${address}]`);
  await line('certs', '[certificates] Deploying kubernetes certificates to Cluster nodes');
  writeFileSync('kube_config_cluster.yml', kubeconfig, { mode: 0o600 });
  await line('kubeconfig', 'Successfully Deployed local admin kubeconfig at [./kube_config_cluster.yml]');
  await writeState(file, { ...state, currentState: state.desiredState });
  await line('restart', '[etcd] Restarting up etcd plane..');
  await line('restart-controlplane', '[controlplane] Restarting the Controller Plane..');
  await line('restart-worker', '[worker] Restarting Worker Plane..');
  await line('restarted', '[worker] Successfully restarted Worker Plane..');
}

const nameOf = () => args[args.indexOf('--name') + 1];

/** cmd/etcd.go: the state file goes into the archive. */
async function snapshotSave(config, file) {
  alone();
  say('info', 'Starting saving snapshot on etcd hosts');
  for (const { address } of config.nodes) await line('dialer', `[dialer] Setup tunnel for host [${address}]`);
  for (const { address } of config.nodes) {
    await line('snapshot', `[etcd] Running snapshot save once on host [${address}]`);
  }
  const { snapshots = {}, data } = world();
  setWorld({ snapshots: { ...snapshots, [nameOf()]: { state: readFileSync(file, 'utf8'), data } } });
  await line('saved', `[etcd] Finished saving snapshot [${nameOf()}] on all etcd hosts`);
  await line('finish', `Finished saving/uploading snapshot [${nameOf()}] on all etcd hosts`);
}

/** cmd/etcd.go: the state of the snapshot with an empty currentState, then everything off the hosts, then up. */
async function snapshotRestore(config, file) {
  alone();
  say('info', `Checking if state file is included in snapshot file for [${nameOf()}]`);
  const saved = world().snapshots?.[nameOf()];
  if (saved === undefined) {
    fatal('failed to start backup server on all etcd nodes: [failed to create container: no such file]');
  }
  say('info', `State file is successfully extracted from snapshot [${nameOf()}]`);
  say('info', `Restoring etcd snapshot ${nameOf()}`);
  await writeState(file, { ...JSON.parse(saved.state), currentState: {} });
  for (const { address } of config.nodes) await line('dialer', `[dialer] Setup tunnel for host [${address}]`);
  await line('cleaning', 'Cleaning old kubernetes cluster');
  setWorld({ finished: false });
  for (const { address } of config.nodes) {
    await line('restoring', `[etcd] Restoring [${nameOf()}] snapshot on etcd host [${address}]`);
  }
  setWorld({ data: saved.data });
  await up(config, file, false);
  await line('restored', `Finished restoring snapshot [${nameOf()}] on all etcd hosts`);
}

/** Two at work on one cluster is what must never be. */
function alone() {
  const { running } = world();
  const isAlive = (pid) => {
    try {
      process.kill(pid, 0);
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
    } catch {
      return false;
    }
  };
  if (running !== undefined && running !== process.pid && isAlive(running)) {
    setWorld({ together: (world().together ?? 0) + 1 });
  }
  setWorld({ running: process.pid, runs: (world().runs ?? 0) + 1 });
}

const [command] = args;
if (command === '--version') {
  process.stdout.write(`rke version ${settings.version ?? 'v1.5.12'}\n`);
} else {
  const file = args[args.indexOf('--config') + 1] ?? 'cluster.yml';
  const config = parse(readFileSync(file, 'utf8'));
  const state = file.replace(/\.ya?ml$/, '.rkestate');
  if (command === 'up') await up(config, state, args.includes('--init'));
  else if (command === 'remove') await remove(config, state);
  else if (command === 'cert' && args[1] === 'rotate') await rotate(config, state);
  else if (command === 'etcd' && args[1] === 'snapshot-save') await snapshotSave(config, state);
  else if (command === 'etcd' && args[1] === 'snapshot-restore') await snapshotRestore(config, state);
  else fatal(`unknown command ${command}`);
}
