/** skyctl as a process against a stand-in gateway: where manifests come from, the seed's own form, and what is pruned. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kubectlPath } from '@skyflow/kubectl';
import { linesOf, useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;
const apply = (input: string, ...flags: string[]) => bed.skyctl.run(['apply', '-f', '-', ...flags], { input });
const job = (name: string, labels = ''): string =>
  `apiVersion: skyflow.io/v1\nkind: Job\nmetadata: {name: ${name}, labels: {${labels}}}\nspec: {replicas: 1, template: {}}\n`;
const writes = (): string[] => bed.gateway.requests.filter((request) => /^(PATCH|POST|DELETE)/.test(request));

describe('apply from stdin', () => {
  it('waits for what is not there yet, from a pipe that does not block', async () => {
    const late = spawn('sh', ['-c', 'sleep 1; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    late.stdin.end(job('late'));
    const applied = bed.skyctl.run(['apply', '-f', '-'], { stdin: late.stdout });
    expect(await applied).toEqual({ code: 0, stdout: 'job.skyflow.io/late created\n', stderr: '' });
    expect((await run('delete', 'job', 'late')).code).toBe(0);
  });
});

describe('apply from the web', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/job.yaml' }).end();
      else if (request.url === '/job.yaml') response.end(job('from-the-web'));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('takes what an address gives, and follows where it leads', async () => {
    expect((await run('apply', '-f', `${url}/moved`)).stdout).toBe('job.skyflow.io/from-the-web created\n');
    expect((await run('delete', '-f', `${url}/job.yaml`)).code).toBe(0);
  });

  it.each([
    ['/nothing', /\/nothing: the server answered 404/],
    [':1/x', /:1\/x: it cannot be read/],
  ])('says what is wrong with %s', async (path, message) => {
    const address = path.startsWith('/') ? url + path : `http://127.0.0.1${path}`;
    expect(await run('apply', '-f', address)).toMatchObject({ code: 6, stderr: expect.stringMatching(message) });
    expect(writes()).toEqual([]);
  });
});

describe('apply -k', () => {
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = join(bed.skyctl.home, 'kustomization');
    const programs = join(bed.skyctl.home, 'programs');
    for (const each of [folder, programs]) mkdirSync(each);
    writeFileSync(join(folder, 'job.yaml'), job('plain'));
    writeFileSync(join(folder, 'kustomization.yaml'), 'namePrefix: very-\nresources: [job.yaml]\n');
    writeFileSync(join(programs, 'kubectl'), `#!/bin/sh\nexec '${await kubectlPath()}' "$@"\n`, { mode: 0o700 });
    env = { PATH: `${programs}:/usr/bin:/bin` };
  }, 120_000);

  it('builds a kustomization with the kubectl that is there', async () => {
    expect((await bed.skyctl.run(['apply', '-k', folder], { env })).stdout).toBe('job.skyflow.io/very-plain created\n');
    expect((await bed.skyctl.run(['diff', '-k', folder], { env })).code).toBe(0);
    expect((await bed.skyctl.run(['delete', '-k', folder], { env })).stdout).toBe(
      'job.skyflow.io/very-plain deleted\n',
    );
  }, 60_000);

  it('shows what kustomize says, and what is no directory', async () => {
    writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [absent.yaml]\n');
    expect(await bed.skyctl.run(['apply', '-k', folder], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be built\n.*absent\.yaml/s),
    });
    expect(await run('apply', '-k', '/nowhere')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no such directory/),
    });
    expect(await run('apply', '-k', folder, '-f', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/either -f or -k/),
    });
  }, 60_000);
});

describe("apply of the seed's own form", () => {
  const seed = [
    'kind: Job',
    'metadata: {name: seeded, labels: {app: web}}',
    'spec: {image: nginx, resources: {cpus: 0.5, memory: 128}, run: date, replicas: 2, restart_policy: Never, env: {A: 1}}',
  ].join('\n');

  it('takes it and says what for', async () => {
    expect(await apply(seed)).toEqual({
      code: 0,
      stdout: 'job.skyflow.io/seeded created\n',
      stderr:
        'note: stdin is in the seed system\'s form, taken for Job seeded of skyflow.io/v1; "apply --dry-run client -o yaml" shows it\n',
    });
    const { stdout } = await run(
      'get',
      'job',
      'seeded',
      '-o',
      'jsonpath={.spec.template.spec.restartPolicy} {.spec.template.spec.containers[0].env}',
    );
    expect(stdout).toBe('Never [{"name":"A","value":"1"}]');
    expect((await apply(seed.replace('restart_policy', 'restartPolicy').replace('{A: 1}', '[A=1]'))).stdout).toMatch(
      /unchanged/,
    );
  });

  it('names every field that is wrong, and sends nothing', async () => {
    const { code, stderr } = await apply(seed.replace('replicas: 2', 'replicsa: 2, ports: [many]'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/stdin, in the seed system's form \(it has no apiVersion\): spec\.replicsa: is no field/);
    expect(stderr).toMatch(/spec\.ports: "many": must be a whole number/);
    expect(writes()).toEqual([]);
  });
});

describe('apply -l and --prune', () => {
  it('applies what the labels select', async () => {
    expect((await apply(`${job('one', 'app: a')}---\n${job('two', 'app: b')}`, '-l', 'app=b')).stdout).toBe(
      'job.skyflow.io/two created\n',
    );
    expect(await apply(job('one', 'app: a'), '-l', 'app=b')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/matches -l/),
    });
  });

  it('deletes what was applied before and is in the files no longer, and nothing else', async () => {
    await run('create', 'job', 'by-hand', '--image', 'x', '-l', 'app=p');
    await apply(`${job('keep', 'app: p')}---\n${job('drop', 'app: p')}---\n${job('other', 'app: q')}`);
    const dry = await apply(job('keep', 'app: p'), '--prune', '-l', 'app=p', '--dry-run=server');
    expect(linesOf(dry.stdout)).toEqual([
      'job.skyflow.io/keep unchanged (server dry run)',
      'job.skyflow.io/drop pruned (server dry run)',
    ]);
    const { stdout } = await apply(job('keep', 'app: p'), '--prune', '-l', 'app=p');
    expect(linesOf(stdout)).toEqual(['job.skyflow.io/keep unchanged', 'job.skyflow.io/drop pruned']);
    expect((await run('get', 'job', 'by-hand', 'keep', 'other', '-o', 'name')).code).toBe(0);
    expect((await run('get', 'job', 'drop')).code).toBe(3);
  });

  it('prunes nothing when something was refused, and no kinds but those on the list', async () => {
    await apply(`${job('left', 'app: r')}---\n${job('stays', 'app: r')}`);
    const refused = await apply(job('stays', 'app: r').replace('replicas: 1', 'replicas: 0'), '--prune', '-l', 'app=r');
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringMatching(/nothing was pruned/) });
    const listed = await apply(
      job('stays', 'app: r'),
      '--prune',
      '-l',
      'app=r',
      '--prune-allowlist',
      'core/v1/ConfigMap',
    );
    expect(listed.stdout).toBe('job.skyflow.io/stays unchanged\n');
    expect((await run('get', 'job', 'left', '-o', 'name')).code).toBe(0);
  });

  it.each([
    [['--prune'], /which objects belong to these files/],
    [['--prune', '--all', '-l', 'a=b'], /either -l or --all/],
    [['--all'], /are about --prune/],
    [['--prune', '--all', '--prune-allowlist', 'Job'], /is no kind of this server/],
    [['-l', 'a in'], /-l a in: /],
  ])('%j is refused', async (flags, message) => {
    expect(await apply(job('x'), ...flags, '--dry-run=server')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    });
  });
});
