import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeClient } from '../client/kube-client.js';
import { KubeApiError, KubeUnreachableError } from '../client/kube-errors.js';
import { resources, type KubeObject } from '../client/kube-object.js';
import { fixedCredentials } from '../kubeconfig/credentials.js';
import { FakeKubeApi } from '../testing/fake-kube-api.js';
import type { StoreChange } from './object-store.js';
import { Reflector } from './reflector.js';

const PODS = '/api/v1/namespaces/default/pods';
const pod = (name: string): KubeObject => ({
  metadata: { name, namespace: 'default' },
  spec: { padding: 'x'.repeat(50) },
});

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 8_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within 8 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

let api: FakeKubeApi;
let client: KubeClient;
let stop: AbortController;
let running: Promise<void> | undefined;
let changes: StoreChange<KubeObject>[];
let health: (string | undefined)[];

beforeEach(async () => {
  api = await new FakeKubeApi().start();
  client = new KubeClient({ server: new URL(api.url), skipTlsVerify: false, credentials: fixedCredentials({}) });
  stop = new AbortController();
  changes = [];
  health = [];
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await api.stop();
});

async function reflect(options: { inactivityMs?: number; pageSize?: number } = {}): Promise<Reflector<KubeObject>> {
  const reflector = new Reflector<KubeObject>({
    client,
    resource: resources.pods,
    keep: ({ metadata }) => ({ metadata }),
    onChange: (change) => changes.push(change),
    onHealth: (error) => health.push(error?.message),
    backoffCapMs: 200,
    ...options,
  });
  running = reflector.run(stop.signal);
  await reflector.whenSynced(stop.signal);
  return reflector;
}
const namesIn = (reflector: Reflector<KubeObject>) => [...reflector.store.values()].map((o) => o.metadata.name).sort();

describe('a reflector', () => {
  it('lists in pages, then follows, and keeps only what it is told to keep', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) api.put(PODS, pod(name));
    const reflector = await reflect({ pageSize: 2 });
    expect(reflector.hasSynced).toBe(true);
    expect(namesIn(reflector)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(api.requests.filter((request) => request.includes('limit=2'))).toHaveLength(3);
    await until(() => api.openWatches === 1, 'the watch is open');
    api.put(PODS, pod('f'));
    api.remove(`${PODS}/a`);
    await until(() => namesIn(reflector).join('') === 'bcdef', 'the watch told of both changes');
    expect(reflector.store.get('default/f')).toEqual({ metadata: expect.objectContaining({ name: 'f' }) });
  });

  it('resumes a dropped watch from the version it saw last, a bookmark included, without a new list', async () => {
    api.put(PODS, pod('a'));
    const reflector = await reflect();
    await until(() => api.openWatches === 1, 'the watch is open');
    api.put('/api/v1/namespaces/default/configmaps', pod('elsewhere'));
    api.bookmark();
    api.put(PODS, pod('b'));
    await until(() => reflector.store.size === 2, 'b is seen');
    const before = api.requests.length;
    api.dropConnections();
    api.put(PODS, pod('c'));
    await until(() => reflector.store.size === 3, 'c is seen after the drop');
    expect(api.requests.slice(before)).toEqual([expect.stringMatching(/watch=true/)]);
    expect(changes.map((change) => `${change.type} ${change.key}`)).toEqual([
      'added default/a',
      'added default/b',
      'added default/c',
    ]);
  });

  it('lists again after 410 and tells only the differences', async () => {
    for (const name of ['a', 'b']) api.put(PODS, pod(name));
    const reflector = await reflect();
    await until(() => api.openWatches === 1, 'the watch is open');
    await api.stop();
    api.remove(`${PODS}/a`);
    api.put(PODS, pod('c'));
    api.expireHistory();
    changes.length = 0;
    await api.start();
    await until(() => namesIn(reflector).join('') === 'bc', 'the new list is in the store');
    expect(changes.map((change) => `${change.type} ${change.key}`).sort()).toEqual([
      'added default/c',
      'deleted default/a',
    ]);
  });

  it('notices an API that came back with another history', async () => {
    api.put(PODS, pod('a'));
    const reflector = await reflect();
    await until(() => api.openWatches === 1, 'the watch is open');
    await api.stop();
    await until(() => reflector.error !== undefined, 'the outage is noticed');
    api.loseState();
    api.put(PODS, pod('z'));
    await api.start();
    await until(() => namesIn(reflector).join('') === 'z', 'the new history is in the store');
    expect(reflector.error).toBeUndefined();
    expect(health[0]).toMatch(/broke|not reachable/);
    expect(health.at(-1)).toBeUndefined();
  });

  it('makes a watch anew that fell silent', async () => {
    await reflect({ inactivityMs: 100 });
    await until(() => api.requests.filter((request) => request.includes('watch=true')).length >= 3, 'three watches');
  });

  it('changes nothing when a list fails half-way', async () => {
    for (const name of ['a', 'b', 'c', 'd']) api.put(PODS, pod(name));
    const reflector = await reflect({ pageSize: 2 });
    await until(() => api.openWatches === 1, 'the watch is open');
    await api.stop();
    api.refuse(/GET .*pods/, 500, 'InternalError', 'etcd is away', 3);
    await api.start();
    await until(() => api.requests.length > 8, 'it tried several times');
    expect(namesIn(reflector).join('')).toBe('abcd');
    expect(changes.filter((change) => change.type === 'deleted')).toEqual([]);
  });
});

describe('the client', () => {
  it('throws the Status of the API', async () => {
    api.refuse(/PATCH/, 422, 'Invalid', 'spec.replicas: Invalid value: -1');
    const apply = client.applyServerSide(resources.pods, pod('a'), { fieldManager: 'test', force: true });
    await expect(apply).rejects.toThrow(
      expect.objectContaining({
        name: 'KubeApiError',
        code: 422,
        reason: 'Invalid',
        message: expect.stringContaining('-1'),
      }),
    );
    expect(api.requests).toContainEqual('PATCH /api/v1/namespaces/default/pods/a?fieldManager=test&force=true');
  });

  it('deletes only under its preconditions', async () => {
    api.put(PODS, pod('a'));
    const key = { namespace: 'default', name: 'a' };
    await expect(client.delete(resources.pods, key, { preconditions: { uid: 'other' } })).rejects.toThrow(KubeApiError);
    await client.delete(resources.pods, key);
    expect(await client.find(resources.pods, key)).toBeUndefined();
  });

  it('gives up on an API that does not answer, within the time given', async () => {
    api.hanging = true;
    const started = performance.now();
    await expect(client.version({ timeoutMs: 100 })).rejects.toThrow(KubeUnreachableError);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('lets an answer that has begun take as long as it takes', async () => {
    const body = await client.stream(PODS, { query: { watch: true, resourceVersion: '100' }, timeoutMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    api.put(PODS, pod('late'));
    const [chunk] = (await once(body, 'data')) as [Buffer];
    expect(String(chunk)).toContain('"late"');
    body.destroy();
  });

  it('throws the reason of an abort', async () => {
    api.hanging = true;
    const reason = new Error('enough');
    await expect(client.version({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('says which server refused the connection', async () => {
    await api.stop();
    await expect(client.ready()).rejects.toThrow(`${api.url} is not reachable: connect ECONNREFUSED`);
  });
});
