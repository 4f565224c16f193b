/** skyctl as a process against a stand-in gateway: what reading commands show and how they end. */
import { describe, expect, it } from '@jest/globals';
import { jobSpec, linesOf, share, useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;

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
    [['get', 'jobs', '--outptu', 'json'], 2, /unknown option '--outptu'[^]*--output/],
    [['get', 'jobs', '-A', '-n', 'x'], 2, /-A and -n contradict/],
    [['get', 'jobs', '-l', 'a==='], 5, /label/i],
    [['get'], 2, /missing required argument 'kind'/],
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
    expect(await complete('de')).toEqual(['describe', 'delete']);
    expect(await complete('create', '')).toEqual(
      expect.arrayContaining(['job', 'deployment', 'service', 'cluster', 'namespace', 'user', 'role']),
    );
    expect(await complete('get', 'jo')).toEqual(['jobs']);
    expect(await complete('get', 'job', 'hel')).toEqual(['hello']);
    expect(await complete('logs', 'job/h')).toEqual(['job/hello']);
    expect(await complete('get', 'jobs', '--outp')).toEqual(['--output']);
    expect(await complete('get', 'jobs', '-o', 'js')).toEqual(['json', 'jsonpath=']);
    expect(await complete('create', 'job', 'x', '--clusters=ml')).toEqual(['--clusters=mluo-cloud']);
    expect(await complete('apply', '-f', '')).toEqual([':file']);
    expect(await complete('-n', 'def')).toEqual(['default']);
  });
});
