import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture } from '../testing/gateway-fixture.js';
import { BEAT_MS } from './event-stream.js';

interface Sent {
  id: string;
  event: string;
  data: {
    resource: string;
    type: string;
    time: string;
    object?: { kind: string; metadata: { name: string; namespace?: string; resourceVersion: string } };
    status: { code: number; reason: string; kind: string };
  };
}

const CLUSTERS = '/apis/skyflow.io/v1/clusters';
const clusterNamed = (name: string): object => ({ apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name } });

describe('GET /stream', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  const open = new Set<AbortController>();

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    await gateway.request('POST', CLUSTERS, clusterNamed('east'));
    await gateway.request('POST', JOBS, jobNamed('first'));
  });

  afterEach(() => {
    for (const each of open) each.abort();
    open.clear();
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  /** Events as a browser reads them. */
  async function* stream(query: string, headers: Record<string, string> = {}): AsyncGenerator<Sent> {
    const abort = new AbortController();
    open.add(abort);
    const response = await fetch(`${gateway.url}/stream?${query}`, {
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      signal: abort.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    let text = '';
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map((line): [string, string] => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
        );
        text = text.slice(end + 2);
        const [id = '', event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
        if (event !== undefined && data !== undefined) yield { id, event, data: JSON.parse(data) as Sent['data'] };
      }
    }
  }

  /** Reads up to and with the first event for which `last` holds. */
  async function readTo(events: AsyncGenerator<Sent>, last: (sent: Sent) => boolean): Promise<Sent[]> {
    const read: Sent[] = [];
    for (;;) {
      const { value, done } = (await events.next()) as IteratorResult<Sent, undefined>;
      if (done === true) throw new Error(`the stream ended after ${JSON.stringify(read)}`);
      read.push(value);
      if (last(value)) return read;
    }
  }

  const changes = (sent: readonly Sent[]): string[] =>
    sent
      .filter(({ event }) => event === 'change')
      .map(({ data }) => `${data.type} ${String(data.object?.metadata.name)}`);

  it('tells what there is of each kind, then what changes, in one connection', async () => {
    const events = stream('resources=clusters,jobs');
    const synced = new Set<string>();
    const before = await readTo(events, ({ event, data }) => {
      if (event === 'synced') synced.add(data.resource);
      return synced.size === 2;
    });
    expect(changes(before).sort()).toEqual(['ADDED east', 'ADDED first']);
    await gateway.request('POST', JOBS, jobNamed('second'));
    await gateway.request('POST', CLUSTERS, clusterNamed('west'));
    const seen = new Set<string>();
    const after = await readTo(events, ({ data }) => {
      if (data.object !== undefined) seen.add(data.object.metadata.name);
      return seen.has('second') && seen.has('west');
    });
    expect(changes(after)).toEqual(expect.arrayContaining(['ADDED second', 'ADDED west']));
    expect(after.at(-1)?.id).toMatch(/^(clusters=\d+,jobs=\d+|jobs=\d+,clusters=\d+)$/);
  });

  it('goes on after the last event that was read, without loss and without repetition', async () => {
    const events = stream('resources=clusters,jobs');
    let synced = 0;
    const [last] = (await readTo(events, ({ event }) => event === 'synced' && ++synced === 2)).slice(-1);
    for (const each of open) each.abort();
    await gateway.request('POST', JOBS, jobNamed('meanwhile'));
    await gateway.request('POST', CLUSTERS, clusterNamed('meanwhile-too'));
    const resumed = stream('resources=clusters,jobs', { 'last-event-id': last?.id ?? '' });
    const wanted = new Set(['meanwhile', 'meanwhile-too']);
    const missed = await readTo(resumed, ({ data }) => {
      wanted.delete(data.object?.metadata.name ?? '');
      return wanted.size === 0;
    });
    expect(changes(missed).sort()).toEqual(['ADDED meanwhile', 'ADDED meanwhile-too']);
  });

  it('is of one object where a field selector says so, and refuses fields that cannot be selected by', async () => {
    await gateway.request('POST', JOBS, jobNamed('watched'));
    await gateway.request('POST', JOBS, jobNamed('not-watched'));
    const one = stream('resources=jobs&namespace=default&fieldSelector=metadata.name%3Dwatched');
    expect(changes(await readTo(one, ({ event }) => event === 'synced'))).toEqual(['ADDED watched']);
    await gateway.request('DELETE', `${JOBS}/not-watched`);
    await gateway.request('DELETE', `${JOBS}/watched`);
    const after = await readTo(one, ({ data }) => data.type === 'MODIFIED');
    expect(new Set(after.flatMap(({ data }) => data.object?.metadata.name ?? []))).toEqual(new Set(['watched']));
    const refused = await gateway.request('GET', '/stream?resources=jobs&fieldSelector=spec.replicas%3D1');
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining('spec.replicas')]);
  });

  it('begins after a version of a list', async () => {
    const { body } = await gateway.request('GET', JOBS);
    await gateway.request('POST', JOBS, jobNamed('after-list'));
    const [first] = await readTo(
      stream(`resources=jobs.v1.skyflow.io&resourceVersion=${body.metadata.resourceVersion}`),
      ({ event }) => event === 'change',
    );
    expect(first?.data).toMatchObject({ resource: 'jobs.v1.skyflow.io', type: 'ADDED' });
    expect(first?.data.object?.metadata.name).toBe('after-list');
  });

  it('shows native faces, mirrors, one namespace and one selection', async () => {
    await gateway.request('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
    const job = jobNamed('labelled') as { metadata: object };
    await gateway.request('POST', JOBS.replace('default', 'other'), {
      ...job,
      metadata: { ...job.metadata, labels: { app: 'x' } },
    });
    let synced = 0;
    const events = await readTo(
      stream('resources=jobs,namespaces,pods&namespace=other&labelSelector=app%3Dx'),
      ({ event }) => event === 'synced' && ++synced === 3,
    );
    expect(changes(events)).toEqual(['ADDED labelled']);
  });

  it('leaves out the fields that the reader does without', async () => {
    const before = await readTo(
      stream('resources=jobs&omit=spec,metadata.managedFields'),
      ({ event }) => event === 'synced',
    );
    const whole = await readTo(stream('resources=jobs'), ({ event }) => event === 'synced');
    expect(changes(before)).toEqual(changes(whole));
    for (const { data } of before.slice(0, -1)) {
      expect(Object.keys(data.object ?? {})).toEqual(['apiVersion', 'kind', 'metadata', 'status']);
      expect(data.object?.metadata).not.toHaveProperty('managedFields');
    }
    expect(whole[0]?.data.object).toHaveProperty('spec.template');
  });

  it('beats while nothing happens', async () => {
    const started = performance.now();
    const read = await readTo(stream('resources=clusters'), ({ event }) => event === 'beat');
    expect(performance.now() - started).toBeGreaterThan(BEAT_MS / 2);
    expect(Date.parse(read.at(-1)?.data.time ?? '')).toBeGreaterThan(0);
    expect(read.at(-1)?.id).toMatch(/^clusters=\d+$/);
  });

  it('says 410 in an event for a place that is too old, and forgets that place', async () => {
    // Pods are not in the log: what was there an hour ago is told to nobody.
    const events = stream('resources=clusters,pods', { 'last-event-id': 'clusters=10000,pods=5' });
    const [last] = (await readTo(events, ({ event }) => event === 'error')).slice(-1);
    expect(last?.data).toMatchObject({ resource: 'pods', status: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(last?.id).toMatch(/^clusters=\d+$/);
    // The stream ends after it.
    await expect(readTo(events, () => false)).rejects.toThrow('the stream ended');
  });

  it.each([
    ['', 400, /resources: .*name the kinds/],
    ['resources=', 400, /resources: .*name one or more kinds/],
    ['resources=jobs,,clusters', 400, /resources: .*name one or more kinds/],
    ['resources=jobs,jobs.v1.skyflow.io', 400, /"jobs.v1.skyflow.io" is named twice/],
    ['resources=job', 404, /there is no kind "job" to watch; did you mean "jobs"\?/],
    ['resources=quatsch', 404, /what can be watched: .*clusters, .*jobs/],
    ['resources=jobs&resourceVersion=x', 400, /^resourceVersion: invalid value "x": give the id/],
    ['resources=jobs&omit=metadata.name', 400, /^omit: invalid value "metadata.name": this field/],
    ['resources=jobs&labelSelector=%3D', 400, /labelSelector/],
    ['resources=jobs&watch=true', 400, /watch: .*no such parameter/],
  ])('refuses ?%s', async (query, code, message) => {
    const { status, body } = await gateway.request('GET', `/stream?${query}`);
    expect([status, body.kind]).toEqual([code, 'Status']);
    expect(body.message).toMatch(message);
  });

  it('needs the right to watch each kind, and shows only what one may see', async () => {
    const user = (name: string): object => ({ apiVersion: 'skyflow.io/v1', kind: 'User', metadata: { name } });
    expect((await gateway.request('POST', '/apis/skyflow.io/v1/users', user('lea'))).status).toBe(201);
    await gateway.request('POST', '/apis/skyflow.io/v1/roles', {
      apiVersion: 'skyflow.io/v1',
      kind: 'Role',
      metadata: { name: 'lea' },
      rules: [{ verbs: ['get', 'list', 'watch'], kinds: ['Job'], namespaces: ['other'] }],
    });
    await gateway.request('POST', '/apis/skyflow.io/v1/rolebindings', {
      apiVersion: 'skyflow.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'lea' },
      roleRef: { kind: 'Role', name: 'lea' },
      subjects: [{ kind: 'User', name: 'lea' }],
    });
    const as = { 'impersonate-user': 'lea' };
    const refused = await gateway.request('GET', '/stream?resources=jobs,clusters', undefined, as);
    expect([refused.status, refused.body.message]).toEqual([
      403,
      expect.stringMatching(/User "lea" cannot watch Cluster: missing verb "watch" on kind "Cluster"/),
    ]);
    const seen = await readTo(stream('resources=jobs', as), ({ event }) => event === 'synced');
    expect(changes(seen)).toEqual(['ADDED labelled']);
    const strangers = await gateway.request('GET', '/stream?resources=jobs', undefined, { authorization: 'Bearer x' });
    expect(strangers.status).toBe(401);
  });

  it('is described', async () => {
    const { body } = await gateway.request('GET', '/openapi.json');
    expect(body.paths).toMatchObject({
      '/stream': { get: { responses: { 200: { content: { 'text/event-stream': {} } } } } },
    });
  });
});
