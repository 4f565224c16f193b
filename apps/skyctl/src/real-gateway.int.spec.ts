/** skyctl, the gateway and nats-server as real processes: what goes through all of them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN_TOKEN, startRealGateway, type RealGateway } from './testing/real-gateway.js';
import { Skyctl } from './testing/run-skyctl.js';

describe('skyctl with the real gateway', () => {
  let gateway: RealGateway;
  let skyctl: Skyctl;
  const run = (...args: string[]) => skyctl.run(args);

  beforeAll(async () => {
    gateway = await startRealGateway();
    skyctl = await Skyctl.build({ SKYFLOW_SERVER: gateway.url, SKYFLOW_TOKEN: ADMIN_TOKEN });
  }, 120_000);
  afterAll(async () => {
    await gateway.stop();
    await skyctl.remove();
  });

  it('creates a job that waits for the scheduler, and says so', async () => {
    const flags = ['--replicas', '2', '--run', 'echo hello; sleep 300', '--cpus', '1', '--labels', 'app', 'nginx'];
    expect(await run('create', 'job', 'hello', ...flags)).toEqual({
      code: 0,
      stdout: 'job.skyflow.io/hello created\n',
      stderr: '',
    });
    const { stdout } = await run('get', 'jobs');
    expect(stdout).toMatch(
      /^Name +Cluster +Replicas +Resources +Namespace +Status +Reason +Message\nhello +- +0\/2 +cpus: 1\.0 +default +PENDING +\S/,
    );
  });

  it.each([
    [['create', 'job', 'Bad_Name', '--run', 'x'], 5, /metadata\.name: Invalid value: "Bad_Name"/],
    [['create', 'job', 'zero', '--replicas', '0', '--run', 'x'], 5, /spec\.replicas: Invalid value: 0/],
    [['create', 'job', 'less', '--replicas', '-1', '--run', 'x'], 5, /spec\.replicas: Invalid value: -1/],
    [['create', 'job', 'hello', '--run', 'x'], 4, /"hello" already exists/],
    [['create', 'job', 'x', '--clusters', 'atlantis'], 5, /spec\.placement\.clusters\[0\].*atlantis/],
    [['create', 'job', 'x', '-n', 'nowhere'], 3, /"nowhere" not found/],
    [['get', 'job', 'nothing-here'], 3, /"nothing-here" not found/],
    [['logs', 'hello'], 5, /hello/],
    [['get', 'jobs', '--token', 'wrong'], 5, /Unauthorized/],
  ])('%j is refused with code %d and the reason', async (args, code, message) => {
    const outcome = await skyctl.run(args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(code);
  });

  it('documents the fields of kinds, of whatever group, and says which there are', async () => {
    expect((await run('explain', 'job.spec.template.spec.containers')).stdout).toMatch(
      /^GROUP: +skyflow.io\nKIND: +Job\n[^]*FIELD: spec\.template\.spec\.containers <\[\]Container> -required-[^]*\n {2}image {2}<string>\n {4}Container image/,
    );
    expect((await run('explain', 'pods')).stdout).toMatch(/^KIND: +Pod\nVERSION: +v1\n/);
    expect((await run('explain', 'job', '--api-version', 'batch/v1')).stdout).toMatch(/^GROUP: +batch\n/);
    expect((await run('explain', 'jobs.batch.spec', '--recursive')).stdout).toMatch(
      /^GROUP: +batch\n[^]*\n {2}template {2}<PodTemplateSpec>/,
    );
    expect(await run('explain', 'job.spek')).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'error: job has no field "spek"\nhint: did you mean spec? There are: apiVersion, kind, metadata, spec, status\n',
    });
    expect((await run('explain', 'jobz.spec')).stderr).toContain('there is no kind "jobz"');
  });

  it("applies SkyFlow's and native kinds, and knows when nothing changed", async () => {
    const pod = '{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}';
    const input = [
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: ${pod}}}`,
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: "1"}}',
      `{apiVersion: skyflow.io/v1, kind: Job, metadata: {name: sky}, spec: {replicas: 1, template: ${pod}}}`,
    ].join('\n---\n');
    const applied = await skyctl.run(['apply', '-f', '-'], { input });
    expect(applied).toEqual({
      code: 0,
      stdout: 'deployment.apps/web created\nconfigmap/settings created\njob.skyflow.io/sky created\n',
      stderr: '',
    });
    const again = await skyctl.run(['apply', '-f', '-'], { input });
    expect(again.stdout.match(/unchanged/g)).toHaveLength(3);
    expect((await run('get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}')).stdout).toBe('3');
    expect((await run('scale', 'deploy', 'web', '--replicas', '4')).code).toBe(0);
    expect((await run('get', 'deployments.apps')).stdout).toMatch(/web +0\/4/);
    const misspelt = input.replace('replicas: 1', 'replicsa: 1');
    expect(await skyctl.run(['apply', '-f', '-'], { input: misspelt })).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/document 3 .*spec\.replicsa/),
    });
  });

  it('goes back to an earlier pod template, pauses and restarts', async () => {
    const labels = '{metadata: {labels: {app: shop}}';
    const manifest = (image: string): string =>
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}, spec: {selector: {matchLabels: {app: shop}}, template: ${labels}, spec: {containers: [{name: main, image: ${image}}]}}}}`;
    for (const image of ['one', 'two']) await skyctl.run(['apply', '-f', '-'], { input: manifest(image) });
    const rollout = (verb: string, ...more: string[]) => run('rollout', verb, 'deploy/shop', ...more);
    expect((await rollout('history')).stdout).toMatch(/^Revision[^]*\n1 +1 [^]* one [^]*\n2 +2 [^]* two /);
    expect((await rollout('history', '--revision', '1')).stdout).toContain('image: one');
    expect((await rollout('undo', '--dry-run')).stdout).toContain('image: one');
    expect((await rollout('undo')).stdout).toBe('deployment.skyflow.io/shop goes back to revision 1\n');
    expect((await rollout('undo', '--to-revision', '3')).stderr).toContain('has revision 3 already');
    expect(await rollout('undo', '--to-revision', '9')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('has no revision 9; it has 2, 3'),
    });
    const said = async (): Promise<string> =>
      (await run('get', 'deploy', 'shop', '-o', 'jsonpath={.spec.paused} {.spec.template}')).stdout;
    expect((await rollout('pause')).code).toBe(0);
    expect((await rollout('restart')).code).toBe(0);
    expect(await said()).toMatch(/^true .*restartedAt.*"image":"one"/);
    expect((await rollout('pause')).stderr).toContain('is paused already');
    expect((await rollout('status', '--timeout', '1s')).stderr).toContain(
      'it is paused: "skyctl rollout resume deployment/shop" lets it go on',
    );
    expect((await rollout('resume')).code).toBe(0);
    expect(await said()).toMatch(/^ /);
    expect((await rollout('resume')).stderr).toContain('is not paused');
    const job = ['rollout', 'pause', 'job/hello'];
    expect((await run(...job)).code).toBe(0);
    expect((await run('get', 'job', 'hello', '-o', 'jsonpath={.spec.placement}')).stdout).toContain('"paused":true');
    expect((await run('rollout', 'resume', 'job', 'hello')).code).toBe(0);
    expect((await run('get', 'job', 'hello', '-o', 'jsonpath={.spec.placement}')).stdout).toBe('');
    expect(await run('rollout', 'status', 'ns/default')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('namespaces have no rollouts'),
    });
    expect(await rollout('status', '--timeout', '1s')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('was not rolled out'),
    });
  }, 120_000);

  it('tells usage of a range, and refuses what is none', async () => {
    const nothing = /^Nothing was held of any cluster from \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ to \S+ \S+Z\.\n$/;
    expect(await run('usage', 'users', '--from', '2 hours ago', '--step', '1h')).toEqual({
      ...{ code: 0, stderr: '' },
      stdout: expect.stringMatching(nothing),
    });
    const { stdout } = await run('usage', 'clusters', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'UsageReport', by: 'cluster', periods: [{ items: [] }] });
    for (const [args, code, message] of [
      [['pods'], 2, /usage is not told by "pods"/],
      [['--from', 'soon'], 2, /--from soon: is no time/],
      [['--from', '12'], 2, /--from 12: is no time/],
      [['--step', '1ms'], 2, /--step 1ms: must be whole seconds/],
      [['--step', '2s'], 5, /step: invalid value "?2"?: must be 60 or more/],
      [['--from', '1 hour ago', '--to', '2 hours ago'], 5, /from: .* is not before to:/],
    ] as const) {
      const outcome = await run('usage', ...args);
      expect([args, outcome.code, outcome.stderr]).toEqual([args, code, expect.stringMatching(message)]);
    }
  }, 60_000);

  it('describes, shows status, and watches until it is stopped', async () => {
    expect((await run('describe', 'job', 'hello')).stdout).toMatch(/Status: +PENDING[^]*Clusters:[^]*Conditions:/);
    expect((await run('status')).stdout).toMatch(/jobs +2[^]*api-gateway +READY/);
    const watching = skyctl.run(['get', 'ns', '-w'], { until: /team-b/ });
    for (const name of ['team-a', 'team-b']) expect((await run('create', 'ns', name)).code).toBe(0);
    expect((await watching).code).toBe(130);
  });
});
