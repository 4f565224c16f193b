/**
 * Records a log by typing at a whole SkyFlow: jobs, deployments, one that waits, a scale, a template that changes, batch jobs, deletes, a
 * cluster that falls silent and comes back; or a burst of jobs of several shapes over a scheduler that is killed.
 * `node tests/recorded-logs/record.mjs walk-through|burst FILE` (build first).
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, URL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import getPort from 'get-port';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { JetStreamEventLog } from '@skyflow/event-log';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const [scenario, file] = process.argv.slice(2);
if (file === undefined)
  throw new Error('say what and where: walk-through tests/recorded-logs/v0.1/walk-through.log.gz');
const home = mkdtempSync(join(tmpdir(), 'skyflow-record-'));
const env = { ...process.env, SKYFLOW_HOME: home, NO_COLOR: '1' };

const up = (...args) => run(process.execPath, [join(root, 'tools/up/dist/main.js'), ...args], { env });
const skyctl = async (...args) => {
  console.log(`skyctl ${args.join(' ')}`);
  return (await run(process.execPath, [join(root, 'apps/skyctl/bin/skyctl.mjs'), ...args], { env })).stdout;
};
const apply = (manifest) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'apps/skyctl/bin/skyctl.mjs'), 'apply', '-f', '-'], {
      env,
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`apply ended with ${code}`))));
    child.stdin.end(JSON.stringify(manifest));
  });

const freePort = () => getPort({ host: '127.0.0.1' });

async function until(what, check, withinMs = 60_000) {
  const deadline = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(250);
  }
}
const jobs = (pattern) => until(`jobs show ${pattern}`, async () => pattern.test(await skyctl('get', 'jobs')));
const gone = (...names) =>
  until(`${names} gone`, async () => {
    const table = await skyctl('get', 'jobs');
    return names.every((name) => !table.includes(name));
  });

const pod = (cpu, more = {}) => ({
  containers: [
    {
      name: 'main',
      image: 'nginx',
      command: ['sh', '-c', 'sleep 1'],
      resources: { requests: { cpu, memory: '16Mi' } },
    },
  ],
  ...more,
});
const workload = (kind, name, spec) => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec,
});

async function walkThrough() {
  await skyctl(
    'create',
    'job',
    'hello',
    '--replicas',
    '2',
    '--run',
    'sleep 300',
    '--cpus',
    '1',
    '--labels',
    'app',
    'nginx',
  );
  await jobs(/hello .*RUNNING/);
  await skyctl('create', 'job', 'big', '--replicas', '1', '--run', 'sleep 300', '--cpus', '1.5');
  await skyctl('create', 'job', 'big-too', '--replicas', '1', '--run', 'sleep 300', '--cpus', '1.5');
  await skyctl('create', 'job', 'huge', '--replicas', '1', '--run', 'sleep 300', '--cpus', '64');
  await jobs(/huge .*PENDING/);
  await skyctl('delete', 'job', 'hello');
  await jobs(/big-too .*RUNNING/);
  await skyctl('delete', 'job', 'big');
  await skyctl('delete', 'job', 'huge');
  await gone('huge');
}

async function deployments() {
  const template = (image) => ({
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image, resources: { requests: { cpu: '100m', memory: '32Mi' } } }] },
  });
  const web = (replicas, image, more = {}) =>
    workload('Deployment', 'web', {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: template(image),
      ...more,
    });
  await apply(web(3, 'nginx:1'));
  await skyctl('scale', 'deployment', 'web', '--replicas', '8');
  await apply(web(8, 'nginx:2'));
  await skyctl('scale', 'deployment', 'web', '--replicas', '2');
  await apply(web(2, 'nginx:2', { placement: { clusters: ['mluo-onprem'] } }));
  await until('web on one cluster', async () => !(await skyctl('get', 'deployments')).includes('mluo-cloud'));
}

async function batch() {
  const spec = { replicas: 2, completions: 4, template: { spec: pod('50m', { restartPolicy: 'Never' }) } };
  await apply(workload('Job', 'sums', spec));
  await apply(workload('Job', 'numbered', { ...spec, completionMode: 'Indexed' }));
  await jobs(/sums .*COMPLETED/);
  await jobs(/numbered .*COMPLETED/);
  await skyctl('delete', 'job', 'sums');
  await gone('sums');
}

async function lostCluster() {
  const state = JSON.parse(readFileSync(join(home, 'run/state.json'), 'utf8'));
  const supervisor = state.processes['agent-supervisor'].pid;
  const agents = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ').map(Number);
  const commandLine = (pid) =>
    readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const agent = agents.find((pid) => commandLine(pid).includes('mluo-cloud'));
  if (agent === undefined) throw new Error('no agent of mluo-cloud was found');
  process.kill(agent, 'SIGSTOP');
  const clusters = (pattern) =>
    until(`clusters show ${pattern}`, async () => pattern.test(await skyctl('get', 'clusters')));
  await clusters(/mluo-cloud .*(LOST|UNKNOWN)/);
  await skyctl('create', 'job', 'meanwhile', '--replicas', '2', '--run', 'sleep 300', '--cpus', '0.2');
  await skyctl('create', 'job', 'wide', '--replicas', '2', '--run', 'sleep 300', '--cpus', '1.2');
  await jobs(/wide/);
  process.kill(agent, 'SIGCONT');
  await clusters(/mluo-cloud .*READY/);
  await jobs(/wide .*RUNNING/);
}

/** More than fits, in three shapes, while the scheduler is killed twice; then room comes free. */
async function burst() {
  const shapes = ['50m', '120m', '400m'];
  const batchOf = (from) =>
    Array.from({ length: 20 }, (_, index) => {
      const shape = (from + index) % 3;
      const labels = { group: index % 2 === 0 ? 'even' : 'odd' };
      const spec = { replicas: 1 + ((from + index) % 2), template: { metadata: { labels }, spec: pod(shapes[shape]) } };
      const job = workload('Job', `job-${from + index}`, spec);
      return { ...job, metadata: { ...job.metadata, labels } };
    });
  const scheduler = () => JSON.parse(readFileSync(join(home, 'run/state.json'), 'utf8')).processes.scheduler.pid;
  for (const from of [0, 20, 40]) {
    if (from > 0) process.kill(scheduler(), 'SIGKILL');
    await apply({ apiVersion: 'v1', kind: 'List', items: batchOf(from) });
  }
  await jobs(/job-59 /);
  await skyctl('delete', 'job', '-l', 'group=even');
  await until('half is gone', async () => !/job-58 /.test(await skyctl('get', 'jobs')));
  await until('nothing is undecided', async () => !/job-\d+ +-? +-? .*UNKNOWN/.test(await skyctl('get', 'jobs')));
}

try {
  await up('up', '--detach', '--port', String(await freePort()));
  if (scenario === 'burst') await burst();
  else {
    await walkThrough();
    await deployments();
    await batch();
    await lostCluster();
    await skyctl('delete', 'job', 'wide');
    await gone('wide');
  }
  await pause(1_000);
  const ports = JSON.parse(readFileSync(join(home, 'ports.json'), 'utf8'));
  const seed = readFileSync(join(home, 'nats-keys', 'operator.nk'));
  const connection = await connect({
    servers: `nats://127.0.0.1:${ports.nats}`,
    authenticator: nkeyAuthenticator(seed),
  });
  const log = await JetStreamEventLog.open({ connection });
  const lines = [];
  for await (const { seq, subject, storedAt, commit } of log.read()) {
    lines.push(JSON.stringify({ seq, subject, storedAt, commit }));
  }
  await log.close();
  await connection.close();
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
  console.log(`${lines.length} commits in ${file}`);
} finally {
  await up('down', '--purge');
  rmSync(home, { recursive: true, force: true });
}
