/** Random histories: a list and a watch from its version must always add up to the state, and pages to one snapshot. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '@skyflow/contracts';
import { parseLabelSelector } from '../api/selector-parser.js';
import { EVERYTHING, matchesSelectors, type Selectors } from '../api/selectors.js';
import { ResourceTable } from './resource-table.js';
import type { WatchEvent } from './resource-store.js';

interface Step {
  namespace: string;
  name: string;
  /** Undefined: delete. */
  label: string | undefined;
}

const step: fc.Arbitrary<Step> = fc.record({
  namespace: fc.constantFrom('a', 'b'),
  name: fc.constantFrom('w', 'x', 'y', 'z'),
  label: fc.option(fc.constantFrom('red', 'blue'), { nil: undefined }),
});
const steps = fc.array(step, { maxLength: 30 });
const selectors: fc.Arbitrary<Selectors> = fc
  .constantFrom('', 'colour=red', 'colour!=red', 'colour')
  .map((text) => ({ labels: parseLabelSelector(text), fields: [] }));
const scope = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });

class History {
  version = 0;
  readonly table = new ResourceTable({
    apiVersion: 'v1',
    kind: 'Thing',
    version: () => this.version,
    historyLimit: 1000,
  });
  readonly model = new Map<string, KubeObject>();

  apply({ namespace, name, label }: Step): void {
    const key = `${namespace}/${name}`;
    if (label === undefined) {
      if (this.model.delete(key)) this.table.remove({ namespace, name }, ++this.version);
      return;
    }
    const metadata = { namespace, name, labels: { colour: label }, resourceVersion: String(++this.version) };
    const object = { apiVersion: 'v1', kind: 'Thing', metadata };
    this.model.set(key, object);
    this.table.put(object);
  }

  /** What a list has to show, in key order. */
  expected(wanted: Selectors, namespace?: string): KubeObject[] {
    return [...this.model.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object)
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .filter((object) => matchesSelectors(wanted, object));
  }
}

const inNamespace = (namespace: string | undefined): { namespace?: string } =>
  namespace === undefined ? {} : { namespace };

/** All events that are there now. */
async function drain(events: AsyncIterable<WatchEvent>, abort: AbortController): Promise<WatchEvent[]> {
  const seen: WatchEvent[] = [];
  const reading = (async () => {
    for await (const event of events) seen.push(event);
  })();
  await Promise.race([reading, new Promise(setImmediate)]);
  abort.abort();
  await reading;
  return seen;
}

describe('a resource table', () => {
  it('lists what is there, in order, by namespace and selector', () => {
    fc.assert(
      fc.property(steps, selectors, scope, (history, wanted, namespace) => {
        const made = new History();
        for (const each of history) made.apply(each);
        const { items } = made.table.list({ selectors: wanted, ...inNamespace(namespace) });
        expect(items).toEqual(made.expected(wanted, namespace));
      }),
    );
  });

  it('shows a watcher from any version exactly what leads from the list at that version to the state', async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, selectors, scope, async (before, after, wanted, namespace) => {
        const made = new History();
        for (const each of before) made.apply(each);
        const options = { selectors: wanted, ...inNamespace(namespace) };
        const { items, resourceVersion } = made.table.list(options);
        const abort = new AbortController();
        const watch = made.table.watch({
          ...options,
          resourceVersion,
          allowBookmarks: false,
          signal: abort.signal,
          sendInitialEvents: false,
        });
        for (const each of after) made.apply(each);

        const state = new Map(items.map((object) => [keyOf(object), object]));
        for (const { type, object } of await drain(watch, abort)) {
          expect(state.has(keyOf(object))).toBe(type !== 'ADDED');
          if (type === 'DELETED') state.delete(keyOf(object));
          else state.set(keyOf(object), object);
        }
        const seen = [...state.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
        expect(seen).toEqual(made.expected(wanted, namespace));
      }),
    );
  });

  it('gives pages that together are the list at the first page, whatever happens between them', () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(steps, { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        selectors,
        scope,
        (before, between, limit, wanted, namespace) => {
          const made = new History();
          for (const each of before) made.apply(each);
          const expected = made.expected(wanted, namespace);
          const options = { selectors: wanted, limit, ...inNamespace(namespace) };
          const pages: KubeObject[][] = [];
          let page = made.table.list(options);
          for (;;) {
            pages.push(page.items);
            if (wanted.labels.length === 0) {
              expect(page.remainingItemCount ?? 0).toBe(expected.length - pages.flat().length);
            }
            if (page.continueToken === undefined) break;
            for (const each of between[pages.length] ?? []) made.apply(each);
            page = made.table.list({ ...options, continueToken: page.continueToken });
          }
          expect(pages.flat()).toEqual(expected);
          expect(pages.every((items, index) => items.length === limit || index === pages.length - 1)).toBe(true);
        },
      ),
    );
  });

  it('shows readers of an older version 410 after a snapshot was loaded', async () => {
    const made = new History();
    made.apply({ namespace: 'a', name: 'w', label: 'red' });
    const abort = new AbortController();
    const watch = made.table.watch({ selectors: EVERYTHING, allowBookmarks: false, signal: abort.signal });
    made.version = 50;
    made.table.load([...made.model.values()], 50);
    await expect(drain(watch, abort)).rejects.toMatchObject({
      code: 410,
      message: expect.stringContaining('fell behind'),
    });
    expect(made.table.list({ selectors: EVERYTHING }).items).toHaveLength(1);
  });
});

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
