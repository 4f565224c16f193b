import { beforeEach, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { Api } from '../registry/api.js';
import { SchemaSet } from '../schema/schema-set.js';
import { MemoryBackend } from '../store/memory-backend.js';
import { configMapDefinition, testSchemas, widgetDefinition } from '../testing/definitions.js';
import { LocalClient, type ResourceClient } from './local-client.js';

describe('the client of controllers in the process', () => {
  let widgets: ResourceClient;
  let configMaps: ResourceClient;
  const widget = (name: string, spec: Record<string, unknown> = { size: 'small' }): KubeObject => ({
    apiVersion: 'example.io/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default' },
    spec,
  });
  const key = { namespace: 'default', name: 'a' };

  beforeEach(() => {
    const api = new Api({
      definitions: [widgetDefinition, configMapDefinition],
      backend: new MemoryBackend(),
      schemas: new SchemaSet(testSchemas),
      nowMs: () => 0,
      managedFields: 'apply-only',
    });
    const client = new LocalClient(api, 'widget-controller');
    widgets = client.for(widgetDefinition);
    configMaps = client.for(configMapDefinition);
  });

  it('completes what it creates: defaults, uid, times, generation', async () => {
    const created = await widgets.create(widget('a'));
    expect(created.spec).toEqual({ size: 'small', replicas: 1 });
    expect(created.metadata).toMatchObject({
      creationTimestamp: '1970-01-01T00:00:00Z',
      generation: 1,
      resourceVersion: '1',
    });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('leaves what it was given as it was', async () => {
    const given = widget('a');
    await widgets.create(given);
    expect(given).toEqual(widget('a'));
    given.spec = { size: 'large' };
    expect((await widgets.get(key))?.spec).toEqual({ size: 'small', replicas: 1 });
  });

  it('holds controllers to the same rules as users, with all broken ones named', async () => {
    const refused = widgets.create(widget('Not_DNS', { size: 'medium', replicas: 'two' }));
    await expect(refused).rejects.toMatchObject({ code: 422, reason: 'Invalid' });
    await expect(refused).rejects.toMatchObject({
      details: { causes: [{ field: 'metadata.name' }, { field: 'spec.size' }, { field: 'spec.replicas' }] },
    });
  });

  it('drops status on create and keeps spec and status apart', async () => {
    const created = await widgets.create({ ...widget('a'), status: { phase: 'Faked' } });
    expect(created.status).toBeUndefined();
    const withStatus = await widgets.updateStatus({ ...created, status: { phase: 'Ready' }, spec: { size: 'large' } });
    expect(withStatus).toMatchObject({ status: { phase: 'Ready' }, spec: { size: 'small' } });
    expect(withStatus.metadata.generation).toBe(1);
    const changed = await widgets.update({ ...withStatus, spec: { size: 'large' }, status: { phase: 'Faked' } });
    expect(changed).toMatchObject({ status: { phase: 'Ready' }, spec: { size: 'large' } });
    expect(changed.metadata.generation).toBe(2);
  });

  it('writes nothing when an update changes nothing', async () => {
    const created = await widgets.create(widget('a'));
    expect(await widgets.update(created)).toBe(created);
  });

  it('refuses an update from an older version and takes one without', async () => {
    const created = await widgets.create(widget('a'));
    await widgets.update({ ...created, spec: { size: 'large' } });
    const stale = widgets.update({ ...created, spec: { size: 'small', replicas: 4 } });
    await expect(stale).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    const forced = await widgets.update(widget('a', { size: 'small', replicas: 4 }));
    expect(forced.spec).toEqual({ size: 'small', replicas: 4 });
  });

  it('keeps system metadata whatever an update says of it', async () => {
    const created = await widgets.create(widget('a'));
    const given = { ...created, metadata: { ...created.metadata, generation: 77 }, spec: { size: 'large' } };
    expect((await widgets.update(given)).metadata.generation).toBe(2);
    const foreign = { ...created, metadata: { ...created.metadata, uid: 'other', resourceVersion: '' } };
    await expect(widgets.update(foreign)).rejects.toMatchObject({ code: 409 });
    const older = { ...widget('a'), metadata: { ...key, creationTimestamp: '2020-01-01T00:00:00Z' } };
    await expect(widgets.update(older)).rejects.toMatchObject({
      code: 422,
      details: { causes: [{ field: 'metadata.creationTimestamp' }] },
    });
  });

  it('makes names from generateName', async () => {
    const unnamed = widget('');
    unnamed.metadata = { name: '', generateName: 'w-', namespace: 'default' };
    const [one, two] = [await widgets.create(unnamed), await widgets.create(unnamed)];
    expect(one.metadata.name).toMatch(/^w-[a-z0-9]{5}$/);
    expect(two.metadata.name).not.toBe(one.metadata.name);
  });

  it('patches by merge, strategic merge and JSON patch', async () => {
    await widgets.create(widget('a', { size: 'small', parts: [{ name: 'wheel', image: 'w1' }] }));
    const merged = await widgets.patch(key, 'merge', { spec: { colour: 'red' }, metadata: { labels: { a: 'b' } } });
    expect(merged).toMatchObject({ spec: { size: 'small', colour: 'red' }, metadata: { labels: { a: 'b' } } });
    const patched = await widgets.patch(key, 'json', [{ op: 'replace', path: '/spec/colour', value: 'blue' }]);
    expect(patched.spec).toMatchObject({ colour: 'blue' });
    const status = await widgets.patch(key, 'merge', { status: { phase: 'Ready' } }, { subresource: 'status' });
    expect(status).toMatchObject({ status: { phase: 'Ready' }, spec: { colour: 'blue' } });
    await configMaps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data: { a: '1' } });
    expect((await configMaps.patch(key, 'strategic', { data: { b: '2' } })).data).toEqual({ a: '1', b: '2' });
  });

  it('watches what it asked for', async () => {
    const abort = new AbortController();
    const watch = widgets.watch({ fieldSelector: 'spec.colour=red', signal: abort.signal });
    await widgets.create(widget('a', { size: 'small', colour: 'blue' }));
    await widgets.create(widget('b', { size: 'small', colour: 'red' }));
    for await (const { type, object } of watch) {
      expect([type, object.metadata.name]).toEqual(['ADDED', 'b']);
      break;
    }
    abort.abort();
  });

  it('says whether there was anything to delete', async () => {
    await widgets.create(widget('a'));
    expect(await widgets.delete(key)).toBe(true);
    expect(await widgets.delete(key)).toBe(false);
    expect(await widgets.get(key)).toBeUndefined();
  });
});
