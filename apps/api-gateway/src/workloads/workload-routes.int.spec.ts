import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AgentLinkError, serveStreams } from '@skyflow/agent-link';
import { agentRequestSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';

let nats: NatsFixture;
let gateway: GatewayFixture;
const stop = new AbortController();
/** Pods of each cluster, as its agent tells them; changed by tests. */
const pods: Record<string, string[]> = { east: ['hello-1'], west: ['hello-2', 'hello-3'] };
/** Lets a followed log go on. */
const taps: (() => void)[] = [];

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function* cutOff(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
  throw new AgentLinkError('503', 'the cluster is gone');
}

async function* endless(name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${name} begins\n`);
  await new Promise<void>((resolve) => {
    taps.push(resolve);
    signal.addEventListener('abort', () => resolve());
  });
  yield Buffer.from(`${name} ends\n`);
}

function serveAgent(cluster: string): void {
  const serve = (verb: 'pods' | 'logs', handler: Parameters<typeof serveStreams>[2]): void =>
    void serveStreams(gateway.nats, agentRequestSubject(cluster, verb), handler, { signal: stop.signal });
  serve('pods', () => {
    const list = (pods[cluster] ?? []).map((name) => ({
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'main' }] },
    }));
    return Promise.resolve(bytes(JSON.stringify({ cluster, asOf: Date.now() - 3_000, pods: list })));
  });
  serve('logs', (request, signal) => {
    const { pod, follow, tailLines } = request as { pod: string; follow?: boolean; tailLines?: number };
    if (pod.startsWith('waiting'))
      throw new AgentLinkError('400', `container "main" in pod "${pod}" is waiting to start`);
    if (follow === true) return Promise.resolve(endless(pod, signal));
    return Promise.resolve(tailLines === 1 ? bytes(`${pod} last\n`) : bytes(`${pod} fi`, `rst\n${pod} last`));
  });
}

/** A job that has a share in each of the clusters. */
async function placedJob(name: string, clusters: string[]): Promise<{ uid: string }> {
  const { body } = await gateway.request('POST', JOBS, jobNamed(name, { replicas: clusters.length }));
  const { uid } = body.metadata;
  const seq = await gateway.append('sky.evt.scheduler', 'PlacementDecided', {
    epoch: 1,
    ref: { kind: 'Job', namespace: 'default', name, uid },
    generation: 1,
    placements: clusters.map((cluster) => ({ cluster, replicas: 1 })),
    unplaced: 0,
    basis: 0,
    code: 'test',
    verdicts: [],
  });
  await until('the placement is folded', async () => (await gateway.request('GET', '/status')).body.foldedSeq >= seq);
  return { uid };
}

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
  serveAgent('east');
  serveAgent('west');
  await gateway.nats.flush();
  await placedJob('hello', ['east', 'west']);
});

afterAll(async () => {
  stop.abort();
  await gateway.stop();
  await nats.stop();
});

describe('logs of a workload', () => {
  it('are those of all its pods over all clusters, whole lines, in order', async () => {
    const { status, text, headers } = await gateway.request('GET', `${JOBS}/hello/log`);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(text).toBe('hello-1 first\nhello-1 last\nhello-2 first\nhello-2 last\nhello-3 first\nhello-3 last\n');
  });

  it('name their source when asked to, and take the parameters of kubectl', async () => {
    const { text } = await gateway.request('GET', `${JOBS}/hello/log?prefix=true&tailLines=1&cluster=west`);
    expect(text).toBe('[west/hello-2/main] hello-2 last\n[west/hello-3/main] hello-3 last\n');
  });

  it('are followed, new pods too, until the reader goes', async () => {
    const abort = new AbortController();
    const response = await fetch(`${gateway.url}${JOBS}/hello/log?follow=true&cluster=east`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: abort.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const part of response.body!) text += Buffer.from(part).toString();
    })().catch(() => undefined);
    await until('the first pod', () => text.includes('hello-1 begins\n'));
    pods.east = ['hello-1', 'hello-9'];
    await until('a pod that came later', () => text.includes('hello-9 begins\n'));
    for (const tap of taps) tap();
    await until('the rest', () => text.includes('hello-1 ends\n') && text.includes('hello-9 ends\n'));
    abort.abort();
    await reading;
    pods.east = ['hello-1'];
  });

  it('go on after the last line when the agent was lost, without loss and without a line twice', async () => {
    const lines = (from: number, to: number): string =>
      Array.from(
        { length: to - from + 1 },
        (_, n) => `2026-11-24T10:00:00.${String(from + n).padStart(9, '0')}Z line ${from + n}\n`,
      ).join('');
    const asked: { sinceTime?: string; tailLines?: number }[] = [];
    const agent = new AbortController();
    const serveLines = (texts: string, signal: AbortSignal, isWhole: boolean): Promise<void> =>
      serveStreams(
        gateway.nats,
        agentRequestSubject('north', 'logs'),
        (request) => {
          asked.push(request as { sinceTime?: string });
          return Promise.resolve(isWhole ? bytes(texts) : cutOff(texts));
        },
        { signal },
      );
    void serveStreams(
      gateway.nats,
      agentRequestSubject('north', 'pods'),
      () =>
        Promise.resolve(
          bytes(
            JSON.stringify({
              cluster: 'north',
              asOf: Date.now(),
              pods: [{ metadata: { name: 'far-1' }, spec: { containers: [{ name: 'main' }] } }],
            }),
          ),
        ),
      { signal: agent.signal },
    );
    const first = new AbortController();
    const serving = serveLines(`${lines(1, 5)}2026-11-24T10:00:00.000000006Z hal`, first.signal, false);
    await placedJob('far', ['north']);
    const abort = new AbortController();
    const response = await fetch(`${gateway.url}${JOBS}/far/log?follow=true&tailLines=50`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: abort.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const part of response.body!) text += Buffer.from(part).toString();
    })().catch(() => undefined);
    await until('the loss', () => text.includes('waiting for it\n'));
    first.abort();
    await serving;
    void serveLines(lines(3, 9), agent.signal, true);
    await until('the rest', () => text.includes('line 9\n'));
    expect(text.split('\n').filter((line) => line.startsWith('line'))).toEqual(
      Array.from({ length: 9 }, (_, n) => `line ${n + 1}`),
    );
    expect(text).toContain('# skyflow: north/far-1/main: goes on\n');
    expect(asked[0]).toMatchObject({ timestamps: true, tailLines: 50 });
    expect(asked.at(-1)).toMatchObject({ sinceTime: '2026-11-24T10:00:00.000000005Z' });
    expect(asked.at(-1)?.tailLines).toBeUndefined();
    abort.abort();
    await reading;
    agent.abort();
  });

  it('say in a line of their own what cannot be read', async () => {
    pods.west = ['hello-2', 'waiting-1'];
    const { text } = await gateway.request('GET', `${JOBS}/hello/log?tailLines=1&cluster=west`);
    expect(text).toBe(
      'hello-2 last\n# skyflow: west/waiting-1/main: container "main" in pod "waiting-1" is waiting to start\n',
    );
    pods.west = ['waiting-1'];
    const only = await gateway.request('GET', `${JOBS}/hello/log?cluster=west`);
    expect(only.body).toMatchObject({
      kind: 'Status',
      code: 400,
      message: expect.stringContaining('waiting to start'),
    });
    pods.west = ['hello-2', 'hello-3'];
  });

  it('are refused with the way out when there is nothing to read', async () => {
    await placedJob('away', ['north']);
    const away = await gateway.request('GET', `${JOBS}/away/log`);
    expect(away.body).toMatchObject({
      code: 503,
      message: expect.stringContaining('the agent of cluster north is not reachable'),
    });
    const wrong = await gateway.request('GET', `${JOBS}/hello/log?container=other`);
    expect(wrong.body).toMatchObject({ code: 400, message: expect.stringContaining('choose one of: main') });
    const nowhere = await gateway.request('GET', `${JOBS}/hello/log?cluster=south`);
    expect(nowhere.body).toMatchObject({ code: 404, message: expect.stringContaining('these have: east, west') });
    await gateway.request('POST', JOBS, jobNamed('queued'));
    const queued = await gateway.request('GET', `${JOBS}/queued/log`);
    expect(queued.body).toMatchObject({
      code: 400,
      message: expect.stringContaining('PENDING: waiting for the scheduler'),
    });
  });
});

describe('pods and reasons of a workload', () => {
  it('are told by cluster with the age of the information, and which cluster does not answer', async () => {
    await placedJob('half', ['east', 'north']);
    const { body } = await gateway.request('GET', `${JOBS}/half/pods`);
    expect(body.clusters).toMatchObject([
      { cluster: 'east', ageSeconds: 3, pods: [{ metadata: { name: 'hello-1' } }] },
      { cluster: 'north', pods: [], error: expect.stringContaining('not reachable') },
    ]);
    expect((await gateway.request('GET', `${JOBS}/half/pods?cluster=east`)).body.clusters).toHaveLength(1);
    expect((await gateway.request('GET', `${JOBS}/half/pods?cluster=west`)).status).toBe(404);
  });

  it('come from the decision in the log', async () => {
    const { body } = await gateway.request('GET', `${JOBS}/hello/explain`);
    expect(body).toMatchObject({ code: 'test', unplaced: 0, placements: [{ cluster: 'east' }, { cluster: 'west' }] });
  });

  it('take no parameters that they would not heed', async () => {
    const { status, body } = await gateway.request('GET', `${JOBS}/hello/pods?at=1`);
    expect([status, body.message]).toEqual([400, expect.stringContaining('at: ')]);
    expect((await gateway.request('GET', `${JOBS}/hello/log?until=1`)).status).toBe(400);
  });
});

describe('one who may not see all clusters', () => {
  const API = '/apis/skyflow.io/v1';
  /** Headers of a user with these rules. */
  async function userWith(user: string, rules: object[]): Promise<Record<string, string>> {
    const password = 'correct horse';
    const role = { apiVersion: 'skyflow.io/v1', kind: 'Role', metadata: { name: `${user}-role` }, rules };
    expect((await gateway.request('POST', `${API}/roles`, role)).status).toBe(201);
    const { invite } = (await gateway.request('POST', '/auth/invites', { roles: [`${user}-role`] })).body as never as {
      invite: string;
    };
    await gateway.request('POST', '/auth/register', { user, password, invite });
    const { body } = await gateway.request('POST', '/auth/login', { user, password });
    return { authorization: `Bearer ${(body as never as { token: string }).token}` };
  }
  let ofEast: Record<string, string>;

  beforeAll(async () => {
    ofEast = await userWith('eastern', [{ verbs: ['get', 'logs'], kinds: ['Job'], clusters: ['east'] }]);
  });

  it('gets logs, pods and reasons of his', async () => {
    const logs = await gateway.request('GET', `${JOBS}/hello/log?tailLines=1&prefix=true`, undefined, ofEast);
    expect([logs.status, logs.text]).toEqual([200, '[east/hello-1/main] hello-1 last\n']);
    const { body } = await gateway.request('GET', `${JOBS}/hello/pods`, undefined, ofEast);
    expect(body.clusters).toMatchObject([{ cluster: 'east', pods: [{ metadata: { name: 'hello-1' } }] }]);
    const explained = await gateway.request('GET', `${JOBS}/hello/explain`, undefined, ofEast);
    expect(explained.body).toMatchObject({ name: 'hello', placements: [{ cluster: 'east' }] });
    expect(explained.text).not.toContain('west');
    const resourceAttributes = {
      namespace: 'default',
      verb: 'logs',
      group: 'skyflow.io',
      resource: 'jobs',
      name: 'hello',
    };
    const asked = await gateway.request(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes } },
      ofEast,
    );
    expect(asked.body).toMatchObject({ status: { allowed: true, reason: 'only those that the roles allow' } });
  });

  it('gets what his right to pods gives him', async () => {
    const ofPods = await userWith('podder', [{ verbs: ['logs'], kinds: ['Pod'], clusters: ['west'] }]);
    const logs = await gateway.request('GET', `${JOBS}/hello/log?tailLines=1`, undefined, ofPods);
    expect([logs.status, logs.text]).toEqual([200, 'hello-2 last\nhello-3 last\n']);
    const refused = await gateway.request('GET', `${JOBS}/hello/explain`, undefined, ofPods);
    expect([refused.status, refused.body.message]).toEqual([403, expect.stringContaining('missing verb "get"')]);
  });

  it('learns nothing of what is elsewhere: neither that it is there, nor which cluster has it', async () => {
    await placedJob('western', ['west']);
    for (const route of ['log', 'pods', 'explain']) {
      const hidden = await gateway.request('GET', `${JOBS}/western/${route}`, undefined, ofEast);
      const missing = await gateway.request('GET', `${JOBS}/nothing/${route}`, undefined, ofEast);
      expect([hidden.status, hidden.text]).toEqual([404, missing.text.replaceAll('nothing', 'western')]);
    }
    const other = await gateway.request('GET', `${JOBS}/hello/log?cluster=west`, undefined, ofEast);
    expect([other.status, other.body.message]).toEqual([404, expect.stringMatching(/these have: east$/)]);
    expect((await gateway.request('GET', `${JOBS}/hello`, undefined, ofEast)).status).toBe(403);
  });
});

describe('events', () => {
  const EVENTS = '/api/v1/namespaces/default/events';
  interface EventBody {
    metadata: { name: string; labels?: Record<string, string> };
    involvedObject: { kind: string; name: string; uid?: string };
    reason: string;
    regarding?: { name: string };
    note?: string;
  }
  const listed = async (query = '', path = EVENTS): Promise<EventBody[]> =>
    (await gateway.request('GET', `${path}${query}`)).body.items as unknown as EventBody[];

  it('are what the log says and what agents tell, the same under both versions of the API', async () => {
    const { body } = await gateway.request('POST', '/apis/skyflow.io/v1/clusters', {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: 'south' },
      spec: { manager: 'kubernetes' },
    });
    expect(body.metadata.name).toBe('south');
    const { uid } = await placedJob('told', ['south']);
    const native = (kind: string, name: string): object => ({
      metadata: { name: `${name}.1`, namespace: 'default', uid: `e-${name}` },
      involvedObject: { kind, namespace: 'default', name, uid: 'native' },
      reason: 'Scheduled',
      message: 'assigned to n1',
      type: 'Normal',
      source: { component: 'default-scheduler' },
      workload: uid,
    });
    const away = new AbortController();
    const serving = serveStreams(
      gateway.nats,
      agentRequestSubject('south', 'events'),
      () =>
        Promise.resolve(
          bytes(
            JSON.stringify({
              cluster: 'south',
              asOf: 1,
              events: [native('Pod', 'told-1'), native('Deployment', 'told')],
            }),
          ),
        ),
      { signal: away.signal },
    );
    await gateway.nats.flush();
    const ofJob = `?labelSelector=skyflow.io/workload-uid%3D${uid}`;
    const about = (await listed(ofJob)).map(
      ({ involvedObject, reason }) => `${reason} ${involvedObject.kind}/${involvedObject.name}`,
    );
    expect(about.sort()).toEqual([
      'Created Job/told',
      'Placed Job/told',
      'Scheduled Deployment/told',
      'Scheduled Pod/told-1.south',
    ]);
    const found = await listed(`?fieldSelector=involvedObject.uid%3D${uid}`);
    expect(found.map(({ reason }) => reason).sort()).toEqual(['Created', 'Placed', 'Scheduled']);
    const newer = await listed(ofJob, '/apis/events.k8s.io/v1/namespaces/default/events');
    expect(newer.map(({ regarding, note }) => `${regarding?.name ?? ''}: ${note ?? ''}`)).toContain(
      'told-1.south: assigned to n1',
    );
    away.abort();
    await serving;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await listed(`${ofJob}&fieldSelector=reason%3DScheduled`)).toHaveLength(2);
    expect((await gateway.request('DELETE', `${EVENTS}/told-1.1.south`)).body.code).toBe(405);
    await gateway.request('DELETE', '/apis/skyflow.io/v1/clusters/south');
  });
});

describe('pods and nodes of all clusters', () => {
  const PODS = '/api/v1/namespaces/default/pods';

  beforeAll(async () => {
    for (const name of ['east', 'west']) {
      const cluster = {
        apiVersion: 'skyflow.io/v1',
        kind: 'Cluster',
        metadata: { name },
        spec: { manager: 'kubernetes' },
      };
      const { status, body } = await gateway.request('POST', '/apis/skyflow.io/v1/clusters', cluster);
      expect([status, body.spec]).toEqual([201, { manager: 'k8' }]);
    }
    await gateway.append('sky.obs.east', 'ClusterObserved', {
      kubernetesVersion: 'v1.36.0',
      reachable: true,
      nodes: [{ name: 'n1', ready: true, allocatable: { cpu: 2_000, memory: 4 * 2 ** 30 }, requestedByOthers: {} }],
    });
  });

  it('are listed under names that say where they are, and their logs are read by it', async () => {
    const { body } = await gateway.request('GET', PODS);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['hello-1.east', 'hello-2.west', 'hello-3.west']);
    const labelled = await gateway.request('GET', `${PODS}?labelSelector=skyflow.io/cluster%3Deast`);
    expect(labelled.body.items).toHaveLength(1);
    expect((await gateway.request('GET', `${PODS}/hello-1.east/log?tailLines=1`)).text).toBe('hello-1 last\n');
    expect((await gateway.request('GET', `${PODS}/hello-1.east/log?tailLines=x`)).body.code).toBe(400);
    expect((await gateway.request('DELETE', `${PODS}/hello-1.east`)).body).toMatchObject({ kind: 'Status', code: 405 });
  });

  it('are those of now, also for who has just asked', async () => {
    pods.east = ['hello-1', 'hello-later'];
    const { body } = await gateway.request('GET', `${PODS}?labelSelector=skyflow.io/cluster%3Deast`);
    expect(body.items).toHaveLength(2);
    pods.east = ['hello-1'];
    expect((await gateway.request('GET', `${PODS}/hello-later.east`)).status).toBe(404);
  });

  it('are listed with a warning where the agent of a cluster that has some does not answer', async () => {
    const north = {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: 'north' },
      spec: { manager: 'k8' },
    };
    await gateway.request('POST', '/apis/skyflow.io/v1/clusters', north);
    await placedJob('silent', ['north']);
    const { body, headers } = await gateway.request('GET', PODS);
    expect(body.items).toHaveLength(3);
    expect(headers.get('warning')).toMatch(/^299 - "not all pods in cluster north may be shown: .*not reachable/);
    await gateway.request('DELETE', '/apis/skyflow.io/v1/clusters/north');
  });

  it('show nodes with what they hold', async () => {
    await until(
      'the node is there',
      async () => (await gateway.request('GET', '/api/v1/nodes')).body.items.length === 1,
    );
    const { body } = await gateway.request('GET', '/api/v1/nodes/east.n1');
    expect(body.status).toMatchObject({ allocatable: { cpu: '2', memory: '4Gi' } });
  });

  it('can be watched', async () => {
    const { resourceVersion } = (await gateway.request('GET', PODS)).body.metadata;
    const watching = gateway.request('GET', `${PODS}?watch=1&timeoutSeconds=3&resourceVersion=${resourceVersion}`);
    pods.east = ['hello-1', 'hello-new'];
    expect((await watching).text).toMatch(/"type":"ADDED".*"hello-new.east"/);
    pods.east = ['hello-1'];
  });
});
