/** Watches over raw HTTP. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { MemoryBackend } from '../store/memory-backend.js';
import { widgetDefinition } from '../testing/definitions.js';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';
import type { ResourceClient } from '../client/local-client.js';
import type { ApiServerOptions } from './server-options.js';

interface Event {
  type: string;
  object: KubeObject & { code?: number; reason?: string; rows?: unknown[]; columnDefinitions?: unknown[] };
}

describe('a watch', () => {
  let api: ServedApi;
  let widgets: ResourceClient;
  const collection = '/apis/example.io/v1/namespaces/default/widgets';

  const open = async (
    backend: MemoryBackend,
    observe: ApiServerOptions['observe'] = () => undefined,
  ): Promise<void> => {
    api = await serveTestApi({ backend, observe, limits: { slowReaderMs: 200 } });
    widgets = api.server.client('test').for(widgetDefinition);
  };
  beforeEach(async () => {
    await open(new MemoryBackend({ historyLimit: 8, bookmarkIntervalMs: 20 }));
  });
  afterEach(async () => {
    expect(api.unexpected).toEqual([]);
    await api.close();
  });

  const make = async (name: string, spec: object = {}): Promise<KubeObject> =>
    widgets.create({
      apiVersion: 'example.io/v1',
      kind: 'Widget',
      metadata: { name, namespace: 'default' },
      spec: { size: 'small', ...spec },
    });

  /** Events until the server ends the watch or `done` says so. */
  async function* watch(query: string, headers: Record<string, string> = {}): AsyncGenerator<Event> {
    const response = await fetch(`${api.url}${collection}?watch=1&${query}`, { headers });
    expect(response.status).toBe(200);
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const lines = (rest + Buffer.from(chunk as Uint8Array).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Event;
    }
  }
  const take = async (events: AsyncGenerator<Event>, count: number): Promise<Event[]> => {
    const taken: Event[] = [];
    for await (const event of events) if (taken.push(event) >= count) break;
    return taken;
  };
  const names = (events: readonly Event[]): string[] =>
    events.map(({ type, object }) => `${type} ${object.metadata.name}`);

  it('begins with what is there and goes on with what happens', async () => {
    await make('a');
    const events = watch('');
    expect(names(await take(events, 1))).toEqual(['ADDED a']);
  });

  it('resumes after the version of a list', async () => {
    await make('a');
    const { resourceVersion } = await widgets.list();
    await make('b');
    await widgets.delete({ namespace: 'default', name: 'a' });
    expect(names(await take(watch(`resourceVersion=${resourceVersion}`), 2))).toEqual(['ADDED b', 'DELETED a']);
  });

  it('tells of the end of the initial events of a streaming list', async () => {
    await make('a');
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const [, end] = await take(watch(query), 2);
    expect(end).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'Widget',
        metadata: { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
  });

  it('sends bookmarks while nothing happens', async () => {
    await make('a');
    const [bookmark] = await take(watch('resourceVersion=1&allowWatchBookmarks=true'), 1);
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '1' } } });
  });

  it('ends with an ERROR event of 410 when the version is too old', async () => {
    for (let n = 0; n < 30; n++) await make(`w${n}`);
    const events = await take(watch('resourceVersion=1'), 9);
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });

  it('ends after timeoutSeconds', async () => {
    const startedMs = performance.now();
    expect(await take(watch('timeoutSeconds=1'), 1)).toEqual([]);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  it('shows a selector what comes to match as added and what leaves as deleted', async () => {
    await make('a', { colour: 'red' });
    await make('b', { colour: 'blue' });
    const events = watch('fieldSelector=spec.colour%3Dred');
    expect(names(await take(events, 1))).toEqual(['ADDED a']);
    const changes = watch('fieldSelector=spec.colour%3Dred&resourceVersion=2');
    await widgets.patch({ namespace: 'default', name: 'b' }, 'merge', { spec: { colour: 'red' } });
    await widgets.patch({ namespace: 'default', name: 'a' }, 'merge', { spec: { colour: 'blue' } });
    expect(names(await take(changes, 2))).toEqual(['ADDED b', 'DELETED a']);
  });

  it('is a table when asked for, with columns in the first event only', async () => {
    await make('a');
    await make('b');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const [first, second] = await take(watch('', { accept }), 2);
    expect(first?.object.columnDefinitions).toHaveLength(4);
    expect(second?.object.columnDefinitions).toEqual([]);
    expect(second?.object.rows).toMatchObject([{ cells: ['b', 'small', '0s', ''] }]);
  });

  it('ends when the server closes, also with a hundred watchers', async () => {
    const watchers = Array.from({ length: 100 }, async () => take(watch('resourceVersion=0'), 2));
    await make('a');
    api.server.close();
    const ended = await Promise.allSettled(watchers);
    expect(ended).toHaveLength(100);
  });

  it('can be cut for tests of clients', async () => {
    await make('a');
    const watching = take(watch('resourceVersion=0'), 2);
    const other = watch('resourceVersion=0');
    await other.next();
    api.server.dropWatches();
    await expect(watching).rejects.toThrow('terminated');
    await expect(other.next()).rejects.toThrow('terminated');
  });

  it('cuts off a reader that does not read', async () => {
    await api.close();
    const cut = Promise.withResolvers<undefined>();
    await open(new MemoryBackend({ historyLimit: 100_000 }), ({ verb }) => {
      if (verb === 'watch') cut.resolve(undefined);
    });
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET ${collection}?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    for (let n = 0; n < OBJECTS; n++) await make(`w${n}`, { colour: 'x'.repeat(OBJECT_BYTES) });
    await cut.promise;
    // What the system's buffers held is all that comes now.
    let bytes = 0;
    await new Promise((resolve) => socket.on('data', (data) => (bytes += data.length)).on('close', resolve));
    expect(bytes).toBeLessThan(OBJECTS * OBJECT_BYTES);
  });
});

const OBJECTS = 300;
const OBJECT_BYTES = 100_000;
