import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture, until } from './testing/gateway-fixture.js';

let nats: NatsFixture;
let gateway: GatewayFixture;
let directory: string;

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
  directory = await mkdtemp(join(tmpdir(), 'skyflow-gateway-'));
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('the HTTP API', () => {
  it('lets nobody in without the token, but says how it is', async () => {
    for (const path of [
      '/api',
      '/apis/skyflow.io/v1/clusters',
      '/openapi/v3',
      '/status',
      '/metrics',
      `${JOBS}/x/log`,
    ]) {
      const answer = await fetch(`${gateway.url}${path}`, { headers: { authorization: 'Bearer wrong' } });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(await answer.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized' });
    }
    for (const path of ['/livez', '/readyz', '/healthz', '/openapi.json', '/docs/index.html']) {
      expect([path, (await fetch(`${gateway.url}${path}`)).status]).toEqual([path, 200]);
    }
  });

  it('creates, shows, lists and deletes a job; deletion waits for the clusters', async () => {
    const created = await gateway.request('POST', JOBS, jobNamed('hello', { replicas: 2 }));
    expect(created.status).toBe(201);
    expect(created.body.status).toMatchObject({ phase: 'PENDING', reason: 'Queued' });
    expect((await gateway.request('GET', `${JOBS}/hello`)).body).toEqual(created.body);
    expect((await gateway.request('GET', JOBS)).body.items).toEqual([created.body]);
    const deleted = await gateway.request('DELETE', `${JOBS}/hello`);
    expect(deleted.body.metadata.deletionTimestamp).toBeDefined();
    expect((await gateway.request('GET', `${JOBS}/hello`)).body.status.phase).toBe('DELETING');
    const { uid } = created.body.metadata;
    const ref = { kind: 'Job', namespace: 'default', name: 'hello', uid };
    await gateway.append('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref });
    await until('the job is gone', async () => (await gateway.request('GET', `${JOBS}/hello`)).status === 404);
  });

  it('answers the same request with the same key once', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await gateway.request('POST', JOBS, jobNamed('once'), headers);
    const again = await gateway.request('POST', JOBS, jobNamed('once'), headers);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.metadata.uid).toBe(first.body.metadata.uid);
    const other = await gateway.request('POST', JOBS, jobNamed('other'), headers);
    expect([other.status, other.body.message]).toEqual([422, expect.stringContaining('Idempotency-Key')]);
  });

  it('deletes a whole collection under one Idempotency-Key, and takes an empty one for none', async () => {
    for (const [key, ...jobs] of [
      ['all-of-them', 'all-1', 'all-2'],
      ['', 'none-1', 'none-2'],
    ] as const) {
      for (const name of jobs) await gateway.request('POST', JOBS, jobNamed(name));
      const { status, body } = await gateway.request('DELETE', JOBS, undefined, { 'idempotency-key': key });
      expect([status, body.items.map(({ metadata }) => metadata.name)]).toEqual([
        200,
        expect.arrayContaining([...jobs]),
      ]);
    }
  });

  it('creates a list in one go or not at all', async () => {
    const items = ['l1', 'l2', 'l3'].map((name) => jobNamed(name));
    const list = { apiVersion: 'skyflow.io/v1', kind: 'JobList', items };
    expect((await gateway.request('POST', JOBS, list)).body.items).toHaveLength(3);
    const clash = { ...list, items: [jobNamed('l4'), jobNamed('l1')] };
    expect((await gateway.request('POST', JOBS, clash)).status).toBe(409);
    expect((await gateway.request('GET', `${JOBS}/l4`)).status).toBe(404);
  });

  it('shows a watcher the decisions and reports about a job as they come', async () => {
    const { body } = await gateway.request('POST', JOBS, jobNamed('watched'));
    const { uid, resourceVersion } = body.metadata;
    const ref = { kind: 'Job', namespace: 'default', name: 'watched', uid };
    const watching = watchPhases(
      `${JOBS}?watch=1&fieldSelector=metadata.name=watched&resourceVersion=${resourceVersion}`,
      2,
    );
    await gateway.append('sky.evt.scheduler', 'PlacementDecided', {
      epoch: 1,
      ref,
      generation: 1,
      placements: [],
      unplaced: 1,
      reason: 'InsufficientCpu',
      message: 'no cluster has 100m cpu free',
      basis: 0,
      code: 'test',
      verdicts: [{ cluster: 'c', plugin: 'fit', reason: 'InsufficientCpu', message: 'has 0 free' }],
    });
    await gateway.append('sky.cmd.0', 'ObjectDeleted', { ref });
    expect(await watching).toEqual(['MODIFIED PENDING InsufficientCpu', 'MODIFIED DELETING Deleting']);
    const explained = await gateway.request('GET', `${JOBS}/watched/explain`);
    expect(explained.body).toMatchObject({ unplaced: 1, code: 'test', verdicts: [{ cluster: 'c', plugin: 'fit' }] });
  });

  it('takes a change made before the last decision, but not one made before the last change', async () => {
    const { body } = await gateway.request('POST', JOBS, jobNamed('edited'));
    const ref = { kind: 'Job', namespace: 'default', name: 'edited', uid: body.metadata.uid };
    const decision = { epoch: 1, ref, generation: 1, placements: [], unplaced: 1, basis: 0, code: 't', verdicts: [] };
    const seq = await gateway.append('sky.evt.scheduler', 'PlacementDecided', decision);
    await until('it is folded', async () => (await gateway.request('GET', '/status')).body.foldedSeq >= seq);
    const change = (replicas: number): object => ({ ...body, spec: { ...body.spec, replicas } });
    expect((await gateway.request('PUT', `${JOBS}/edited`, change(2))).body.spec).toMatchObject({ replicas: 2 });
    const stale = await gateway.request('PUT', `${JOBS}/edited`, change(3));
    expect([stale.status, stale.body.reason]).toEqual([409, 'Conflict']);
  });

  it('deletes a namespace with what is in it', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
    expect((await gateway.request('POST', '/api/v1/namespaces', namespace)).status).toBe(201);
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } };
    await gateway.request('POST', '/api/v1/namespaces/team/configmaps', configMap);
    await gateway.request('DELETE', '/apis/skyflow.io/v1/namespaces/team');
    expect((await gateway.request('GET', '/api/v1/namespaces/team')).status).toBe(404);
    expect((await gateway.request('GET', '/api/v1/configmaps')).body.items).toEqual([]);
    const kept = await gateway.request('DELETE', '/api/v1/namespaces/default');
    expect([kept.status, kept.body.reason]).toEqual([403, 'Forbidden']);
  });

  it('describes itself in one document without outside links', async () => {
    const { body } = await gateway.request('GET', '/openapi.json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/apis/skyflow.io/v1/namespaces/{namespace}/jobs/{name}',
        '/apis/skyflow.io/v1/namespaces/{namespace}/{plural}/{name}/log',
        '/status',
      ]),
    );
    expect(body.components.schemas['io.skyflow.v1.Job']).toBeDefined();
    const page = await (await fetch(`${gateway.url}/docs/index.html`)).text();
    expect(page).not.toMatch(/https?:/);
    expect((await fetch(`${gateway.url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
  });

  it('serves metrics and status', async () => {
    const { text } = await gateway.request('GET', '/metrics');
    expect(text).toMatch(
      /skyflow_http_request_duration_milliseconds_count\{verb="create",group="skyflow.io",resource="jobs",code="201".*\} [1-9]/,
    );
    expect(text).toMatch(/skyflow_folded_sequence\S* [1-9]/);
    const { body } = await gateway.request('GET', '/status');
    expect(body).toMatchObject({ ready: true, services: [{ name: 'api-gateway', ready: true }] });
    expect(body.logHead).toBeGreaterThan(0);
  });
});

describe('kubectl', () => {
  let kubeconfig: string;
  const kubectl = async (...args: string[]): Promise<string> => {
    const { stdout, stderr, code } = await runKubectl(args, { kubeconfig });
    return code === 0 ? stdout : `${stdout}${stderr}`;
  };

  beforeAll(async () => {
    kubeconfig = join(directory, 'kubeconfig');
    const server = gateway.url.replace('http://', `http://admin:${TOKEN}@`);
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'sky', cluster: { server } }],
        users: [{ name: 'admin', user: {} }],
        contexts: [{ name: 'sky', context: { cluster: 'sky', user: 'admin' } }],
        'current-context': 'sky',
      }),
    );
    await writeFile(join(directory, 'web.yaml'), WEB);
  });

  it('applies native manifests, which are SkyFlow objects then', async () => {
    expect(await kubectl('apply', '-f', join(directory, 'web.yaml'))).toContain('deployment.apps/web created');
    expect(await kubectl('apply', '-f', join(directory, 'web.yaml'))).toContain('deployment.apps/web unchanged');
    expect(await kubectl('get', 'deployments.apps', 'web', '--no-headers')).toMatch(/^web +0\/3 /);
    expect(await kubectl('get', 'deployments.skyflow.io', 'web', '--no-headers')).toMatch(
      /^web +<none> +0\/3 +PENDING /,
    );
    const placement = await kubectl('get', 'deployments.skyflow.io', 'web', '-o', 'jsonpath={.spec.placement}');
    expect(placement).toBe('{"clusterSelector":{"matchLabels":{"zone":"eu"}}}');
    expect(await kubectl('get', 'jobs.batch', 'pi', '-o', 'jsonpath={.spec.parallelism}')).toBe('2');
    expect(await kubectl('get', 'jobs.skyflow.io', 'pi', '-o', 'jsonpath={.spec.replicas}')).toBe('2');
  });

  it('says of a kind that nobody serves that there is no such kind', async () => {
    const ingress = join(directory, 'ingress.yaml');
    await writeFile(ingress, '{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}}');
    expect(await kubectl('apply', '-f', ingress)).toContain('no matches for kind "Ingress"');
  });

  it('scales, describes, labels, explains and deletes', async () => {
    expect(await kubectl('scale', 'deployments.apps/web', '--replicas=5')).toContain('scaled');
    expect(await kubectl('get', 'deployments.skyflow.io', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('5');
    expect(await kubectl('describe', 'jobs.skyflow.io', 'pi')).toContain('waiting for the scheduler to place it');
    expect(await kubectl('label', 'cm', 'cfg', 'a=b')).toContain('labeled');
    expect(await kubectl('get', 'cm', '-l', 'a=b', '-o', 'name')).toBe('configmap/cfg\n');
    expect(await kubectl('explain', 'jobs.spec.placement', '--api-version=skyflow.io/v1')).toContain('clusterSelector');
    expect(await kubectl('create', 'namespace', 'made')).toContain('namespace/made created');
    expect(await kubectl('create', 'cm', 'typed', '-n', 'made', '--from-literal=a=b')).toContain(
      'configmap/typed created',
    );
    expect(await kubectl('delete', 'namespace', 'made')).toContain('deleted');
    expect(await kubectl('delete', 'cm', 'cfg')).toContain('deleted');
    expect(await kubectl('get', 'cm', 'cfg')).toContain('NotFound');
  });

  it('watches', async () => {
    const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    await gateway.request('POST', '/api/v1/namespaces/default/configmaps', configMap('before'));
    const stop = new AbortController();
    let seen = '';
    const watching = runKubectl(['get', 'cm', '-w', '-o', 'name'], {
      kubeconfig,
      signal: stop.signal,
      onStdout: (text) => (seen += text),
    });
    await until('what there is', () => seen.includes('configmap/before'));
    await gateway.request('POST', '/api/v1/namespaces/default/configmaps', configMap('after'));
    await until('what comes', () => seen.includes('configmap/after'));
    stop.abort();
    await watching;
  });
});

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: { skyflow.io/placement: '{"clusterSelector":{"matchLabels":{"zone":"eu"}}}' }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      volumes: [{ name: cfg, configMap: { name: cfg } }]
      containers:
        - name: web
          image: nginx
          ports: [{ containerPort: 80 }]
          volumeMounts: [{ name: cfg, mountPath: /cfg }]
          readinessProbe: { httpGet: { path: /, port: 80 } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: pi }
spec:
  completions: 4
  parallelism: 2
  template: { spec: { restartPolicy: Never, containers: [{ name: pi, image: perl }] } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: cfg }
data: { a: b }
`;

/** What the first `count` events of a watch say: type, phase, reason. */
async function watchPhases(path: string, count: number): Promise<string[]> {
  const abort = new AbortController();
  const response = await fetch(`${gateway.url}${path}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: abort.signal,
  });
  const seen: string[] = [];
  let rest = '';
  for await (const bytes of response.body!) {
    const lines = `${rest}${Buffer.from(bytes).toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { type, object } = JSON.parse(line) as {
        type: string;
        object: { status: { phase: string; reason: string } };
      };
      seen.push(`${type} ${object.status.phase} ${object.status.reason}`);
    }
    if (seen.length >= count) break;
  }
  abort.abort();
  return seen;
}
