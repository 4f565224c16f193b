/** What a real kubectl writes to the server. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runKubectl, type KubectlResult } from '@skyflow/kubectl';
import type { KubeObject } from '@skyflow/contracts';
import { configMapDefinition, widgetDefinition } from '../testing/definitions.js';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';

describe('kubectl writes', () => {
  let api: ServedApi;

  beforeEach(async () => {
    api = await serveTestApi();
  });
  afterEach(async () => {
    expect(api.unexpected).toEqual([]);
    await api.close();
  });

  const run = async (args: string[], input?: string): Promise<KubectlResult> =>
    runKubectl(args, { kubeconfig: api.kubeconfig, ...(input === undefined ? {} : { input }) });
  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(args, input);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trimEnd();
  };
  const widget = async (name = 'a'): Promise<KubeObject | undefined> =>
    api.server.client('test').for(widgetDefinition).get({ namespace: 'default', name });
  const manifest = (spec: string): string =>
    `apiVersion: example.io/v1\nkind: Widget\nmetadata: {name: a}\nspec: ${spec}\n`;

  it('creates from a manifest, once', async () => {
    expect(await kubectl(['create', '-f', '-'], manifest('{size: small}'))).toBe('widget.example.io/a created');
    const again = await run(['create', '-f', '-'], manifest('{size: small}'));
    expect(again.stderr).toContain('Error from server (AlreadyExists)');
  });

  it('applies from its side: creates, changes, takes away, and leaves alone', async () => {
    expect(await kubectl(['apply', '-f', '-'], manifest('{size: small, colour: red}'))).toMatch(/created$/);
    expect(await kubectl(['apply', '-f', '-'], manifest('{size: small, colour: red}'))).toMatch(/unchanged$/);
    expect(await kubectl(['apply', '-f', '-'], manifest('{size: large}'))).toMatch(/configured$/);
    expect((await widget())?.spec).toEqual({ size: 'large', replicas: 1 });
  });

  it('applies a native kind by strategic merge', async () => {
    const configMap = (data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: ${data}\n`;
    await kubectl(['apply', '-f', '-'], configMap('{a: "1", b: "2"}'));
    await kubectl(['apply', '-f', '-'], configMap('{b: "3", c: "4"}'));
    const stored = await api.server.client('test').for(configMapDefinition).get({ namespace: 'default', name: 'c' });
    expect(stored?.data).toEqual({ b: '3', c: '4' });
  });

  it('applies on the server: creates, changes, conflicts, forces', async () => {
    const apply = ['apply', '--server-side', '-f', '-'];
    expect(await kubectl(apply, manifest('{size: small, colour: red}'))).toMatch(/serverside-applied$/);
    expect(await kubectl(apply, manifest('{size: large, colour: red}'))).toMatch(/serverside-applied$/);
    const other = await run([...apply, '--field-manager=other'], manifest('{size: large, colour: blue}'));
    expect(other.stderr).toContain('conflict with "kubectl": .spec.colour');
    await kubectl([...apply, '--field-manager=other', '--force-conflicts'], manifest('{size: large, colour: blue}'));
    expect((await widget())?.spec).toMatchObject({ size: 'large', colour: 'blue' });
    await kubectl(apply, manifest('{size: large}'));
    expect((await widget())?.spec).toMatchObject({ colour: 'blue' });
  });

  it('shows who owns what', async () => {
    await kubectl(['apply', '--server-side', '-f', '-'], manifest('{size: small}'));
    await kubectl(['scale', 'widget/a', '--replicas=3']);
    const { metadata } = JSON.parse(
      await kubectl(['get', 'wd', 'a', '-o', 'json', '--show-managed-fields']),
    ) as KubeObject;
    expect(metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'kubectl Apply',
      'kubectl Update',
    ]);
  });

  it('dries runs: on the server nothing is stored', async () => {
    const text = await kubectl(['apply', '--dry-run=server', '-f', '-'], manifest('{size: small}'));
    expect(text).toBe('widget.example.io/a created (server dry run)');
    expect(await widget()).toBeUndefined();
  });

  it('shows the difference that an apply would make', async () => {
    await kubectl(['apply', '-f', '-'], manifest('{size: small}'));
    const { code, stdout } = await run(['diff', '-f', '-'], manifest('{size: large}'));
    expect(code).toBe(1);
    expect(stdout).toContain('+  size: large');
  });

  it('patches, scales, labels, annotates, replaces', async () => {
    await kubectl(['create', '-f', '-'], manifest('{size: small}'));
    await kubectl(['patch', 'widget', 'a', '--type=merge', '-p', '{"spec":{"colour":"red"}}']);
    await kubectl(['patch', 'widget', 'a', '--type=json', '-p', '[{"op":"remove","path":"/spec/colour"}]']);
    await kubectl([
      'patch',
      'widget',
      'a',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Ready"}}',
    ]);
    expect(await kubectl(['scale', 'widget', 'a', '--current-replicas=1', '--replicas=3'])).toBe(
      'widget.example.io/a scaled',
    );
    await kubectl(['label', 'widget', 'a', 'tier=web']);
    await kubectl(['annotate', 'widget', 'a', 'note=hello there']);
    expect(await widget()).toMatchObject({
      metadata: { labels: { tier: 'web' }, annotations: { note: 'hello there' }, generation: 4 },
      spec: { size: 'small', replicas: 3 },
      status: { phase: 'Ready' },
    });
    await kubectl(['replace', '-f', '-'], manifest('{size: large}'));
    expect((await widget())?.spec).toEqual({ size: 'large', replicas: 1 });
  });

  it('edits', async () => {
    await kubectl(['create', '-f', '-'], manifest('{size: small}'));
    const env = { ...process.env, KUBE_EDITOR: 'sed -i s/small/large/' };
    const { code } = await runKubectl(['edit', 'widget', 'a'], { kubeconfig: api.kubeconfig, env });
    expect(code).toBe(0);
    expect((await widget())?.spec).toMatchObject({ size: 'large' });
  });

  it('refuses a strategic patch for a custom kind with the way out', async () => {
    await kubectl(['create', '-f', '-'], manifest('{size: small}'));
    const { stderr } = await run(['patch', 'widget', 'a', '-p', '{"spec":{"size":"large"}}']);
    expect(stderr).toContain('--type=merge');
  });

  it('refuses unknown fields and names them', async () => {
    const { code, stderr } = await run(['apply', '-f', '-'], manifest('{size: small, colur: red}'));
    expect(code).toBe(1);
    expect(stderr).toContain('strict decoding error: unknown field "spec.colur"');
    expect(await widget()).toBeUndefined();
  });

  it('warns of unknown fields when asked to', async () => {
    const { code, stderr } = await run(['apply', '--validate=warn', '-f', '-'], manifest('{size: small, colur: red}'));
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Warning: unknown field "spec.colur"'),
    });
  });

  it('names each wrong field of an invalid object', async () => {
    const { code, stderr } = await run(['create', '-f', '-'], manifest('{size: huge, replicas: -1}'));
    expect(code).toBe(1);
    expect(stderr).toContain('The Widget "a" is invalid');
    expect(stderr).toContain('spec.size: Unsupported value: "huge"');
    expect(stderr).toContain('spec.replicas: Invalid value: -1');
  });

  it('deletes and waits until finalizers are done', async () => {
    await kubectl(['create', '-f', '-'], manifest('{size: small}'));
    expect(await kubectl(['delete', 'widget', 'a', '--cascade=background'])).toMatch(/deleted/);
    await kubectl(['create', '-f', '-'], manifest('{size: small}'));
    await kubectl(['patch', 'wd', 'a', '--type=merge', '-p', '{"metadata":{"finalizers":["example.io/keep"]}}']);
    let over = false;
    const deleting = kubectl(['delete', 'widget', 'a', '--wait']).finally(() => (over = true));
    const client = api.server.client('test').for(widgetDefinition);
    const key = { namespace: 'default', name: 'a' };
    for await (const { object } of client.watch({ signal: AbortSignal.timeout(10_000) })) {
      if (object.metadata.deletionTimestamp !== undefined) break;
    }
    expect(over).toBe(false);
    await client.patch(key, 'merge', { metadata: { finalizers: null } });
    expect(await deleting).toMatch(/deleted/);
    expect(await widget()).toBeUndefined();
  });

  it('deletes a collection by label', async () => {
    await kubectl(['create', '-f', '-'], manifest('{size: small}'));
    await kubectl(['label', 'widget', 'a', 'tier=web']);
    await kubectl(['delete', 'widgets', '-l', 'tier=db']);
    expect(await widget()).toBeDefined();
    await kubectl(['delete', 'widgets', '--all']);
    expect(await widget()).toBeUndefined();
  });
});
