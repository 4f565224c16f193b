/** skyctl as a process against a stand-in gateway: what reading commands show and how they end. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { jobSpec, linesOf, share, useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;

describe('forms of output', () => {
  const file = (name: string, text: string): string => {
    const path = join(bed.skyctl.home, name);
    writeFileSync(path, text);
    return path;
  };

  it.each([
    [['-o', 'go-template={{.metadata.name}} {{len .metadata.labels}}'], 'hello 1'],
    [['-o', 'go-template', '--template', '{{range .status.clusters}}{{.cluster}};{{end}}'], 'mluo-cloud;mluo-onprem;'],
    [['--template', '{{.kind}}'], 'Job'],
    [['-o', 'jsonpath-as-json={.metadata.name}'], '[\n    "hello"\n]\n'],
  ])('%j', async (flags, text) => {
    expect(await run('get', 'job', 'hello', ...flags)).toEqual({ code: 0, stdout: text, stderr: '' });
  });

  it('templates and columns come from files too', async () => {
    const template = file('names.tpl', '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}\n');
    expect((await run('get', 'jobs', '-o', `go-template-file=${template}`)).stdout).toContain('hello\n');
    const path = file('names.path', '{.items[0].metadata.name}\n');
    expect((await run('get', 'jobs', '-o', `jsonpath-file=${path}`)).stdout).toBe('hello');
    const columns = file('columns', 'NAME  PHASE\n.metadata.name  .status.phase\n');
    expect((await run('get', 'job', 'hello', '-o', `custom-columns-file=${columns}`)).stdout).toMatch(
      /^hello +RUNNING$/m,
    );
  });

  it.each([
    [['-o', 'go-template={{.nope}}', '--allow-missing-template-keys=false'], 'no entry for key "nope"'],
    [['-o', 'go-template={{'], '"{{" without "}}"'],
    [['-o', 'go-template'], 'needs a template'],
    [['-o', 'jsonpath-file=/nowhere'], '/nowhere'],
    [['-o', 'go-yaml=x'], 'there is no such format'],
  ])('%j is told what is wrong', async (flags, text) => {
    const { code, stderr } = await run('get', 'job', 'hello', ...flags);
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  it('--raw prints what a path answers, --show-kind names kinds, --ignore-not-found is content', async () => {
    const raw = await run('get', '--raw', '/apis/skyflow.io/v1/namespaces/default/jobs/hello?x=1');
    expect(JSON.parse(raw.stdout)).toMatchObject({ metadata: { name: 'hello' } });
    expect((await run('get', '--raw', 'version')).code).toBe(2);
    expect((await run('get', '--raw', '/apis/skyflow.io/v1/nothing')).code).toBe(3);
    expect((await run('get', 'jobs', '--show-kind')).stdout).toMatch(/^job\.skyflow\.io\/hello /m);
    expect(await run('get', 'job', 'gone', '--ignore-not-found')).toEqual({ code: 0, stdout: '', stderr: '' });
    await run('get', 'jobs', '--chunk-size', '7');
    expect(bed.gateway.requests.at(-1)).toContain('limit=7');
  });

  it('-f means the objects of files, for get, describe, label and delete', async () => {
    const manifest = file('cm.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: filed}\ndata: {a: b}\n');
    expect(await run('create', '-f', manifest)).toMatchObject({ code: 0, stdout: 'configmap/filed created\n' });
    const again = await run('create', '-f', manifest);
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('already exists')]);
    expect((await run('get', '-f', manifest, '-o', 'name')).stdout).toBe('configmap/filed\n');
    expect((await run('describe', '-f', manifest)).stdout).toContain('filed');
    expect(await run('label', '-f', manifest, 'x=y')).toMatchObject({ code: 0, stdout: 'configmap/filed labeled\n' });
    expect((await run('label', 'cm', 'filed', '--list')).stdout).toBe('x=y\n');
    expect((await run('wait', '-f', manifest, '--for', 'jsonpath={.data.a}=b')).code).toBe(0);
    expect((await run('get', 'cm', '-f', manifest)).code).toBe(2);
    expect(await run('delete', '-f', manifest, '-o', 'name')).toMatchObject({ code: 0, stdout: 'configmap/filed\n' });
  });

  it.each([
    [['explain', 'job', 'hello'], /explain\?at=17$/],
    [['history', 'job', 'hello'], /history\?at=17$/],
    [['history', 'job', 'hello', '--limit', '3'], /history\?limit=3&at=17$/],
    [['rollout', 'history', 'job/hello'], /revisions\?at=17$/],
    [['events'], /events\?(.*&)?at=17/],
    [['node', 'list'], /clusters\?limit=5000&at=17$/],
    [['node', 'describe', 'mluo-cloud-1'], /clusters\?limit=5000&at=17$/],
  ])('%j takes --at', async (args, request) => {
    await run(...args, '--at', '17');
    expect(bed.gateway.requests.filter((each) => each.startsWith('GET ')).at(-1)).toMatch(request);
  });

  it('of the past nothing is watched', async () => {
    expect((await run('events', '-w', '--at', '17')).code).toBe(2);
  });
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
    expect(bed.gateway.requests).toEqual(['GET /apis/skyflow.io/v1/namespaces/default/jobs?limit=5000']);
  });

  it('asks for what was, at a time as people say it', async () => {
    const before = Date.now();
    await run('get', 'jobs', '--at', '10 minutes ago');
    await run('get', 'job', 'hello', '--at', '17');
    const [list = '', one = ''] = bed.gateway.requests;
    const time = new URL(list.slice('GET '.length), 'http://x').searchParams.get('at') ?? '';
    expect(before - Date.parse(time)).toBeGreaterThan(10 * 60_000 - 60_000);
    expect(before - Date.parse(time)).toBeLessThanOrEqual(10 * 60_000);
    expect(one).toBe('GET /apis/skyflow.io/v1/namespaces/default/jobs/hello?at=17');
    const refused = await run('get', 'jobs', '--at', 'soon');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--at soon: is no time')]);
    expect((await run('get', 'jobs', '-w', '--at', '1h')).code).toBe(2);
  });

  it.each([
    [['describe', 'job', 'hello'], 1],
    [['status'], 3],
    [['top', 'clusters'], 1],
  ])('%j reads the past too, and only that', async (args, reads) => {
    await run(...args, '--at', '17');
    expect(bed.gateway.requests).toHaveLength(reads);
    for (const request of bed.gateway.requests) expect(request).toMatch(/[?&]at=17$/);
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
    await bed.gateway.put({
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
    expect(linesOf((await run('get', 'job', 'big')).stdout)).toEqual([
      'Name    Cluster       Replicas    Resources    Namespace    Status     Reason           Message',
      'big     mluo-cloud    1/1         cpus: 1.0    default      RUNNING',
      'big     -             0/2         cpus: 1.0    default      PENDING    Unschedulable    no cluster has 1 cpu left',
    ]);
    await run('delete', 'job', 'big');
  });

  it.each([
    [['-o', 'name'], 'job.skyflow.io/hello\n'],
    [['--no-headers', '-L', 'app,no/such'], /^hello .* RUNNING +nginx\nhello .* RUNNING +nginx\n$/],
    [['-o', 'jsonpath={.items[*].metadata.name}'], 'hello'],
    [['-o', 'custom-columns=N:.metadata.name,R:.spec.replicas'], 'N        R\nhello    2\n'],
    [['--no-headers', '-l', 'app=nginx', '-o', 'custom-columns=N:.metadata.name'], 'hello\n'],
  ])('prints %j', async (flags, stdout) => {
    const expected: unknown = typeof stdout === 'string' ? stdout : expect.stringMatching(stdout);
    expect(await run('get', 'jobs', ...flags)).toEqual({ code: 0, stderr: '', stdout: expected });
  });

  it('prints one object itself and several as a list, as JSON and YAML that reads back', async () => {
    const one = JSON.parse((await run('get', 'job/hello', '-o', 'json')).stdout) as { kind: string };
    expect(one).toMatchObject({ apiVersion: 'skyflow.io/v1', kind: 'Job', metadata: { name: 'hello' } });
    const list = JSON.parse((await run('get', 'jobs', '-o', 'json')).stdout) as { items: unknown[] };
    expect(list).toMatchObject({ kind: 'List', items: [{ kind: 'Job' }] });
    expect((await run('get', 'job', 'hello', '-o', 'yaml')).stdout).toMatch(/^apiVersion: skyflow.io\/v1\nkind: Job\n/);
  });

  it('asks the server for the table of kinds that it does not know itself', async () => {
    await bed.gateway.put({ kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } });
    const { stdout } = await run('get', 'cm');
    expect(linesOf(stdout)[1]).toMatch(/^settings/);
  });

  it.each([
    [['get', 'jobz'], 3, /there is no kind "jobz"[^]*did you mean jobs\?/],
    [['get', 'job', 'nothing'], 3, /jobs\.skyflow\.io "nothing" not found/],
    [['get', 'jobs', '-o', 'xml'], 2, /-o xml: there is no such format[^]*yaml/],
    [['get', 'jobs', '-o', 'jsonpath={.a'], 2, /never closed/],
    [['mesh', 'top', '--at', '1h'], 2, /mesh top: there is no --at here[^]*what the log keeps/],
    [['get', 'jobs', '--outptu', 'json'], 2, /unknown option '--outptu'[^]*--output/],
    [['get', 'jobs', '-A', '-n', 'x'], 2, /-A and -n contradict/],
    [['get', 'jobs', '-l', 'a==='], 5, /label/i],
    [['get'], 2, /say which kind, such as jobs/],
    [['rollout', 'frob'], 2, /unknown command 'frob'[^]*"skyctl rollout --help"/],
    [['gte', 'jobs'], 2, /unknown command 'gte'[^]*did you mean get/],
    [['create', 'jbo', 'x'], 2, /jbo/],
  ])('%j ends with code %d and says what is wrong', async (args, code, message) => {
    const outcome = await bed.skyctl.run(args);
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

describe('the rest', () => {
  it('describes, explains, shows logs, status and versions', async () => {
    expect((await run('describe', 'job', 'hello')).stdout).toMatch(
      /Name: +hello[^]*Clusters:\n {2}Cluster[^]*mluo-cloud/,
    );
    expect((await run('describe', 'cluster', 'mluo-cloud')).stdout).toMatch(/Free\/total: +cpus: 1\.93\/2\.0/);
    expect((await run('explain', 'job', 'hello')).stdout).toMatch(
      /mluo-onprem +refused +0 +- +- +ResourceFit: cpu: 0\.2 of 1 free[^]*1 waiting: no cluster has 1 cpu left[^]*mluo-cloud: PENDING, MissingDependency, Secret gone is missing on the cluster/,
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
      linesOf((await run('__complete', '--', ...words)).stdout).map((line) => line.split('\t')[0]);
    expect(await complete('de')).toEqual(['describe', 'delete', 'debug']);
    expect(await complete('create', '')).toEqual(
      expect.arrayContaining(['job', 'deployment', 'service', 'cluster', 'namespace', 'user', 'role']),
    );
    expect(await complete('get', 'jo')).toEqual(['jobs']);
    expect(await complete('get', 'job', 'hel')).toEqual(['hello']);
    expect(await complete('logs', 'job/h')).toEqual(['job/hello']);
    expect(await complete('get', 'jobs', '--outp')).toEqual(['--output', '--output-watch-events']);
    expect(await complete('get', 'jobs', '-o', 'js')).toEqual([
      'json',
      'jsonpath=',
      'jsonpath-file=',
      'jsonpath-as-json=',
    ]);
    expect(await complete('create', 'job', 'x', '--clusters=ml')).toEqual(['--clusters=mluo-cloud']);
    expect(await complete('apply', '-f', '')).toEqual([':file']);
    expect(await complete('-n', 'def')).toEqual(['default']);
  });
});
