/** skyctl as a process against a stand-in gateway: what it shows, what it sends, how it ends. */
import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Skyctl } from './testing/run-skyctl.js';
import { TOKEN, startStandIn } from './testing/stand-in-gateway.js';
import type { StandIn } from './testing/stand-in-gateway.js';

const share = (cluster: string, more: object = {}) => ({
  cluster,
  phase: 'RUNNING',
  replicas: 1,
  ready: 1,
  running: 1,
  succeeded: 0,
  failed: 0,
  ...more,
});
const jobSpec = (replicas: number) => ({
  replicas,
  template: { spec: { containers: [{ name: 'a', image: 'x', resources: { requests: { cpu: '1' } } }] } },
});

describe('skyctl', () => {
  let gateway: StandIn;
  let skyctl: Skyctl;
  const run = (...args: string[]) => skyctl.run(args);
  const lines = (text: string) => text.trimEnd().split('\n');

  beforeAll(async () => {
    gateway = await startStandIn();
    skyctl = await Skyctl.build({ SKYFLOW_SERVER: gateway.url, SKYFLOW_TOKEN: TOKEN });
    await gateway.put({
      kind: 'Job',
      metadata: { name: 'hello', labels: { app: 'nginx' } },
      spec: jobSpec(2),
      status: { phase: 'RUNNING', placed: 2, clusters: [share('mluo-cloud'), share('mluo-onprem')] },
    });
    const allocatable = { cpu: 2_000, memory: 7954.6796875 * 2 ** 20 };
    await gateway.put({
      kind: 'Cluster',
      metadata: { name: 'mluo-cloud' },
      spec: { manager: 'k8', context: 'mluo-cloud' },
      status: { phase: 'READY', allocatable, free: { cpu: 1_930, memory: 6035.6796875 * 2 ** 20 }, nodes: [] },
    });
  });
  afterAll(async () => {
    await gateway.close();
    await skyctl.remove();
  });
  beforeEach(() => {
    gateway.requests.length = 0;
    gateway.intercept = () => false;
  });

  describe('get', () => {
    it("shows jobs in the seed's manner, a row for each cluster", async () => {
      expect(await run('get', 'jobs')).toEqual({
        code: 0,
        stderr: '',
        stdout: [
          'Name     Cluster        Replicas    Resources    Namespace    Status',
          'hello    mluo-cloud     1/1         cpus: 1.0    default      RUNNING',
          'hello    mluo-onprem    1/1         cpus: 1.0    default      RUNNING',
          '',
        ].join('\n'),
      });
      expect(gateway.requests).toEqual(['GET /apis/skyflow.io/v1/namespaces/default/jobs?limit=5000']);
    });

    it('shows clusters with what is free and what there is', async () => {
      expect((await run('get', 'cl')).stdout).toBe(
        [
          'Name          Manager    Resources                    Status',
          'mluo-cloud    k8         cpus: 1.93/2.0               READY',
          '                         memory: 6035.7/7954.7 MiB',
          '',
        ].join('\n'),
      );
    });

    it('says why replicas wait', async () => {
      await gateway.put({
        kind: 'Job',
        metadata: { name: 'big' },
        spec: jobSpec(3),
        status: {
          phase: 'PENDING',
          placed: 1,
          reason: 'Unschedulable',
          message: 'no cluster has 1 cpu left',
          clusters: [share('mluo-cloud')],
        },
      });
      expect(lines((await run('get', 'job', 'big')).stdout)).toEqual([
        'Name    Cluster       Replicas    Resources    Namespace    Status     Reason',
        'big     mluo-cloud    1/1         cpus: 1.0    default      RUNNING',
        'big     -             0/2         cpus: 1.0    default      PENDING    no cluster has 1 cpu left',
      ]);
      await run('delete', 'job', 'big');
    });

    it.each([
      [['-o', 'name'], 'job.skyflow.io/hello\n'],
      [['-o', 'jsonpath={.items[*].metadata.name}'], 'hello'],
      [['-o', 'custom-columns=N:.metadata.name,R:.spec.replicas'], 'N        R\nhello    2\n'],
      [['--no-headers', '-l', 'app=nginx', '-o', 'custom-columns=N:.metadata.name'], 'hello\n'],
    ])('prints %j', async (flags, stdout) => {
      expect(await run('get', 'jobs', ...flags)).toEqual({ code: 0, stderr: '', stdout });
    });

    it('prints one object itself and several as a list, as JSON and YAML that reads back', async () => {
      const one = JSON.parse((await run('get', 'job/hello', '-o', 'json')).stdout) as { kind: string };
      expect(one).toMatchObject({ apiVersion: 'skyflow.io/v1', kind: 'Job', metadata: { name: 'hello' } });
      const list = JSON.parse((await run('get', 'jobs', '-o', 'json')).stdout) as { items: unknown[] };
      expect(list).toMatchObject({ kind: 'List', items: [{ kind: 'Job' }] });
      expect((await run('get', 'job', 'hello', '-o', 'yaml')).stdout).toMatch(
        /^apiVersion: skyflow.io\/v1\nkind: Job\n/,
      );
    });

    it('asks the server for the table of kinds that it does not know itself', async () => {
      await gateway.put({ kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } });
      const { stdout } = await run('get', 'cm');
      expect(lines(stdout)[1]).toMatch(/^settings/);
    });

    it.each([
      [['get', 'jobz'], 3, /there is no kind "jobz"[^]*did you mean jobs\?/],
      [['get', 'job', 'nothing'], 3, /jobs\.skyflow\.io "nothing" not found/],
      [['get', 'jobs', '-o', 'xml'], 2, /-o xml: there is no such format[^]*yaml/],
      [['get', 'jobs', '-o', 'jsonpath={.a'], 2, /never closed/],
      [['get', 'jobs', '--outptu', 'json'], 2, /unknown option '--outptu'[^]*--output/],
      [['get', 'jobs', '-A', '-n', 'x'], 2, /-A and -n contradict/],
      [['get', 'jobs', '-l', 'a==='], 5, /label/i],
      [['get'], 2, /missing required argument 'kind'/],
      [['gte', 'jobs'], 2, /unknown command 'gte'[^]*did you mean get/],
      [['create', 'jbo', 'x'], 2, /jbo/],
    ])('%j ends with code %d and says what is wrong', async (args, code, message) => {
      const outcome = await skyctl.run(args);
      expect(outcome).toMatchObject({ code, stdout: '' });
      expect(outcome.stderr).toMatch(message);
      expect(outcome.stderr).not.toMatch(/^\s+at /m);
    });

    it('prints what it found and reports what it did not', async () => {
      const { code, stdout, stderr } = await run('get', 'job', 'hello', 'nothing', '-o', 'name');
      expect({ code, stdout }).toEqual({ code: 3, stdout: 'job.skyflow.io/hello\n' });
      expect(stderr).toMatch(/"nothing" not found/);
    });
  });

  describe('create and delete', () => {
    it('creates what the flags say and deletes it again', async () => {
      const flags = [
        '--replicas',
        '3',
        '--run',
        'date',
        '-l',
        'app',
        'web',
        '-e',
        'A',
        'b=c',
        '--restart_policy',
        'Never',
      ];
      expect(await run('create', 'job', 'made', ...flags)).toEqual({
        code: 0,
        stdout: 'job.skyflow.io/made created\n',
        stderr: '',
      });
      const made = JSON.parse((await run('get', 'job', 'made', '-o', 'json')).stdout) as object;
      expect(made).toMatchObject({
        metadata: { labels: { app: 'web' } },
        spec: {
          replicas: 3,
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              restartPolicy: 'Never',
              containers: [
                { image: 'ubuntu:latest', command: ['/bin/sh', '-c', 'date'], env: [{ name: 'A', value: 'b=c' }] },
              ],
            },
          },
        },
      });
      expect(await run('delete', 'job', 'made')).toMatchObject({ code: 0, stdout: 'job.skyflow.io/made deleted\n' });
      expect((await run('get', 'job', 'made')).code).toBe(3);
    });

    it('sends nothing for --dry-run client', async () => {
      const { stdout } = await run(
        'create',
        'deployment',
        'web',
        '--image',
        'nginx',
        '--dry-run',
        'client',
        '-o',
        'yaml',
      );
      expect(stdout).toMatch(/kind: Deployment[^]*image: nginx/);
      expect(gateway.requests).toEqual([]);
    });

    it('adds a cluster of a context and a namespace', async () => {
      expect((await run('create', 'cluster', '--manager', 'k8', 'gke_a_b')).stdout).toBe(
        'cluster.skyflow.io/gke-a-b created for the context gke_a_b\n',
      );
      expect((await run('create', 'ns', 'team-a')).stdout).toBe('namespace/team-a created\n');
      expect((await run('delete', 'cluster/gke-a-b', 'ns/team-a')).code).toBe(0);
    });

    it.each([
      [
        ['create', 'job', 'Bad_Name', '--run', 'x'],
        5,
        /"Bad_Name" is invalid\n {2}metadata\.name: Invalid value: "Bad_Name"/,
      ],
      [['create', 'job', 'zero', '--replicas', '0'], 5, /"zero" is invalid\n {2}spec\.replicas: Invalid value: 0/],
      [['create', 'job', 'hello'], 4, /"hello" already exists\nhint: .*skyctl get job hello/],
      [['create', 'job', 'x', '--replicas', 'many'], 2, /--replicas "many": must be a whole number/],
      [['create', 'job', 'x', '--cpus', '1', '--cpu', '2'], 2, /unknown option '--cpu'[^]*--cpus/],
      [
        ['create', 'job', 'x', '--memory', 'lots', '--gpus', 'few'],
        2,
        /2 flags are wrong\n {2}--memory[^]*\n {2}--gpus/,
      ],
      [['create', 'job', 'x', '-l', 'alone'], 2, /--labels alone: needs a value/],
      [['create', 'job'], 2, /missing required argument 'name'/],
      [['create', 'job', 'x', '--dry-run', 'perhaps'], 2, /perhaps[^]*client, server/],
      [['delete', 'jobs'], 2, /say which: names, -l SELECTOR, or --all/],
      [['delete', 'job', 'nothing'], 3, /"nothing" not found/],
      [['scale', 'job', 'hello', '--replicas', '0'], 5, /spec\.replicas: Invalid value: 0/],
      [['scale', 'job', 'hello', '--replicas', '3', '--current-replicas', '9'], 4, /has 2 replicas, not 9/],
    ])('%j ends with code %d and says what is wrong', async (args, code, message) => {
      const outcome = await skyctl.run(args);
      expect(outcome.stderr).toMatch(message);
      expect(outcome).toMatchObject({ code, stdout: '' });
    });

    it('scales', async () => {
      expect((await run('scale', 'job/hello', '--replicas', '2')).stdout).toBe('job.skyflow.io/hello scaled\n');
    });
  });

  describe('apply', () => {
    const manifest = (name: string, replicas: unknown) =>
      `apiVersion: skyflow.io/v1\nkind: Job\nmetadata:\n  name: ${name}\nspec:\n  replicas: ${String(replicas)}\n  template:\n    spec:\n      containers: [{name: a, image: x}]\n`;
    const apply = (input: string, ...flags: string[]) => skyctl.run(['apply', '-f', '-', ...flags], { input });

    it('creates, leaves alone, and changes', async () => {
      expect(await apply(manifest('applied', 1))).toMatchObject({
        code: 0,
        stdout: 'job.skyflow.io/applied created\n',
      });
      expect((await apply(manifest('applied', 1))).stdout).toBe('job.skyflow.io/applied unchanged\n');
      expect((await apply(manifest('applied', 2), '--dry-run=server')).stdout).toBe(
        'job.skyflow.io/applied configured (server dry run)\n',
      );
      expect((await apply(manifest('applied', 2))).stdout).toBe('job.skyflow.io/applied configured\n');
    });

    it('says who manages a field that somebody else has, and takes it over when told to', async () => {
      await gateway.setSpec('Job', 'applied', { replicas: 5 });
      const refused = await apply(manifest('applied', 2));
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/spec\.replicas[^]*--force-conflicts/);
      expect((await apply(manifest('applied', 2), '--force-conflicts')).stdout).toMatch(/configured/);
    });

    it('takes what create and scale said before for its own', async () => {
      expect((await run('create', 'job', 'own', '--replicas', '3', '--image', 'x')).code).toBe(0);
      expect((await apply(manifest('own', 1))).stdout).toBe('job.skyflow.io/own configured\n');
      expect((await run('scale', 'job', 'own', '--replicas', '5')).code).toBe(0);
      expect((await apply(manifest('own', 2))).stdout).toBe('job.skyflow.io/own configured\n');
      expect((await run('get', 'job', 'own', '-o', 'jsonpath={.spec.replicas}')).stdout).toBe('2');
    });

    it('reads directories and several documents, and deletes by the same files', async () => {
      const directory = join(skyctl.home, 'manifests');
      mkdirSync(join(directory, 'deeper'), { recursive: true });
      writeFileSync(join(directory, 'a.yaml'), `${manifest('one', 1)}---\n# nothing here\n---\n${manifest('two', 1)}`);
      writeFileSync(
        join(directory, 'b.json'),
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
      );
      writeFileSync(join(directory, 'deeper/c.yml'), manifest('three', 1));
      expect(lines((await run('apply', '-f', directory)).stdout)).toEqual([
        'job.skyflow.io/one created',
        'job.skyflow.io/two created',
        'configmap/c created',
      ]);
      expect((await run('apply', '-f', directory, '-R')).stdout).toMatch(/three created/);
      expect((await run('delete', '-f', directory, '-R')).code).toBe(0);
      expect((await run('get', 'job', 'one', 'two', 'three')).code).toBe(3);
    });

    it('names file, line and column of broken YAML, and sends nothing', async () => {
      const { code, stderr } = await apply(`${manifest('fine', 1)}---\nkind: Job\nmetadata:\n  name: x\n bad: [\n`);
      expect(code).toBe(2);
      expect(stderr).toMatch(/stdin, line 14, column \d+: /);
      expect(gateway.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
    });

    it('names every document that cannot be sent, and the kinds that there are', async () => {
      const { code, stderr } = await apply(
        `${manifest('fine', 1)}---\napiVersion: skyflow.io/v1\nkind: Jib\nmetadata: {name: x}\n---\nkind: Job\n---\n- list\n`,
      );
      expect(code).toBe(3);
      expect(stderr).toMatch(/no kind "Jib" in apiVersion "skyflow\.io\/v1"/);
      expect(stderr).toMatch(/document 3 \(line 15\): apiVersion: is required/);
      expect(stderr).toMatch(/document 4 .*is a list, not an object/);
      expect(stderr).toMatch(/hint: it has: Job \(skyflow\.io\/v1\)/);
      expect(gateway.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
    });

    it('goes on after a refusal, names its document, and fails in the end', async () => {
      const { code, stdout, stderr } = await apply(`${manifest('wrong', 0)}---\n${manifest('right', 1)}`);
      expect({ code, stdout }).toEqual({ code: 5, stdout: 'job.skyflow.io/right created\n' });
      expect(stderr).toMatch(
        /stdin, document 1 \(line 1\): .*"wrong" is invalid\n {2}spec\.replicas: Invalid value: 0/,
      );
    });

    it.each([
      [['apply'], /say which files/],
      [['apply', '-f', '/nowhere/at/all.yaml'], /\/nowhere\/at\/all\.yaml: there is no such file/],
      [['apply', '-f', '-'], /there is no object/],
    ])('%j is refused', async (args, message) => {
      const outcome = await skyctl.run(args);
      expect(outcome.code).toBe(2);
      expect(outcome.stderr).toMatch(message);
    });
  });

  describe('wait and watch', () => {
    it('waits for a phase, and says what it is when the time runs out', async () => {
      expect(await run('wait', 'job', 'hello', '--for', 'phase=running')).toMatchObject({
        code: 0,
        stdout: 'job.skyflow.io/hello condition met\n',
      });
      const late = await run('wait', 'job/hello', '--for', 'phase=COMPLETED', '--timeout', '200ms');
      expect(late.code).toBe(7);
      expect(late.stderr).toMatch(/waited 0\.2 s for it to be COMPLETED\n {2}job\.skyflow\.io\/hello: RUNNING/);
    });

    it('sees what happens while it waits', async () => {
      await gateway.put({ kind: 'Job', metadata: { name: 'soon' }, spec: jobSpec(1) });
      const waiting = run('wait', 'job', 'soon', '--for', 'jsonpath={.status.ready}=1', '--timeout', '10s');
      await gateway.setStatus('Job', 'soon', { phase: 'RUNNING', ready: 1 });
      expect((await waiting).code).toBe(0);
      const gone = run('wait', 'job', 'soon', '--for', 'delete', '--timeout', '10s');
      expect((await run('delete', 'job', 'soon')).code).toBe(0);
      expect((await gone).code).toBe(0);
    });

    it('prints the rows that change, each once', async () => {
      await gateway.put({ kind: 'Job', metadata: { name: 'moving' }, spec: jobSpec(1) });
      const watching = skyctl.run(['get', 'job', 'moving', '-w'], { until: /mluo-onprem/ });
      const watched = () => gateway.requests.some((request) => request.includes('watch=true'));
      const deadlineMs = Date.now() + 2_000;
      while (!watched() && Date.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 10));
      const running = { phase: 'RUNNING', placed: 1, clusters: [share('mluo-cloud')] };
      await gateway.setStatus('Job', 'moving', running);
      await gateway.setStatus('Job', 'moving', { ...running, observedGeneration: 7 });
      await gateway.setStatus('Job', 'moving', { ...running, clusters: [share('mluo-onprem')] });
      const { stdout } = await watching;
      expect(lines(stdout).map((line) => line.split(/ {2,}/).slice(0, 3).join(' '))).toEqual([
        'Name Cluster Replicas',
        'moving - 0/1',
        'Name Cluster Replicas',
        'moving mluo-cloud 1/1',
        'moving mluo-onprem 1/1',
      ]);
      await run('delete', 'job', 'moving');
    });
  });

  describe('the rest', () => {
    it('describes, explains, shows logs, status and versions', async () => {
      expect((await run('describe', 'job', 'hello')).stdout).toMatch(
        /Name: +hello[^]*Clusters:\n {2}Cluster[^]*mluo-cloud/,
      );
      expect((await run('describe', 'cluster', 'mluo-cloud')).stdout).toMatch(/Free\/total: +cpus: 1\.93\/2\.0/);
      expect((await run('explain', 'job', 'hello')).stdout).toMatch(
        /mluo-onprem +refused +0 +- +- +ResourceFit: cpu: 0\.2 of 1 free[^]*1 waiting: no cluster has 1 cpu left/,
      );
      expect((await run('logs', 'hello', '--tail', '5', '--since', '1m', '--prefix')).stdout).toBe(
        'log of hello tailLines=5&sinceSeconds=60&prefix=true\n',
      );
      expect((await run('status')).stdout).toMatch(/mluo-cloud[^]*Workloads +Total[^]*jobs +\d+/);
      expect((await run('version')).stdout).toMatch(/^Client: skyctl \d[^]*\nServer: SkyFlow v/);
    });

    it('has help with examples for every command', async () => {
      for (const command of ['get', 'create job', 'delete', 'apply', 'logs', 'wait', 'scale', 'config use-context']) {
        const { code, stdout } = await run(...command.split(' '), '--help');
        expect({ command, code }).toEqual({ command, code: 0 });
        expect(stdout).toMatch(/Usage: skyctl [^]*Examples:/);
      }
      expect((await run('--help')).stdout).toMatch(/Exit codes:[^]*4 {2}it exists already/);
    });

    it('completes commands, kinds, flags and names', async () => {
      const complete = async (...words: string[]) =>
        lines((await run('__complete', '--', ...words)).stdout).map((line) => line.split('\t')[0]);
      expect(await complete('de')).toEqual(['describe', 'delete']);
      expect(await complete('create', '')).toEqual(['job', 'deployment', 'cluster', 'namespace']);
      expect(await complete('get', 'jo')).toEqual(['jobs']);
      expect(await complete('get', 'job', 'hel')).toEqual(['hello']);
      expect(await complete('logs', 'job/h')).toEqual(['job/hello']);
      expect(await complete('get', 'jobs', '--outp')).toEqual(['--output']);
      expect(await complete('get', 'jobs', '-o', 'js')).toEqual(['json', 'jsonpath=']);
      expect(await complete('create', 'job', 'x', '--clusters=ml')).toEqual(['--clusters=mluo-cloud']);
      expect(await complete('apply', '-f', '')).toEqual([':file']);
    });
  });

  describe('without a server it can use', () => {
    it('says where it looked and what to do when nothing is configured', async () => {
      const { code, stderr } = await skyctl.run(['get', 'jobs'], { env: { SKYFLOW_SERVER: '', SKYFLOW_TOKEN: '' } });
      expect(code).toBe(2);
      expect(stderr).toMatch(/no SkyFlow server is configured[^]*npm run up[^]*--server/);
    });

    it('says where it tried when nothing listens there', async () => {
      const { code, stderr } = await run('get', 'jobs', '--server', 'http://127.0.0.1:1');
      expect(code).toBe(6);
      expect(stderr).toMatch(
        /cannot reach the SkyFlow server at http:\/\/127\.0\.0\.1:1: connection refused[^]*--server/,
      );
    });

    it('says that the token is not valid', async () => {
      const { code, stderr } = await run('get', 'jobs', '--token', 'wrong');
      expect(code).toBe(5);
      expect(stderr).toMatch(/Unauthorized[^]*token/i);
    });

    it('does not take any web server for SkyFlow', async () => {
      gateway.intercept = (_request, response) => {
        response.statusCode = 404;
        response.end('<html>nothing</html>');
        return true;
      };
      const { code, stderr } = await run('get', 'jobs');
      expect(code).toBe(1);
      expect(stderr).toMatch(/answered 404 with something that is not an answer of SkyFlow/);
    });

    it('gives up on a server that does not answer', async () => {
      gateway.intercept = () => true;
      const { code, stderr } = await run('get', 'jobs', '--request-timeout', '200ms');
      expect(code).toBe(7);
      expect(stderr).toMatch(/no answer from .* within 0\.2 s/);
    });

    it('reads contexts from its configuration file and changes them', async () => {
      const config = (current: string) =>
        `currentContext: ${current}\ncontexts:\n  - name: here\n    server: ${gateway.url}\n    token: ${TOKEN}\n  - name: there\n    server: http://127.0.0.1:1\n`;
      writeFileSync(join(skyctl.home, 'config.yaml'), config('there'), { mode: 0o600 });
      const env = { SKYFLOW_SERVER: '', SKYFLOW_TOKEN: '' };
      expect((await skyctl.run(['get', 'jobs'], { env })).code).toBe(6);
      expect((await skyctl.run(['get', 'jobs', '--context', 'here', '-o', 'name'], { env })).stdout).toMatch(/hello/);
      expect((await skyctl.run(['config', 'use-context', 'here'], { env })).code).toBe(0);
      expect((await skyctl.run(['get', 'jobs'], { env })).code).toBe(0);
      const view = await skyctl.run(['config', 'view'], { env });
      expect(view.stdout).toMatch(/currentContext: here[^]*REDACTED/);
      expect(view.stdout).not.toContain(TOKEN);
      expect((await skyctl.run(['config', 'use-context', 'nowhere'], { env })).code).toBe(2);
    });
  });
});
