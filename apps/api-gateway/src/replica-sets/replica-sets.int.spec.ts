/** What a stock kubectl does with the revisions of a Deployment, and what clients see of its ReplicaSets. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, startGatewayFixture } from '../testing/gateway-fixture.js';

const SETS = '/apis/apps/v1/namespaces/default/replicasets';
const REVISION = 'deployment.kubernetes.io/revision';

const deployment = (name: string, image = 'nginx:1'): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, annotations: { 'skyflow.io/placement': '{"clusters":["eu-1"]}' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image, resources: { requests: { cpu: '100m' } } }] },
    },
  },
});

interface ReplicaSet {
  metadata: { name: string; annotations: Record<string, string>; ownerReferences: { uid: string }[] };
  spec: { template: { spec: { containers: { image: string }[] } } };
}

describe('ReplicaSets at the façade', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let directory: string;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    const eu = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name: 'eu-1' } };
    expect((await gateway.request('POST', '/apis/skyflow.io/v1/clusters', eu)).status).toBe(201);
    directory = await mkdtemp(join(tmpdir(), 'skyflow-sets-'));
    const cluster = { server: gateway.url.replace('://', `://admin:${TOKEN}@`) };
    const config = {
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'sky' },
      clusters: [{ name: 'sky', cluster }],
      users: [{ name: 'admin', user: {} }],
      contexts: [{ name: 'sky', context: { cluster: 'sky', user: 'admin' } }],
    };
    await writeFile(join(directory, 'kubeconfig'), JSON.stringify(config));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await gateway.stop();
    await nats.stop();
  });

  /** stdout of a command that must succeed. */
  async function kubectl(line: string, input?: object): Promise<string> {
    const { code, stdout, stderr } = await runKubectl(line.split(' '), {
      kubeconfig: join(directory, 'kubeconfig'),
      timeoutMs: 60_000,
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });
    expect([line, code, stderr.replaceAll(/^Warning:.*\n/gm, '')]).toEqual([line, 0, '']);
    return stdout;
  }

  async function changeTemplate(name: string, mark: string): Promise<void> {
    const path = `/apis/apps/v1/namespaces/default/deployments/${name}`;
    const patch = { spec: { template: { metadata: { annotations: { mark } } } } };
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect((await gateway.request('PATCH', path, patch, headers)).status).toBe(200);
  }

  async function setsOf(query = ''): Promise<ReplicaSet[]> {
    const { status, body } = await gateway.request('GET', `${SETS}${query}`);
    expect(status).toBe(200);
    return body.items as unknown as ReplicaSet[];
  }

  const imagesOf = (sets: readonly ReplicaSet[]): string[] =>
    sets.map(({ metadata, spec }) => `${metadata.annotations[REVISION]} ${spec.template.spec.containers[0]?.image}`);

  it('kubectl rollout history and undo', async () => {
    await kubectl('create -f -', deployment('web'));
    await kubectl('annotate deployment/web kubernetes.io/change-cause=first');
    await kubectl('set image deployment/web main=nginx:2');
    await kubectl('annotate deployment/web kubernetes.io/change-cause=second --overwrite');
    const history = await kubectl('rollout history deployment/web');
    expect(history.trim().split('\n').slice(1)).toEqual([
      'REVISION  CHANGE-CAUSE',
      '1         first',
      '2         second',
    ]);
    expect(await kubectl('rollout history deployment/web --revision=1')).toContain('nginx:1');
    expect(await kubectl('rollout undo deployment/web')).toBe('deployment.apps/web rolled back\n');
    expect(imagesOf(await setsOf('?labelSelector=app%3Dweb'))).toEqual(['3 nginx:1', '2 nginx:2']);
    const back = await gateway.request('GET', '/apis/apps/v1/namespaces/default/deployments/web');
    expect(back.body.metadata).toMatchObject({
      annotations: {
        [REVISION]: '3',
        'kubernetes.io/change-cause': 'first',
        'skyflow.io/placement': '{"clusters":["eu-1"]}',
      },
    });
    expect(await kubectl('rollout undo deployment/web --to-revision=2')).toBe('deployment.apps/web rolled back\n');
    expect(imagesOf(await setsOf('?labelSelector=app%3Dweb'))).toEqual(['4 nginx:2', '3 nginx:1']);
    const own = await gateway.request('GET', '/apis/skyflow.io/v1/namespaces/default/deployments/web');
    expect(own.body.metadata).not.toHaveProperty(['annotations', REVISION]);
  });

  it('kubectl get and describe', async () => {
    const [first] = await setsOf('?labelSelector=app%3Dweb');
    const name = first?.metadata.name ?? '';
    expect(await kubectl('get rs')).toMatch(/^NAME +DESIRED +CURRENT +READY +AGE\nweb-\w+ +0 +0 +0 +/);
    expect(await kubectl(`describe rs ${name}`)).toContain('Controlled By:  Deployment/web');
    expect(await kubectl('describe deployment web')).toContain(`NewReplicaSet:   ${name} (0/0 replicas created)`);
    expect((await gateway.request('GET', `${SETS}/${name}`)).body).toEqual({
      ...first,
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
    });
    expect((await gateway.request('GET', `${SETS}/web-none`)).status).toBe(404);
    expect((await gateway.request('GET', `${SETS}/web`)).status).toBe(404);
  });

  it('stay one when what was applied by the client is applied by the server, which drops defaults', async () => {
    const applied = deployment('applied');
    await kubectl('apply -f -', applied);
    await kubectl('apply --server-side --force-conflicts -f -', applied);
    await kubectl('apply --server-side --force-conflicts -f -', applied);
    expect(imagesOf(await setsOf('?labelSelector=app%3Dapplied'))).toEqual(['1 nginx:1']);
    await gateway.request('DELETE', '/apis/apps/v1/namespaces/default/deployments/applied?gracePeriodSeconds=0');
  });

  it('may not be written', async () => {
    const answer = await gateway.request('POST', SETS, { apiVersion: 'apps/v1', kind: 'ReplicaSet' });
    expect([answer.status, answer.body.reason]).toEqual([405, 'MethodNotAllowed']);
  });

  it('come in pages that end between any two of them, as they were when the first was read', async () => {
    for (const name of ['a', 'b'])
      await gateway.request('POST', '/apis/apps/v1/namespaces/default/deployments', deployment(name));
    for (const limit of [1, 2, 3, 4, 50]) {
      const there = (await setsOf()).map(({ metadata }) => metadata.name);
      const seen: string[] = [];
      let token: string | undefined = '';
      while (token !== undefined) {
        const { body } = await gateway.request('GET', `${SETS}?limit=${limit}&continue=${token}`);
        expect(body.items.length).toBeLessThanOrEqual(limit);
        seen.push(...body.items.map(({ metadata }) => metadata.name));
        await changeTemplate('a', `${limit}-${seen.length}`);
        token = (body.metadata as { continue?: string }).continue;
      }
      // What was written between the pages is on none of them.
      expect(seen).toEqual(there);
    }
    expect((await gateway.request('GET', `${SETS}?limit=1&continue=x`)).status).toBe(400);
  });

  it('are watched: one comes, the others stay, all go with their Deployment', async () => {
    const { body } = await gateway.request('GET', SETS);
    const stop = new AbortController();
    const from = body.metadata.resourceVersion;
    const answer = await fetch(`${gateway.url}${SETS}?watch=true&resourceVersion=${from}&labelSelector=app%3Db`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: stop.signal,
    });
    await kubectl('set image deployment/b main=nginx:9');
    await gateway.request('DELETE', '/apis/apps/v1/namespaces/default/deployments/b?gracePeriodSeconds=0');
    const seen: string[] = [];
    let rest = '';
    for await (const bytes of answer.body ?? []) {
      const lines = `${rest}${Buffer.from(bytes as Uint8Array).toString()}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: ReplicaSet };
        seen.push(`${type} ${object.spec.template.spec.containers[0]?.image}`);
      }
      if (seen.filter((each) => each.startsWith('DELETED')).length === 2) break;
    }
    stop.abort();
    expect(seen[0]).toBe('ADDED nginx:9');
    expect(seen.filter((each) => each.startsWith('DELETED')).sort()).toEqual(['DELETED nginx:1', 'DELETED nginx:9']);
  });

  it('are what they were, in the past', async () => {
    const before = (await gateway.request('GET', '/status')).body.foldedSeq;
    const then = imagesOf(await setsOf('?labelSelector=app%3Dweb'));
    await kubectl('set image deployment/web main=nginx:5');
    expect(imagesOf(await setsOf(`?labelSelector=app%3Dweb&at=${before}`))).toEqual(then);
    expect(imagesOf(await setsOf('?labelSelector=app%3Dweb'))).toEqual(['5 nginx:5', ...then]);
  });
});
