/** skyctl as a process against a stand-in gateway: what writing commands send and say. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { linesOf, useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;

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
    expect(bed.gateway.requests).toEqual([]);
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
    [['create', 'job', 'x', '--memory', 'lots', '--gpus', 'few'], 2, /2 flags are wrong\n {2}--memory[^]*\n {2}--gpus/],
    [['create', 'job', 'x', '-l', 'alone'], 2, /--labels alone: needs a value/],
    [['create', 'job'], 2, /missing required argument 'name'/],
    [['create', 'job', 'x', '--dry-run=perhaps'], 2, /perhaps[^]*client, server/],
    [['create', 'job', 'x', '--dry-run', 'perhaps'], 2, /too many arguments[^]*got 2/],
    [['delete', 'jobs'], 2, /say which: names, -l SELECTOR, or --all/],
    [['delete', 'job', 'nothing'], 3, /"nothing" not found/],
    [['scale', 'job', 'hello', '--replicas', '0'], 5, /spec\.replicas: Invalid value: 0/],
    [['scale', 'job', 'hello', '--replicas', '3', '--current-replicas', '9'], 4, /has 2 replicas, not 9/],
  ])('%j ends with code %d and says what is wrong', async (args, code, message) => {
    const outcome = await bed.skyctl.run(args);
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
  const apply = (input: string, ...flags: string[]) => bed.skyctl.run(['apply', '-f', '-', ...flags], { input });

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
    await bed.gateway.setSpec('Job', 'applied', { replicas: 5 });
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
    const directory = join(bed.skyctl.home, 'manifests');
    mkdirSync(join(directory, 'deeper'), { recursive: true });
    writeFileSync(join(directory, 'a.yaml'), `${manifest('one', 1)}---\n# nothing here\n---\n${manifest('two', 1)}`);
    writeFileSync(
      join(directory, 'b.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
    );
    writeFileSync(join(directory, 'deeper/c.yml'), manifest('three', 1));
    expect(linesOf((await run('apply', '-f', directory)).stdout)).toEqual([
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
    expect(bed.gateway.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
  });

  it('names every document that cannot be sent, and the kinds that there are', async () => {
    const { code, stderr } = await apply(
      `${manifest('fine', 1)}---\napiVersion: skyflow.io/v1\nkind: Jib\nmetadata: {name: x}\n---\nkind: Job\n---\n- list\n`,
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/no kind "Jib" in apiVersion "skyflow\.io\/v1"/);
    expect(stderr).toMatch(/document 3 \(line 15\), in the seed system's form .*: metadata\.name: is required/);
    expect(stderr).toMatch(/document 4 .*is a list, not an object/);
    expect(stderr).toMatch(/hint: it has: Job \(skyflow\.io\/v1\)/);
    expect(bed.gateway.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
  });

  it('goes on after a refusal, names its document, and fails in the end', async () => {
    const { code, stdout, stderr } = await apply(`${manifest('wrong', 0)}---\n${manifest('right', 1)}`);
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'job.skyflow.io/right created\n' });
    expect(stderr).toMatch(/stdin, document 1 \(line 1\): .*"wrong" is invalid\n {2}spec\.replicas: Invalid value: 0/);
  });

  it.each([
    [['apply'], /say which files/],
    [['apply', '-f', '/nowhere/at/all.yaml'], /\/nowhere\/at\/all\.yaml: there is no such file/],
    [['apply', '-f', '-'], /there is no object/],
  ])('%j is refused', async (args, message) => {
    const outcome = await bed.skyctl.run(args);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(message);
  });
});
