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
    live.start(['clusters', 'jobs', 'deployments', 'queues']);
    last().change('clusters', 'east', 'queues=9');
    last().say('synced', { resource: 'queues' }, 'queues=10');
    last().say('synced', { resource: 'clusters' }, FLEET_ID);
  }

  it('asks for workloads only when something shows them, and goes on with the others where it was', () => {
    tellFleet();
    expect([lines.length, kinds()]).toEqual([1, 'clusters,queues']);
    live.want('jobs');
    expect([lines.length, kinds(), last().query.get('resourceVersion')]).toEqual([2, 'clusters,jobs,queues', FLEET_ID]);
    expect(last().query.get('omit')).toContain('spec.template');
    expect(lines[0]?.closed).toBe(true);
    live.want('jobs');
    live.want('clusters');
    expect(lines).toHaveLength(2);
  });

  it('asks for nothing when one may see workloads only and no view shows them', () => {
    live.start(['jobs']);
    expect([lines.length, live.now().phase]).toEqual([0, 'live']);
    live.want('jobs');
    expect(kinds()).toBe('jobs');
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

  it('keeps nothing that is gone when the telling of a kind was broken off', async () => {
    tellFleet();
    live.want('jobs');
    last().change('jobs', 'stays', FLEET_ID);
    last().change('jobs', 'gone-meanwhile', FLEET_ID);
    last().dispatchEvent(new Event('error'));
    await jest.advanceTimersByTimeAsync(1_000);
    last().change('jobs', 'stays', FLEET_ID);
    last().say('synced', { resource: 'jobs' }, `${FLEET_ID},jobs=12`);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(store.list('jobs').map(({ metadata }) => metadata.name)).toEqual(['stays']);
    expect(store.list('clusters')).toHaveLength(1);
  });
});
