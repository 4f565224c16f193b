/** Who may move how much, by the gateway's own API; what would move is said by a scheduler of this test. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ANNOTATION_ALLOW_MOVES,
  type MovePreview,
  type PreviewReply,
  previewRequestSchema,
  schedulerRequestSubject,
} from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture } from '../testing/gateway-fixture.js';

const CLUSTERS = '/apis/skyflow.io/v1/clusters';
const POLICIES = '/apis/skyflow.io/v1/namespaces/default/placementpolicies';
const JOBS = '/apis/skyflow.io/v1/namespaces/default/jobs';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const OBJECTION = '12 of all 20 replicas would move, more than 50 %';

let nats: NatsFixture;
let gateway: GatewayFixture;
let says: MovePreview;
let asked: { objects: { kind: string }[]; deleted: { kind: string }[] }[];

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
  await gateway.request('POST', CLUSTERS, object('Cluster', 'east', { manager: 'k8' }));
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
});

beforeEach(() => {
  asked = [];
  says = { position: 1, moves: [], workloads: 4, replicas: 12, waiting: 0, placed: 20, objection: OBJECTION };
});

function object(kind: string, name: string, spec: object, annotations?: Record<string, string>): object {
  return { apiVersion: 'skyflow.io/v1', kind, metadata: { name, ...(annotations && { annotations }) }, spec };
}

const policy = (name: string, annotations?: Record<string, string>): object =>
  object('PlacementPolicy', name, { workloadSelector: {}, clusters: ['east'] }, annotations);

describe('before anything runs', () => {
  it('policies and clusters are changed without asking anybody', async () => {
    expect((await gateway.request('POST', POLICIES, policy('early'))).status).toBe(201);
    expect((await gateway.request('DELETE', `${POLICIES}/early`)).status).toBe(200);
  });
});

describe('once workloads are there, a change of what decides on them', () => {
  beforeAll(async () => {
    const containers = [{ name: 'main', image: 'nginx' }];
    const created = await gateway.request('POST', JOBS, object('Job', 'web', { template: { spec: { containers } } }));
    expect(created.status).toBe(201);
  });

  it('is refused with the way out while no scheduler is there to say what it moves, but for what is meant', async () => {
    const { status, body } = await gateway.request('POST', POLICIES, policy('blind'));
    expect({ status, body }).toMatchObject({ status: 503, body: { kind: 'Status' } });
    expect(body.message).toContain('what this would move cannot be said: no scheduler is active');
    expect(body.message).toContain(ANNOTATION_ALLOW_MOVES);
    expect((await gateway.request('POST', `${POLICIES}?allowMoves=all`, policy('blind'))).status).toBe(201);
  });

  describe('while the scheduler answers', () => {
    beforeAll(() => {
      gateway.nats.subscribe(schedulerRequestSubject('preview'), {
        callback: (_error, message) => {
          asked.push(previewRequestSchema.parse(message.json()));
          const reply: PreviewReply = { preview: says };
          message.respond(JSON.stringify(reply));
        },
      });
    });

    it('is refused above the limit, whichever verb makes it, and nothing is stored', async () => {
      const { body } = await gateway.request('POST', POLICIES, policy('large'));
      expect(body).toMatchObject({
        code: 422,
        reason: 'Invalid',
        details: { causes: [{ field: `metadata.annotations[${ANNOTATION_ALLOW_MOVES}]` }] },
      });
      expect(body.message).toContain(`${OBJECTION}; the annotation ${ANNOTATION_ALLOW_MOVES}`);
      expect(body.message).toContain('such as 12');
      expect((await gateway.request('GET', `${POLICIES}/large`)).status).toBe(404);

      const cordon = { spec: { unschedulable: true, drain: {} } };
      expect((await gateway.request('PATCH', `${CLUSTERS}/east`, cordon, MERGE)).status).toBe(422);
      const labels = { metadata: { labels: { spot: 'true' } } };
      expect((await gateway.request('PATCH', `${CLUSTERS}/east`, labels, MERGE)).status).toBe(422);
      expect((await gateway.request('DELETE', `${CLUSTERS}/east`)).status).toBe(422);
      expect((await gateway.request('DELETE', `${POLICIES}/blind`)).status).toBe(422);
      expect((await gateway.request('DELETE', POLICIES)).status).toBe(422);
      expect(asked.map(({ objects, deleted }) => [...objects, ...deleted].map(({ kind }) => kind).join())).toEqual([
        'PlacementPolicy',
        'Cluster',
        'Cluster',
        'Cluster',
        'PlacementPolicy',
        'PlacementPolicy',
      ]);
    });

    it('goes through for as many as the annotation or the parameter says, and not for fewer', async () => {
      const saying = (text: string): object => policy('said', { [ANNOTATION_ALLOW_MOVES]: text });
      expect((await gateway.request('POST', POLICIES, saying('11'))).status).toBe(422);
      const wrong = await gateway.request('POST', POLICIES, saying('many'));
      expect(wrong.body.message).toContain('"many": must be a number of replicas that may move, or all');
      expect((await gateway.request('POST', POLICIES, saying('12'))).status).toBe(201);
      // It stays on the object, and is good for as many the next time.
      says = { ...says, replicas: 13 };
      const narrower = { spec: { excludeClusters: ['east'], clusters: null } };
      expect((await gateway.request('PATCH', `${POLICIES}/said`, narrower, MERGE)).status).toBe(422);
      expect((await gateway.request('PATCH', `${POLICIES}/said?allowMoves=13`, narrower, MERGE)).status).toBe(200);
      const without = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 };
      expect((await gateway.request('DELETE', `${POLICIES}/said`, without)).status).toBe(200);
    });

    it('is not asked about where it decides on nothing: annotations, dry runs, what is invalid, what changes nothing', async () => {
      const annotated = { metadata: { annotations: { note: 'x' } } };
      expect((await gateway.request('PATCH', `${CLUSTERS}/east`, annotated, MERGE)).status).toBe(200);
      expect((await gateway.request('PATCH', `${CLUSTERS}/east`, {}, MERGE)).status).toBe(200);
      expect((await gateway.request('POST', `${POLICIES}?dryRun=All`, policy('dry'))).status).toBe(201);
      expect((await gateway.request('DELETE', `${CLUSTERS}/east?dryRun=All`)).status).toBe(200);
      const invalid = await gateway.request('POST', POLICIES, object('PlacementPolicy', 'bad', { clusters: 'east' }));
      expect(invalid.body.message).toContain('spec.clusters');
      expect(asked).toEqual([]);
    });

    it('goes through below the limit', async () => {
      says = { position: 1, moves: [], workloads: 1, replicas: 3, waiting: 0, placed: 20 };
      expect((await gateway.request('POST', POLICIES, policy('small'))).status).toBe(201);
      expect((await gateway.request('DELETE', `${CLUSTERS}/east`)).status).toBe(200);
      expect(asked).toHaveLength(2);
    });
  });
});
