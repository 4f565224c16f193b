import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Api } from './api.js';
import { Live } from './live.js';
import { ObjectStore } from './object-store.js';
import type { HeldKind } from './objects.js';

/** The browser's end of a stream: what the gateway says is dispatched on it. */
class Line extends EventTarget {
  closed = false;
  readonly query: URLSearchParams;
  constructor(path: string) {
    super();
    this.query = new URL(path, 'http://gateway').searchParams;
  }
  close(): void {
    this.closed = true;
  }
  say(event: string, data: object, id = ''): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data), lastEventId: id }));
  }
  change(resource: HeldKind, name: string, id: string): void {
    const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' };
    this.say('change', { resource, type: 'ADDED', object: { kind: 'Cluster', apiVersion: 'v1', metadata } }, id);
  }
}

describe('the live connection', () => {
  const lines: Line[] = [];
  let live: Live;
  let store: ObjectStore;
  const last = (): Line => lines.at(-1)!;
  const kinds = (): string | null => last().query.get('resources');
  const FLEET_ID = 'clusters=10,queues=10';

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response('{}')));
    lines.length = 0;
    store = new ObjectStore();
    live = new Live(new Api(() => undefined), store, (path) => {
      const line = new Line(path);
      lines.push(line);
      return line as unknown as EventSource;
    });
  });
  afterEach(() => {
    live.stop();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  function tellFleet(): void {
    live.start({ kinds: ['clusters', 'queues'], omit: ['status.nodes', 'status.conditions'] });
    last().change('clusters', 'east', 'queues=9');
    last().say('synced', { resource: 'queues' }, 'queues=10');
    last().say('synced', { resource: 'clusters' }, FLEET_ID);
  }

  it('asks for its kinds, without what nobody shows, or for one object', () => {
    tellFleet();
    expect([kinds(), last().query.get('omit')]).toEqual(['clusters,queues', 'status.nodes,status.conditions']);
    live.start({ kinds: ['jobs'], omit: [], only: { namespace: 'team', name: 'a' } });
    expect(lines[0]?.closed).toBe(true);
    expect([kinds(), last().query.get('namespace'), last().query.get('fieldSelector')]).toEqual([
      'jobs',
      'team',
      'metadata.name=a',
    ]);
  });

  it('asks for nothing when one may see none of its kinds', () => {
    live.start({ kinds: [], omit: [] });
    expect([lines.length, live.now().phase]).toEqual([0, 'live']);
  });

  it('counts every event as a sign of life, and silence as loss; comes back where it was', async () => {
    tellFleet();
    for (let second = 0; second < 60; second++) {
      await jest.advanceTimersByTimeAsync(1_000);
      last().say('beat', {}, FLEET_ID);
    }
    expect([lines.length, live.now().phase]).toEqual([1, 'live']);
    await jest.advanceTimersByTimeAsync(12_000);
    expect(live.now()).toMatchObject({ phase: 'lost', why: 'nothing was heard for 12 s' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect([lines.length, last().query.get('resourceVersion')]).toEqual([2, FLEET_ID]);
    last().say('beat', {}, FLEET_ID);
    expect(live.now().phase).toBe('live');
  });

  it('begins again with a kind whose telling was broken off, and only with that', async () => {
    live.start({ kinds: ['clusters', 'jobs'], omit: [] });
    last().change('clusters', 'east', '');
    last().say('synced', { resource: 'clusters' }, 'clusters=10');
    last().change('jobs', 'stays', 'clusters=10');
    last().change('jobs', 'gone-meanwhile', 'clusters=10');
    last().dispatchEvent(new Event('error'));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(last().query.get('resourceVersion')).toBe('clusters=10');
    last().change('jobs', 'stays', 'clusters=10');
    last().say('synced', { resource: 'jobs' }, 'clusters=10,jobs=12');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(store.list('jobs').map(({ metadata }) => metadata.name)).toEqual(['stays']);
    expect(store.list('clusters')).toHaveLength(1);
  });
});
