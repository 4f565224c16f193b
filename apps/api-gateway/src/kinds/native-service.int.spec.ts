import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture } from '../testing/gateway-fixture.js';

const NATIVE = '/api/v1/namespaces/default/services';
const OWN = '/apis/skyflow.io/v1/namespaces/default/services';
const service = (name: string, spec: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, ...metadata },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

describe('v1 Service', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    const cluster = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name: 'eu-1' } };
    expect((await gateway.request('POST', '/apis/skyflow.io/v1/clusters', cluster)).status).toBe(201);
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it('is another face of the service over clusters', async () => {
    const annotations = { 'skyflow.io/service': '{"sources":["eu-1"]}' };
    const created = await gateway.request('POST', NATIVE, service('web', { type: 'LoadBalancer' }, { annotations }));
    expect(created.status).toBe(201);
    const own = await gateway.request('GET', `${OWN}/web`);
    expect(own.body).toMatchObject({
      apiVersion: 'skyflow.io/v1',
      spec: { cluster: 'auto', sources: ['eu-1'], type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP' }] },
    });
    expect(own.body.metadata).not.toHaveProperty('annotations');
    const native = await gateway.request('GET', `${NATIVE}/web`);
    expect(native.body).toMatchObject({ apiVersion: 'v1', metadata: { annotations }, status: { loadBalancer: {} } });
    // What was read may be sent back.
    const replaced = await gateway.request('PUT', `${NATIVE}/web`, native.body);
    expect([replaced.status, replaced.body.metadata.resourceVersion]).toEqual([
      200,
      native.body.metadata.resourceVersion,
    ]);
    const table = await gateway.request('GET', NATIVE, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.text).toContain('"web","LoadBalancer","<none>","<pending>","80/TCP"');
  });

  it('is patched and applied as kubectl does', async () => {
    const patch = {
      spec: {
        ports: [
          { port: 80, targetPort: 9090 },
          { port: 443, name: 'tls' },
        ],
      },
    };
    const named = {
      spec: {
        ports: [
          { port: 80, name: 'http', targetPort: 9090 },
          { port: 443, name: 'tls' },
        ],
      },
    };
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    const refused = await gateway.request('PATCH', `${NATIVE}/web`, patch, strategic);
    expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('spec.ports[0].name')]);
    expect((await gateway.request('PATCH', `${NATIVE}/web`, named, strategic)).status).toBe(200);
    const applied = await gateway.request('PATCH', `${NATIVE}/other?fieldManager=t`, service('other', {}), {
      'content-type': 'application/apply-patch+yaml',
    });
    expect(applied.status).toBe(201);
  });

  it.each([
    [{ clusterIP: 'None', type: 'NodePort' }, /spec.clusterIP: Invalid value: "None": may be None with type ClusterIP/],
    [{ clusterIP: '10.0.0.1' }, /spec.clusterIP: Forbidden: the service is on one cluster/],
    [{ externalIPs: ['1.2.3.4'] }, /spec.externalIPs: Forbidden/],
    [
      { externalTrafficPolicy: 'Local' },
      /spec.externalTrafficPolicy: Forbidden: only with type NodePort or LoadBalancer/,
    ],
    [{ trafficDistribution: 'PreferClose' }, /spec.trafficDistribution: Forbidden/],
    [
      { type: 'ExternalName', externalName: 'x.org' },
      /spec.selector: Forbidden: a service of type ExternalName has no/,
    ],
    [{ type: 'ExternalName', selector: {}, ports: [] }, /spec.externalName: Required value/],
    [{ ipFamilies: ['IPv4', 'IPv6'] }, /spec.ipFamilyPolicy: .*PreferDualStack or RequireDualStack with two/],
    [{ ipFamilies: ['IPv5'] }, /spec.ipFamilies\[0\]: Unsupported value/],
    [{ selector: {} }, /spec.selector: Required value/],
    [{ ports: [{ port: 53, protocol: 'SCTP' }] }, /spec.ports\[0\].protocol: Unsupported value: "SCTP"/],
  ])('says what of %j cannot be', async (spec, message) => {
    const { status, body } = await gateway.request('POST', NATIVE, service('bad', spec));
    expect(status).toBe(422);
    expect(body.message).toMatch(message);
  });

  it.each([
    ['[', /must be a JSON object such as/],
    ['{"clusters":1}', /knows no clusters; it may have cluster, sources/],
  ])('says what is wrong with the annotation %s', async (text, message) => {
    const metadata = { annotations: { 'skyflow.io/service': text } };
    const { status, body } = await gateway.request('POST', NATIVE, service('bad', {}, metadata));
    expect(status).toBe(422);
    expect(body.message).toMatch(message);
  });

  it.each([
    ['headless', { clusterIP: 'None' }, { type: 'ClusterIP', clusterIP: 'None' }],
    [
      'external',
      { type: 'ExternalName', externalName: 'db.example.org', selector: undefined, ports: undefined },
      { type: 'ExternalName', externalName: 'db.example.org' },
    ],
    [
      'dual',
      { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] },
      { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] },
    ],
    [
      'local',
      { type: 'NodePort', externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local' },
      { externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local' },
    ],
    [
      'dns',
      {
        ports: [
          { port: 53, protocol: 'UDP', name: 'dns' },
          { port: 53, name: 'tcp' },
        ],
      },
      {},
    ],
  ])('has %s services, and takes back what it gave', async (name, spec, kept) => {
    const created = await gateway.request('POST', NATIVE, service(name, spec));
    expect([created.status, created.body.message]).toEqual([201, undefined]);
    expect((await gateway.request('GET', `${OWN}/${name}`)).body.spec).toMatchObject(kept);
    const native = await gateway.request('GET', `${NATIVE}/${name}`);
    expect(native.body.spec).toMatchObject(kept);
    const again = await gateway.request('PUT', `${NATIVE}/${name}`, native.body);
    expect([again.status, again.body.metadata.resourceVersion]).toEqual([200, native.body.metadata.resourceVersion]);
  });

  it.each([
    [
      { clusterIP: 'None', plane: 'gateway' },
      /spec.plane: Invalid value: "gateway": must be auto or flat for a headless/,
    ],
    [{ spread: 'evenly' }, /spec.spread: Unsupported value/],
    [{ localFirst: { minReady: 2 } }, /spec.localFirst: Forbidden: only with spread local-first/],
    [{ spread: 'local-first', localFirst: { minReady: 0 } }, /spec.localFirst.minReady: Invalid value: 0/],
    [{ externalName: 'x.org' }, /spec.externalName: Forbidden: only with type ExternalName/],
  ])('of its own kind says what of %j cannot be', async (spec, message) => {
    const own = { ...service('bad', spec), apiVersion: 'skyflow.io/v1' };
    const { status, body } = await gateway.request('POST', OWN, own);
    expect(status).toBe(422);
    expect(body.message).toMatch(message);
  });

  it('does not become headless later', async () => {
    await gateway.request('POST', OWN, { ...service('plain', {}), apiVersion: 'skyflow.io/v1' });
    const plain = (await gateway.request('GET', `${OWN}/plain`)).body;
    const refused = await gateway.request('PUT', `${OWN}/plain`, {
      ...plain,
      spec: { ...plain.spec, clusterIP: 'None' },
    });
    expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('may not change')]);
  });

  it('takes what is usual without a word', async () => {
    const usual = { internalTrafficPolicy: 'Cluster', sessionAffinity: 'None', ipFamilyPolicy: 'SingleStack' };
    expect((await gateway.request('POST', NATIVE, service('usual', usual))).status).toBe(201);
  });
});
