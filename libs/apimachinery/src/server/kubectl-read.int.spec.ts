/** What a real kubectl reads from the server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { widgetDefinition } from '../testing/definitions.js';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';

describe('kubectl reads', () => {
  let api: ServedApi;

  beforeAll(async () => {
    api = await serveTestApi();
    const widgets = api.server.client('test').for(widgetDefinition);
    for (const [name, size, colour] of [
      ['a', 'small', 'red'],
      ['b', 'large', 'red'],
      ['c', 'small', 'blue'],
    ] as const) {
      await widgets.create({
        apiVersion: 'example.io/v1',
        kind: 'Widget',
        metadata: { name, namespace: name === 'c' ? 'other' : 'default', labels: { size } },
        spec: { size, colour },
      });
    }
  });
  afterAll(async () => {
    expect(api.unexpected).toEqual([]);
    await api.close();
  });

  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runKubectl(args, { kubeconfig: api.kubeconfig });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const table = (text: string): string[][] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
  const withoutAge = (text: string): string[][] =>
    table(text).map((row) => row.filter((cell) => !/^(AGE|\d+s)$/.test(cell)));

  it('shows a table with our columns, wide ones on demand', async () => {
    expect(withoutAge(await kubectl('get', 'widgets'))).toEqual([
      ['NAME', 'SIZE'],
      ['a', 'small'],
      ['b', 'large'],
    ]);
    expect(withoutAge(await kubectl('get', 'wd', '-A', '-o', 'wide'))).toEqual([
      ['NAMESPACE', 'NAME', 'SIZE', 'COLOUR'],
      ['default', 'a', 'small', 'red'],
      ['default', 'b', 'large', 'red'],
      ['other', 'c', 'small', 'blue'],
    ]);
  });

  it('finds the kind by its category', async () => {
    expect(await kubectl('get', 'all', '-o', 'name')).toBe('widget.example.io/a\nwidget.example.io/b\n');
  });

  it('prints objects as JSON, YAML and jsonpath', async () => {
    const object = JSON.parse(await kubectl('get', 'widget', 'a', '-o', 'json')) as Record<string, unknown>;
    expect(object).toMatchObject({ apiVersion: 'example.io/v1', kind: 'Widget', spec: { size: 'small', replicas: 1 } });
    expect(await kubectl('get', 'widget', 'a', '-o', 'yaml')).toContain('  colour: red\n');
    expect(await kubectl('get', 'widgets', '-o', 'jsonpath={.items[*].spec.size}')).toBe('small large');
  });

  it('selects by label and by field', async () => {
    expect(await kubectl('get', 'wd', '-A', '-l', 'size in (small),!gone', '-o', 'name')).toBe(
      'widget.example.io/a\nwidget.example.io/c\n',
    );
    expect(await kubectl('get', 'wd', '-A', '--field-selector', 'spec.colour=red,metadata.name!=a', '-o', 'name')).toBe(
      'widget.example.io/b\n',
    );
  });

  it('pages', async () => {
    expect(await kubectl('get', 'wd', '-A', '--chunk-size=1', '-o', 'name')).toBe(
      'widget.example.io/a\nwidget.example.io/b\nwidget.example.io/c\n',
    );
  });

  it('describes', async () => {
    const text = await kubectl('describe', 'widget', 'b');
    expect(text).toMatch(/^Name: +b$/m);
    expect(text).toMatch(/^ +Size: +large$/m);
  });

  it('lists and explains resources', async () => {
    expect(table(await kubectl('api-resources', '--api-group=example.io'))).toEqual([
      ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'],
      ['widgets', 'wd', 'example.io/v1', 'true', 'Widget'],
    ]);
    expect(await kubectl('api-resources', '--verbs=list,get', '-o', 'name')).toBe('configmaps\nwidgets.example.io\n');
    const explained = await kubectl('explain', 'widget.spec.size');
    expect(explained).toContain('How big each one is.');
    expect(explained).toMatch(/ENUM:\s+small\s+large/);
  });

  it('watches until what it waits for has come', async () => {
    const client = api.server.client('test').for(widgetDefinition);
    const done = new AbortController();
    let text = '';
    await runKubectl(['get', 'widgets', '-w', '-o', 'name'], {
      kubeconfig: api.kubeconfig,
      signal: done.signal,
      onStdout: (piece) => {
        const before = text.split('\n').length;
        text += piece;
        const lines = text.split('\n').length;
        if (before <= 2 && lines > 2) {
          void client.patch({ namespace: 'default', name: 'a' }, 'merge', { spec: { size: 'large' } });
        }
        if (lines > 3) done.abort();
      },
    });
    expect(text).toBe('widget.example.io/a\nwidget.example.io/b\nwidget.example.io/a\n');
  });

  it('waits for a field', async () => {
    const waiting = kubectl('wait', 'widget/b', '--for=jsonpath={.status.phase}=Ready', '--timeout=10s');
    await api.server
      .client('test')
      .for(widgetDefinition)
      .patch({ namespace: 'default', name: 'b' }, 'merge', { status: { phase: 'Ready' } }, { subresource: 'status' });
    expect(await waiting).toBe('widget.example.io/b condition met\n');
  });

  it('says what is not there', async () => {
    const { code, stderr } = await runKubectl(['get', 'widget', 'nope'], { kubeconfig: api.kubeconfig });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error from server (NotFound): widgets.example.io "nope" not found\n',
    });
  });
});
