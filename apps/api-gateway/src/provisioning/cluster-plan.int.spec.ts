/** What would be built, and orphans, over the API: the provisioner is asked, or has told. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ClusterPlan,
  escrowRequestSchema,
  planRequestSchema,
  provisionerRequestSubject,
} from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture, until } from '../testing/gateway-fixture.js';

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

const PLANS = '/apis/skyflow.io/v1/clusterplans';
const provision = { cloud: { provider: 'aws', nodes: 1, cpus: 2, memoryGiB: 4 } };
const plan: ClusterPlan = {
  driver: 'rke',
  podCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  machines: [],
  offers: [],
  hourly: 0,
};

describe('a plan', () => {
  it('is refused with the way out when no provisioner is there', async () => {
    const answer = await gateway.request('POST', PLANS, { spec: { name: 'a', provision } });
    expect(answer).toMatchObject({
      status: 503,
      body: { message: expect.stringContaining('no provisioner is active') },
    });
  });

  it('is asked of the provisioner, and what it refuses is told in its words', async () => {
    const replies: object[] = [{ plan }, { error: 'no offer is left; ask for less', code: 422 }];
    const asked: unknown[] = [];
    const subscription = gateway.nats.subscribe(provisionerRequestSubject('plan'), {
      callback: (_error, message) => {
        asked.push(planRequestSchema.parse(message.json()));
        message.respond(JSON.stringify(replies.shift()));
      },
    });
    const body = { spec: { name: 'a', provision } };
    expect(await gateway.request('POST', PLANS, body)).toMatchObject({
      status: 200,
      body: { kind: 'ClusterPlan', status: plan },
    });
    expect(asked).toMatchObject([{ name: 'a', provision }]);
    expect(await gateway.request('POST', PLANS, body)).toMatchObject({
      status: 422,
      body: { message: 'no offer is left; ask for less' },
    });
    subscription.unsubscribe();
  });

  it.each([
    [{}, 400, 'must hold name and provision'],
    [{ spec: { name: 'A b', provision } }, 400, 'must be a DNS label'],
    [{ spec: { name: 'a', provision: { cloud: 'aws' } } }, 422, 'spec.provision.cloud'],
    [{ spec: { name: 'a', provision: { cloud: { ...provision.cloud, nodes: 0 } } } }, 422, 'must be from 1 to 500'],
  ])('of %j is refused', async (body, status, words) => {
    const answer = await gateway.request('POST', PLANS, body);
    expect(answer).toMatchObject({ status, body: { message: expect.stringContaining(words) } });
  });
});

describe('sealed copies', () => {
  const at = '/apis/skyflow.io/v1/clusters/gone/escrow';

  it('are asked of the provisioner, also of a cluster that is gone, and opened where one is named', async () => {
    const copy = {
      uid: 'u',
      what: 'state',
      version: 2,
      sha256: 's',
      caFingerprint: 'f',
      key: 'k',
      at: '2026-01-01T00:00:00Z',
    };
    const asked: unknown[] = [];
    const subscription = gateway.nats.subscribe(provisionerRequestSubject('escrow'), {
      callback: (_error, message) => {
        const request = escrowRequestSchema.parse(message.json());
        asked.push(request);
        message.respond(JSON.stringify({ copies: [copy], ...(request.what === undefined ? {} : { text: 'plain' }) }));
      },
    });
    expect(await gateway.request('GET', at)).toMatchObject({ status: 200, body: { kind: 'Escrow', items: [copy] } });
    expect((await gateway.request('GET', `${at}?what=state&version=2`)).body).toMatchObject({ text: 'plain' });
    expect(asked).toEqual([{ name: 'gone' }, { name: 'gone', what: 'state', version: 2 }]);
    subscription.unsubscribe();
  });

  it.each([
    ['?what=keys', 'must be one of state, kubeconfig, sshKey'],
    ['?what=state&version=0', 'must be 1 or more'],
  ])('with %s are refused', async (query, words) => {
    const answer = await gateway.request('GET', `${at}${query}`);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(words) } });
  });
});

describe('orphans', () => {
  it('are those that the log tells of', async () => {
    const orphan = { epoch: 1, provider: 'aws', region: 'eu-west-1', id: 'i-1' };
    const seen = { type: 'Seen', name: 'm', cluster: 'u', clusterName: 'prod' } as const;
    await gateway.append('sky.evt.provisioner', 'OrphanAdvanced', { ...orphan, step: seen });
    await gateway.append('sky.evt.provisioner', 'OrphanAdvanced', { ...orphan, id: 'i-2', step: seen });
    await gateway.append('sky.evt.provisioner', 'OrphanAdvanced', { ...orphan, id: 'i-2', step: { type: 'Cleared' } });
    await until('they are listed', async () => {
      const { body } = await gateway.request('GET', '/apis/skyflow.io/v1/orphans');
      expect(body).toMatchObject({ kind: 'OrphanList', items: [{ id: 'i-1', phase: 'Seen', clusterName: 'prod' }] });
      return true;
    });
  });
});
