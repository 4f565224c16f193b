/**
 * What every {@link Backend} must do, as a Jest suite: `describeBackend('memory', () => …)`. The fixture is made anew for each
 * test and must be empty.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isStatus } from '../api/errors.js';
import type { KubeObject } from '@skyflow/contracts';
import { EVERYTHING } from '../api/selectors.js';
import { parseLabelSelector } from '../api/selector-parser.js';
import type { Backend } from '../store/backend.js';
import type { ResourceDefinition } from '../api/definition.js';
import type { ResourceStore } from '../store/resource-store.js';
import { collectEvents, testContext as context } from './watch-reader.js';

export interface BackendFixture {
  backend: Backend;
  /** Two namespaced resources, both kept whole; the first with hasStatus. */
  definitions: readonly [ResourceDefinition, ResourceDefinition];
  /** An object of a definition that the store takes; `n` makes specs differ. */
  object(definition: ResourceDefinition, name: string, n?: number): KubeObject;
  /** False: deletes do not honour finalizers (the store has another way). */
  finalizers?: boolean;
  close?(): Promise<void>;
}

const version = (object: KubeObject | undefined): number => Number(object?.metadata.resourceVersion);
const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name);

export function describeBackend(title: string, open: () => Promise<BackendFixture>): void {
  describe(`a backend (${title})`, () => {
    let fixture: BackendFixture;
    let store: ResourceStore;
    let other: ResourceStore;
    const make = (name: string, n = 0): KubeObject => fixture.object(fixture.definitions[0], name, n);
    const makeOther = (name: string): KubeObject => fixture.object(fixture.definitions[1], name);
    const key = (object: KubeObject): { namespace?: string; name: string } => object.metadata;
    const labelled = (name: string, labels: Record<string, string>): KubeObject => {
      const object = make(name);
      object.metadata.labels = labels;
      return object;
    };

    beforeEach(async () => {
      fixture = await open();
      store = fixture.backend.storeOf(fixture.definitions[0]);
      other = fixture.backend.storeOf(fixture.definitions[1]);
    });
    afterEach(async () => {
      await fixture.close?.();
    });

    it('gives back what was created, with a resourceVersion', async () => {
      const created = await store.create(make('a'), context);
      expect(version(created)).toBeGreaterThan(0);
      expect(await store.get(key(created), context)).toEqual(created);
      expect(await store.get({ ...key(created), name: 'b' }, context)).toBeUndefined();
    });

    it('gives the same store for the same resource', () => {
      expect(fixture.backend.storeOf(fixture.definitions[0])).toBe(store);
    });

    it('refuses a second object of the same name', async () => {
      await store.create(make('a'), context);
      await expect(store.create(make('a'), context)).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
    });

    it('raises one resourceVersion over all resources', async () => {
      const first = await store.create(make('a'), context);
      const second = await other.create(makeOther('a'), context);
      const third = await store.create(make('b'), context);
      expect(version(second)).toBeGreaterThan(version(first));
      expect(version(third)).toBeGreaterThan(version(second));
      const { resourceVersion } = await store.list({ selectors: EVERYTHING }, context);
      expect(Number(resourceVersion)).toBeGreaterThanOrEqual(version(third));
    });

    it('updates from the version that the change was made from, and only from that', async () => {
      const created = await store.create(make('a', 1), context);
      const expected = { expectedResourceVersion: created.metadata.resourceVersion ?? '' };
      const updated = await store.update({ ...make('a', 2), metadata: { ...created.metadata } }, context, expected);
      expect(version(updated)).toBeGreaterThan(version(created));
      const stale = store.update({ ...make('a', 3), metadata: { ...created.metadata } }, context, expected);
      await expect(stale).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
      expect((await store.get(key(created), context))?.spec).toEqual(make('a', 2).spec);
    });

    it('lets one of many concurrent updates from the same version win', async () => {
      const created = await store.create(make('a'), context);
      const attempts = Array.from({ length: 10 }, async (_, n) =>
        store.update({ ...make('a', n + 1), metadata: { ...created.metadata } }, context, {
          expectedResourceVersion: created.metadata.resourceVersion ?? '',
        }),
      );
      const results = await Promise.allSettled(attempts);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(isStatus(result.reason, 'Conflict')).toBe(true);
      }
    });

    it('says 404 for an update or delete of what is not there', async () => {
      const missing = store.update(make('a'), context, {});
      await expect(missing).rejects.toMatchObject({ code: 404, reason: 'NotFound' });
      await expect(store.delete(key(make('a')), context, {})).rejects.toMatchObject({ code: 404 });
    });

    it('does not let what it gave out be changed behind its back', async () => {
      const created = await store.create(make('a', 1), context);
      const read = await store.get(key(created), context);
      try {
        if (read !== undefined) read.metadata.labels = { changed: 'yes' };
      } catch {
        // Frozen: as good as a copy.
      }
      expect((await store.get(key(created), context))?.metadata.labels?.changed).toBeUndefined();
    });

    it('checks preconditions of a delete', async () => {
      const created = await store.create(make('a'), context);
      for (const preconditions of [{ uid: 'another' }, { resourceVersion: '1000000007' }]) {
        await expect(store.delete(key(created), context, { preconditions })).rejects.toMatchObject({ code: 409 });
      }
      expect(await store.get(key(created), context)).toBeDefined();
    });

    it('lists one namespace or all, in order, by labels and fields', async () => {
      for (const name of ['c', 'a', 'b']) await store.create(labelled(name, { app: name }), context);
      const all = await store.list({ selectors: EVERYTHING }, context);
      expect(names(all.items)).toEqual(['a', 'b', 'c']);
      const { namespace = '' } = make('a').metadata;
      expect((await store.list({ namespace, selectors: EVERYTHING }, context)).items).toHaveLength(3);
      expect((await store.list({ namespace: 'elsewhere', selectors: EVERYTHING }, context)).items).toHaveLength(0);
      const labels = parseLabelSelector('app in (a,c)');
      expect(names((await store.list({ selectors: { labels, fields: [] } }, context)).items)).toEqual(['a', 'c']);
      const fields = [{ path: 'metadata.name', operator: '!=' as const, value: 'a' }];
      expect(names((await store.list({ selectors: { labels: [], fields } }, context)).items)).toEqual(['b', 'c']);
    });

    it('pages through a list that stays as it was at the first page', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await store.create(make(name), context);
      const first = await store.list({ selectors: EVERYTHING, limit: 2 }, context);
      expect(names(first.items)).toEqual(['a', 'b']);
      expect(first.remainingItemCount).toBe(3);
      await store.create(make('bb'), context);
      await store.update(make('e', 7), context, {});
      const seen: string[] = [];
      let token = first.continueToken;
      while (token !== undefined) {
        const page = await store.list({ selectors: EVERYTHING, limit: 2, continueToken: token }, context);
        expect(page.resourceVersion).toBe(first.resourceVersion);
        seen.push(...names(page.items));
        token = page.continueToken;
      }
      expect(seen).toEqual(['c', 'd', 'e']);
    });

    it('refuses a continue token that is not its own', async () => {
      const list = store.list({ selectors: EVERYTHING, continueToken: 'nonsense' }, context);
      await expect(list).rejects.toMatchObject({ code: 400 });
    });

    it('watches from a version on, each change once and in order', async () => {
      const created = await store.create(make('a', 1), context);
      const { resourceVersion } = created.metadata;
      const watching = collectEvents(
        (signal) =>
          store.watch(
            { selectors: EVERYTHING, allowBookmarks: false, signal, ...(resourceVersion ? { resourceVersion } : {}) },
            context,
          ),
        3,
      );
      await store.create(make('b', 1), context);
      await store.update(make('b', 2), context, {});
      await store.update(make('a', 2), context, {});
      const events = await watching;
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
        'ADDED b',
        'MODIFIED b',
        'MODIFIED a',
      ]);
      const versions = events.map(({ object }) => version(object));
      expect(versions).toEqual([...versions].sort((x, y) => x - y));
    });

    it('begins a watch without a version with the objects that are there', async () => {
      await store.create(make('a'), context);
      await store.create(make('b'), context);
      const events = await collectEvents(
        (signal) => store.watch({ selectors: EVERYTHING, allowBookmarks: false, signal }, context),
        2,
      );
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'ADDED b']);
    });

    it('ends the initial events of a streaming list with a bookmark', async () => {
      await store.create(make('a'), context);
      const options = { selectors: EVERYTHING, allowBookmarks: true, sendInitialEvents: true };
      const events = await collectEvents((signal) => store.watch({ ...options, signal }, context), 2);
      expect(events[1]?.type).toBe('BOOKMARK');
      expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
      expect(version(events[1]?.object)).toBeGreaterThanOrEqual(version(events[0]?.object));
    });

    it('shows a watcher with a selector an object that comes to match as added and one that leaves as deleted', async () => {
      const selectors = { labels: parseLabelSelector('app=web'), fields: [] };
      const watching = collectEvents((signal) => store.watch({ selectors, allowBookmarks: false, signal }, context), 2);
      const created = await store.create(labelled('a', { app: 'db' }), context);
      const entered = await store.update(relabelled(created, { app: 'web' }), context, {});
      const left = await store.update(relabelled(entered, { app: 'db' }), context, {});
      const events = await watching;
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
      expect(events[1]?.object.metadata.labels).toEqual({ app: 'web' });
      expect(version(events[1]?.object)).toBe(version(left));
    });

    it('ends a watch when its signal aborts', async () => {
      const abort = new AbortController();
      const watch = store.watch({ selectors: EVERYTHING, allowBookmarks: false, signal: abort.signal }, context);
      const next = watch[Symbol.asyncIterator]().next();
      abort.abort();
      expect((await next).done).toBe(true);
    });

    it('changes only status through the status subresource', async () => {
      const created = await store.create(make('a', 1), context);
      const change = { ...make('a', 2), metadata: { ...created.metadata }, status: { phase: 'Done' } };
      const updated = await store.update(change, context, { subresource: 'status' });
      expect(updated.status).toEqual({ phase: 'Done' });
      expect(updated.spec).toEqual(created.spec);
    });

    it('creates many at once or none', async () => {
      if (store.createMany === undefined) return;
      await store.create(make('b'), context);
      const clash = store.createMany([make('a'), make('b')], context);
      await expect(clash).rejects.toMatchObject({ reason: 'AlreadyExists' });
      expect(await store.get(key(make('a')), context)).toBeUndefined();
      const created = await store.createMany([make('c'), make('d')], context);
      expect(names(created)).toEqual(['c', 'd']);
      expect(version(created[1])).toBeGreaterThan(version(created[0]));
    });

    it('keeps a deleted object that has finalizers until the last one is taken away', async () => {
      if (fixture.finalizers === false) return;
      const object = make('a');
      object.metadata.finalizers = ['example.io/keep'];
      const created = await store.create(object, context);
      const { gone, object: marked } = await store.delete(key(created), context, {});
      expect(gone).toBe(false);
      expect(marked.metadata.deletionTimestamp).toBeDefined();
      const watching = collectEvents(
        (signal) =>
          store.watch(
            { selectors: EVERYTHING, allowBookmarks: false, signal, resourceVersion: String(version(marked)) },
            context,
          ),
        1,
      );
      const { finalizers: _gone, ...metadata } = marked.metadata;
      await store.update({ ...marked, metadata }, context, {});
      expect(await store.get(key(created), context)).toBeUndefined();
      expect((await watching).map(({ type }) => type)).toEqual(['DELETED']);
    });
  });
}

const relabelled = (object: KubeObject, labels: Record<string, string>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels },
});
