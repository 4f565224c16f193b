import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PreviewReply, previewRequestSchema, schedulerRequestSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture } from '../testing/gateway-fixture.js';

const PREVIEWS = '/apis/skyflow.io/v1/movepreviews';
const CLUSTERS = '/apis/skyflow.io/v1/clusters';

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

const cluster = (name: string, spec: object = {}): object => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Cluster',
  metadata: { name },
  spec: { manager: 'k8', ...spec },
});

describe('a preview of what a change would move', () => {
  it('is refused with the way out when no scheduler is there to work it out', async () => {
    const { status, body } = await gateway.request('POST', PREVIEWS, { spec: { objects: [cluster('a')] } });
    expect(status).toBe(503);
    expect(body).toMatchObject({ kind: 'Status', message: expect.stringContaining('no scheduler is active') });
  });

  it('asks the scheduler for the change as the log would hold it', async () => {
    const created = await gateway.request('POST', CLUSTERS, cluster('b'));
    const asked: unknown[] = [];
    const preview = { position: 1, moves: [], workloads: 0, replicas: 0, waiting: 0, placed: 3 };
    const reply: PreviewReply = { preview };
    const subscription = gateway.nats.subscribe(schedulerRequestSubject('preview'), {
      callback: (_error, message) => {
        asked.push(previewRequestSchema.parse(message.json()));
        message.respond(JSON.stringify(reply));
      },
    });
    const drained = cluster('b', { unschedulable: true, drain: {} });
    const change = { objects: [drained, cluster('new')], deleted: [{ kind: 'Cluster', name: 'b' }] };
    const rebalance = { namespace: 'default', workloads: [{ kind: 'Job', name: 'hello' }] };
    const { status, body } = await gateway.request('POST', PREVIEWS, { spec: { ...change, rebalance, most: 7 } });
    expect({ status, body }).toMatchObject({ status: 200, body: { kind: 'MovePreview', status: preview } });
    const { uid } = created.body.metadata;
    expect(asked).toMatchObject([
      {
        most: 7,
        rebalance,
        objects: [{ metadata: { name: 'b', uid, generation: 2 }, spec: { drain: {} } }, { metadata: { name: 'new' } }],
        deleted: [{ kind: 'Cluster', name: 'b', uid }],
      },
    ]);
    subscription.unsubscribe();
  });

  it.each([
    [{}, 400, 'must hold the change'],
    [{ spec: { objects: 'all' } }, 400, 'must be a list of objects'],
    [{ spec: { objects: [{ kind: 'Cluster' }] } }, 400, 'spec.objects[0].metadata.name: must name the object'],
    [{ spec: { deleted: [{ name: 'b' }] } }, 400, 'spec.deleted[0].kind: must name a kind'],
    [{ spec: { deleted: [{ kind: 'Cluster', name: 'x' }] } }, 404, 'spec.deleted[0]: there is no Cluster "x"'],
    [{ spec: { most: 1e9 } }, 400, 'must be at most 5000'],
    [{ spec: { rebalance: { workloads: [{ kind: 'Pod', name: 'a' }] } } }, 400, 'must be Job or Deployment'],
  ])('refuses %j', async (body, code, text) => {
    const answer = await gateway.request('POST', PREVIEWS, body);
    expect(answer.status).toBe(code);
    expect(answer.body.message).toContain(text);
  });
});

describe('a cluster', () => {
  it('is cordoned and drained by its spec, and says so in kubectl’s words', async () => {
    await gateway.request('POST', CLUSTERS, cluster('c'));
    const patch = { spec: { unschedulable: true, drain: { graceSeconds: 5 } } };
    const { body } = await gateway.request('PATCH', `${CLUSTERS}/c`, patch, {
      'content-type': 'application/merge-patch+json',
    });
    expect(body.status).toMatchObject({ phase: 'INIT', drain: { phase: 'Drained', workloads: 0, replicas: 0 } });
    const table = await gateway.request('GET', `${CLUSTERS}/c`, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.text).toContain('"INIT,SchedulingDisabled"');
  });

  it('is not drained while it may be used', async () => {
    const { status, body } = await gateway.request('POST', CLUSTERS, cluster('d', { drain: {} }));
    expect(status).toBe(422);
    expect(body.message).toContain('spec.unschedulable: Invalid value: false: must be true while spec.drain is set');
  });
});
