/** skyctl as a process against a stand-in gateway: commands that change what is there already, and what they would change. */
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { jobSpec, useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;
const patches = (): string[] => bed.gateway.requests.filter((request) => request.startsWith('PATCH'));
const replicas = async (): Promise<string> =>
  (await run('get', 'job', 'web', '-o', 'jsonpath={.spec.replicas}')).stdout;

beforeAll(async () => {
  await bed.gateway.put({ kind: 'Job', metadata: { name: 'web', labels: { tier: 'gold' } }, spec: jobSpec(2) });
});

describe('patch', () => {
  it.each([
    [['-p', '{"spec":{"replicas":3}}'], '3'],
    [['-p', 'spec: {replicas: 4}'], '4'],
    [['--type', 'json', '-p', '[{"op":"replace","path":"/spec/replicas","value":5}]'], '5'],
    [['-p', '{"spec":{"replicas":9}}', '--dry-run=server'], '5'],
    [['-p', '{"spec":{"replicas":9}}', '--dry-run=client'], '5'],
  ])('takes %j', async (flags, expected) => {
    expect(await run('patch', 'job', 'web', ...flags)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^job\.skyflow\.io\/web patched/),
    });
    expect(await replicas()).toBe(expected);
  });

  it('says when nothing changed by it', async () => {
    expect((await run('patch', 'job/web', '-p', '{"spec":{"replicas":5}}')).stdout).toBe(
      'job.skyflow.io/web patched (no change)\n',
    );
  });

  it.each([
    [['patch', 'job', 'web'], 2, /say what to change/],
    [['patch', 'job', '-p', '{}'], 2, /name the objects/],
    [['patch', 'job', 'web', '-p', '[]'], 2, /is an object, not a list\nhint: add --type json/],
    [['patch', 'job', 'web', '-p', '{"a'], 2, /-p: /],
    [['patch', 'job', 'nothing', '-p', '{}'], 3, /"nothing" not found/],
    [['patch', 'job', 'web', '-p', '{"spec":{"replicas":0}}'], 5, /spec\.replicas: Invalid value: 0/],
  ])('%j is refused', async (args, code, message) => {
    const outcome = await run(...args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(code);
  });
});

describe('edit', () => {
  /** An editor that is a shell script; $1 is the file. */
  const editor = (script: string): string => {
    const path = join(bed.skyctl.home, `editor-${Math.random().toString(36).slice(2)}.sh`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o700);
    return path;
  };
  const edit = (script: string, ...flags: string[]) =>
    bed.skyctl.run(['edit', 'job', 'web', ...flags], { env: { SKYFLOW_EDITOR: editor(script) } });

  it('sends what was changed, and nothing else', async () => {
    expect(await edit('sed -i "s/replicas: .*/replicas: 7/; s/tier: gold/tier: iron/" "$1"', '--output-patch')).toEqual(
      {
        code: 0,
        stdout: 'job.skyflow.io/web edited\n{"metadata":{"labels":{"tier":"iron"}},"spec":{"replicas":7}}\n',
        stderr: '',
      },
    );
    expect(await replicas()).toBe('7');
  });

  it('changes nothing when the file is left as it is', async () => {
    expect(await edit('true')).toMatchObject({ code: 0, stdout: 'job.skyflow.io/web: nothing was changed\n' });
    expect(patches()).toEqual([]);
  });

  it('opens again with the reason of a refusal', async () => {
    const twice =
      'if grep -q "Invalid value: 0" "$1"; then v=6; else v=0; fi\nsed -i "s/replicas: .*/replicas: $v/" "$1"';
    expect(await edit(twice)).toMatchObject({ code: 0, stdout: 'job.skyflow.io/web edited\n' });
    expect(patches()).toHaveLength(2);
    expect(await replicas()).toBe('6');
  });

  it('fails with the reason when the file is then left as it is', async () => {
    const once = 'grep -q "Invalid value: 0" "$1" || sed -i "s/replicas: .*/replicas: 0/" "$1"';
    const { code, stderr } = await edit(once);
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringMatching(/spec\.replicas: Invalid value: 0/) });
    const [, copy = ''] = /what you wrote is in (\S+)$/m.exec(stderr) ?? [];
    expect([readFileSync(copy, 'utf8'), statSync(copy).mode & 0o777]).toEqual([
      expect.stringMatching(/^apiVersion: [^]*replicas: 0/),
      0o600,
    ]);
    rmSync(dirname(copy), { recursive: true });
  });

  it.each([
    ['sed -i "s/^kind: .*/kind: Cluster/" "$1"', /must stay kind: Job/],
    ['sed -i "s/name: web/name: other/" "$1"', /metadata\.name: must stay web/],
  ])('refuses what makes another object of it: %s', async (script, message) => {
    const { code, stderr } = await edit(`grep -q "must stay" "$1" || ${script}`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(patches()).toEqual([]);
  });

  it('says which editor failed, and needs one where there is no terminal', async () => {
    expect(await edit('exit 3')).toMatchObject({ code: 1, stderr: expect.stringMatching(/ended with 3/) });
    expect(await run('edit', 'job', 'web')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no terminal for an editor/),
    });
  });
});

describe('label and annotate', () => {
  it('set, refuse to overwrite, and take away', async () => {
    expect((await run('label', 'job', 'web', 'a=1', 'b=')).stdout).toBe('job.skyflow.io/web labeled\n');
    expect(await run('label', 'job', 'web', 'a=2')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/web has a=1 already[^]*--overwrite/),
    });
    expect((await run('label', 'job/web', 'a=2', 'b-', '--overwrite')).code).toBe(0);
    expect((await run('annotate', 'job', '-l', 'a=2', 'owner=jo')).stdout).toBe('job.skyflow.io/web annotated\n');
    const { metadata } = JSON.parse((await run('get', 'job', 'web', '-o', 'json')).stdout) as {
      metadata: { labels: object; annotations: object };
    };
    expect(metadata.labels).toMatchObject({ a: '2' });
    expect(metadata.labels).not.toHaveProperty('b');
    expect(metadata.annotations).toEqual({ owner: 'jo' });
  });

  it.each([
    [['label', 'job', 'web'], /say which labels/],
    [['label', 'job', 'web', 'a=1', 'word'], /"word" is neither/],
    [['label', 'job', 'a=1'], /say which: names/],
  ])('%j is refused', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});

describe('diff', () => {
  const manifest = (count: number): string =>
    `{apiVersion: skyflow.io/v1, kind: Job, metadata: {name: differing}, spec: {replicas: ${count}, template: {}}}`;
  const diff = (input: string, ...flags: string[]) => bed.skyctl.run(['diff', '-f', '-', ...flags], { input });

  it('shows what apply would change, and changes nothing', async () => {
    const fresh = await diff(manifest(1));
    expect(fresh).toMatchObject({ code: 1, stderr: '', stdout: expect.stringMatching(/^\+ {2}replicas: 1$/m) });
    expect((await run('get', 'job', 'differing')).code).toBe(3);
    await bed.skyctl.run(['apply', '-f', '-'], { input: manifest(1) });
    expect(await diff(manifest(1))).toEqual({ code: 0, stdout: '', stderr: '' });
    const { code, stdout } = await diff(manifest(2));
    expect(code).toBe(1);
    expect(stdout.match(/^[-+] .*$/gm)).toEqual(['-  replicas: 1', '+  replicas: 2']);
  });

  it('takes another program, and says when that cannot be run', async () => {
    const by = (program: string) =>
      bed.skyctl.run(['diff', '-f', '-'], { input: manifest(3), env: { KUBECTL_EXTERNAL_DIFF: program } });
    expect((await by('diff -r --brief')).stdout).toMatch(/differ$/m);
    expect(await by('no-such-program')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/"no-such-program" cannot be run/),
    });
  });
});
