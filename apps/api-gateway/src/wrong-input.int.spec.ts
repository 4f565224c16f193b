import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture } from './testing/gateway-fixture.js';

let nats: NatsFixture;
let gateway: GatewayFixture;

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
});

describe('wrong input', () => {
  const container = (more: object): Record<string, unknown> => ({
    containers: [{ name: 'main', image: 'x', ...more }],
  });
  const spec = 'spec.template.spec';
  it.each([
    ['a name that is no DNS label', jobNamed('Bad_Name'), 422, 'metadata.name'],
    ['zero replicas', jobNamed('x', { replicas: 0 }), 422, 'spec.replicas: Invalid value: 0'],
    ['negative replicas', jobNamed('x', { replicas: -1 }), 422, 'spec.replicas: Invalid value: -1'],
    ['a wrong type', jobNamed('x', { replicas: 'two' }), 422, 'spec.replicas'],
    ['an unknown field deep inside', jobNamed('x', {}, container({ imge: 'y' })), 400, `${spec}.containers[0].imge`],
    ['no containers', jobNamed('x', {}, { containers: [] }), 422, `${spec}.containers: Required value`],
    [
      'no image',
      jobNamed('x', {}, { containers: [{ name: 'main' }] }),
      422,
      `${spec}.containers[0].image: Required value`,
    ],
    [
      'two containers of one name',
      jobNamed(
        'x',
        {},
        {
          containers: [
            { name: 'a', image: 'x' },
            { name: 'a', image: 'y' },
          ],
        },
      ),
      422,
      `${spec}.containers[1].name: Duplicate value: "a"`,
    ],
    [
      'a quantity that is none',
      jobNamed('x', {}, container({ resources: { requests: { cpu: 'lots' } } })),
      422,
      `${spec}.containers[0].resources.requests.cpu`,
    ],
    [
      'no processor at all',
      jobNamed('x', {}, container({ resources: { requests: { cpu: '0' } } })),
      422,
      'must be greater than 0',
    ],
    [
      'a request above its limit',
      jobNamed('x', {}, container({ resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } })),
      422,
      'must be less than or equal to the memory limit of 1Gi',
    ],
    [
      'a bad environment name',
      jobNamed('x', {}, container({ env: [{ name: 'A=B' }] })),
      422,
      `${spec}.containers[0].env[0].name`,
    ],
    ['a restart policy that is none', jobNamed('x', {}, { restartPolicy: 'Sometimes' }), 422, `${spec}.restartPolicy`],
    ['completions of what never ends', jobNamed('x', { completions: 3 }), 422, 'spec.completions: Forbidden'],
    [
      'a cluster that does not exist',
      jobNamed('x', { placement: { clusters: ['nowhere'] } }),
      422,
      'spec.placement.clusters[0]: there is no cluster "nowhere"; no cluster is registered yet',
    ],
    ['another kind', { ...jobNamed('x'), kind: 'Pod' }, 400, 'Pod'],
    ['an object of no kind', { manager: true }, 400, 'manager'],
    ['broken JSON', '{"apiVersion": "skyflow.io/v1",\n "kind": }', 400, 'line 2'],
    ['an empty body', '', 400, 'empty'],
  ])('refuses %s and says where', async (_what, body, status, text) => {
    const answer = await gateway.request('POST', JOBS, body);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(text)]);
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
  });

  it('names the namespace that is missing', async () => {
    const answer = await gateway.request('POST', JOBS.replace('default', 'nowhere'), jobNamed('x'));
    expect([answer.status, answer.body.message]).toEqual([
      404,
      expect.stringContaining('namespaces "nowhere" not found'),
    ]);
  });

  it('says where broken YAML is broken', async () => {
    const yaml = 'apiVersion: skyflow.io/v1\nkind: Job\nmetadata:\n  name: x\n bad: [';
    const answer = await gateway.request('POST', JOBS, yaml, { 'content-type': 'application/yaml' });
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringMatching(/line 5/)]);
  });

  it('refuses a body of 20 MB without reading it', async () => {
    const before = process.memoryUsage.rss();
    const status = await postForever(`${gateway.url}${JOBS}`, 20 * 1024 * 1024);
    expect(status).toBe(413);
    expect(process.memoryUsage.rss() - before).toBeLessThan(60 * 1024 * 1024);
  });

  it('names a wrong query parameter of its own routes', async () => {
    await gateway.request('POST', JOBS, jobNamed('params'));
    const answer = await gateway.request('GET', `${JOBS}/params/log?tailLines=many&colour=red`);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain('tailLines');
    expect(answer.body.message).toContain('colour: ');
    expect((await gateway.request('GET', `${JOBS}/nobody/log`)).body).toMatchObject({ code: 404, reason: 'NotFound' });
    expect((await gateway.request('GET', '/nothing/here')).body).toMatchObject({ kind: 'Status', code: 404 });
  });

  it('has left nothing half-made', async () => {
    const { body } = await gateway.request('GET', `${JOBS}/x`);
    expect(body.code).toBe(404);
  });

  it.each([
    { resourceAttributes: null },
    { resourceAttributes: { namespace: null, verb: null }, nonResourceAttributes: null },
  ])('is no reason to fail where an access review says null: %j', async (spec) => {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const { status, body } = await gateway.request('POST', path, review);
    expect([status, (body.status as unknown as { allowed: boolean }).allowed]).toEqual([201, true]);
  });

  it('is refused where it is nested without end, on the routes that are no resources too', async () => {
    for (const path of [JOBS, '/apis/skyflow.io/v1/clusterplans']) {
      for (const depth of [102, 50_000]) {
        const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
        const { status, body } = await gateway.request('POST', path, nested);
        expect([path, depth, status, body.message]).toEqual([
          path,
          depth,
          400,
          expect.stringContaining('nested deeper than 100'),
        ]);
      }
    }
  });

  it.each([
    [
      '/apis/skyflow.io/v1/links',
      { apiVersion: 'skyflow.io/v1', kind: 'Link', metadata: { name: 'a.b' }, spec: { plane: 'flat' } },
    ],
    [
      '/apis/multicluster.x-k8s.io/v1beta1/namespaces/default/serviceexports',
      { apiVersion: 'multicluster.x-k8s.io/v1beta1', kind: 'ServiceExport', metadata: { name: 'hello' } },
    ],
  ])('is no reason to fail where what has no status yet is asked for as a table: %s', async (path, object) => {
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const { status, body } = await gateway.request('POST', `${path}?dryRun=All`, object, table);
    expect([status, body.kind]).toEqual([201, 'Table']);
  });
});

/** Sends a body in chunks, without saying how long it is, until the server answers. */
function postForever(url: string, totalBytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const request = httpRequest(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
      request.destroy();
    });
    request.on('error', reject);
    const chunk = Buffer.alloc(64 * 1024, ' ');
    let sent = 0;
    const more = (): void => {
      while (sent < totalBytes) {
        sent += chunk.length;
        if (!request.write(chunk)) {
          request.once('drain', more);
          return;
        }
      }
      request.end();
    };
    more();
  });
}
