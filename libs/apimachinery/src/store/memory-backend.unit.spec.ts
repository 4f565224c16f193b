import { describe, expect, it } from '@jest/globals';
import type { ResourceDefinition } from '../api/definition.js';
import type { KubeObject } from '@skyflow/contracts';
import { EVERYTHING } from '../api/selectors.js';
import { configMapDefinition, widgetDefinition } from '../testing/definitions.js';
import { describeBackend } from '../testing/store.contract.js';
import { collectEvents, testContext as context } from '../testing/watch-reader.js';
import { MemoryBackend } from './memory-backend.js';

const object = (definition: ResourceDefinition, name: string, n = 0): KubeObject => ({
  apiVersion: definition.group === '' ? definition.version : `${definition.group}/${definition.version}`,
  kind: definition.kind,
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: { size: 'small', replicas: n },
});

describeBackend('memory', async () =>
  Promise.resolve({ backend: new MemoryBackend(), definitions: [widgetDefinition, configMapDefinition], object }),
);

describe('the in-memory backend', () => {
  const widget = (name: string, n = 0): KubeObject => object(widgetDefinition, name, n);

  it('answers 410 Expired to a watch from a version that the history has dropped', async () => {
    const store = new MemoryBackend({ historyLimit: 4 }).storeOf(widgetDefinition);
    for (let n = 0; n < 20; n++) await store.create(widget(`w${n}`), context);
    const watch = collectEvents(
      (signal) => store.watch({ selectors: EVERYTHING, allowBookmarks: false, signal, resourceVersion: '1' }, context),
      1,
    );
    await expect(watch).rejects.toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('answers 410 Expired to a watch from a version that it never had, so that clients list again after a restart', async () => {
    const store = new MemoryBackend().storeOf(widgetDefinition);
    const watch = collectEvents(
      (signal) => store.watch({ selectors: EVERYTHING, allowBookmarks: false, signal, resourceVersion: '77' }, context),
      1,
    );
    await expect(watch).rejects.toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('answers 410 Expired to a page whose snapshot the history has dropped', async () => {
    const store = new MemoryBackend({ historyLimit: 4 }).storeOf(widgetDefinition);
    for (let n = 0; n < 5; n++) await store.create(widget(`w${n}`), context);
    const { continueToken = '' } = await store.list({ selectors: EVERYTHING, limit: 2 }, context);
    for (let n = 0; n < 20; n++) await store.update(widget('w0', n), context, {});
    const page = store.list({ selectors: EVERYTHING, limit: 2, continueToken }, context);
    await expect(page).rejects.toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('ends a reader that is too slow for the history with 410 Expired', async () => {
    const store = new MemoryBackend({ historyLimit: 4 }).storeOf(widgetDefinition);
    const abort = new AbortController();
    const watch = store.watch({ selectors: EVERYTHING, allowBookmarks: false, signal: abort.signal }, context);
    const reader = watch[Symbol.asyncIterator]();
    const first = reader.next();
    await store.create(widget('a'), context);
    expect((await first).value).toMatchObject({ type: 'ADDED' });
    for (let n = 0; n < 20; n++) await store.create(widget(`w${n}`), context);
    await expect(reader.next()).rejects.toMatchObject({ code: 410 });
  });

  it('serves a list at an exact older version', async () => {
    const store = new MemoryBackend().storeOf(widgetDefinition);
    await store.create(widget('a', 1), context);
    const exactly = (await store.create(widget('b', 1), context)).metadata.resourceVersion ?? '';
    await store.update(widget('a', 2), context, {});
    await store.delete({ namespace: 'default', name: 'b' }, context, {});
    await store.create(widget('c'), context);
    const { items, resourceVersion } = await store.list({ selectors: EVERYTHING, exactly }, context);
    expect(items.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      ['a', { size: 'small', replicas: 1 }],
      ['b', { size: 'small', replicas: 1 }],
    ]);
    expect(resourceVersion).toBe(exactly);
  });

  it('says 504 for a version that does not exist yet', async () => {
    const store = new MemoryBackend().storeOf(widgetDefinition);
    const list = store.list({ selectors: EVERYTHING, atLeast: '99' }, context);
    await expect(list).rejects.toMatchObject({ code: 504, reason: 'Timeout' });
  });

  it('sends bookmarks to a silent watch that allows them', async () => {
    const store = new MemoryBackend({ bookmarkIntervalMs: 5 }).storeOf(widgetDefinition);
    await store.create(widget('a'), context);
    const events = await collectEvents(
      (signal) => store.watch({ selectors: EVERYTHING, allowBookmarks: true, signal, resourceVersion: '1' }, context),
      2,
    );
    expect(events.map(({ type, object: { metadata } }) => [type, metadata.resourceVersion])).toEqual([
      ['BOOKMARK', '1'],
      ['BOOKMARK', '1'],
    ]);
  });

  it('keeps a gracefully deleted object until it is deleted with grace 0, and shortens but never lengthens the grace', async () => {
    const graceful: ResourceDefinition = {
      ...widgetDefinition,
      strategy: { gracePeriodSeconds: (_object, { gracePeriodSeconds }) => gracePeriodSeconds ?? 30 },
    };
    const store = new MemoryBackend({ nowMs: () => 0 }).storeOf(graceful);
    await store.create(widget('a'), context);
    const key = { namespace: 'default', name: 'a' };
    const first = await store.delete(key, context, {});
    expect(first.object.metadata).toMatchObject({
      deletionTimestamp: '1970-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
    });
    expect((await store.delete(key, context, { gracePeriodSeconds: 60 })).object).toBe(first.object);
    const shorter = await store.delete(key, context, { gracePeriodSeconds: 5 });
    expect(shorter.object.metadata.deletionTimestamp).toBe('1970-01-01T00:00:05Z');
    expect((await store.delete(key, context, { gracePeriodSeconds: 0 })).gone).toBe(true);
    expect(await store.get(key, context)).toBeUndefined();
  });
});
