/** Clusters that SkyFlow builds, over the API: what is refused, and that they stay until they are taken down. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FINALIZER_PROVISIONER } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture, until } from './testing/gateway-fixture.js';

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

const CLUSTERS = '/apis/skyflow.io/v1/clusters';
const host = { address: '10.0.0.5', user: 'ubuntu', keyPath: '/k' };
const clusterNamed = (name: string, spec: object): object => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Cluster',
  metadata: { name },
  spec,
});

describe('a cluster that is to be built', () => {
  it.each([
    [
      'hosts and cloud at once',
      { hosts: [host], cloud: { provider: 'aws', nodes: 1, cpus: 1, memoryGiB: 1 } },
      'hosts',
    ],
    ['neither', {}, 'spec.provision.hosts'],
    ['no control plane', { hosts: [{ ...host, roles: ['worker'] }] }, 'must have the role controlplane'],
    ['a port that is none', { hosts: [{ ...host, port: 0 }] }, 'spec.provision.hosts[0].port'],
    ['a cloud that is none', { cloud: { provider: 'ibm', nodes: 1, cpus: 1, memoryGiB: 1 } }, 'cloud.provider'],
    [
      'ranges that overlap',
      { hosts: [host], network: { podCidr: '10.0.0.0/8', serviceCidr: '10.1.0.0/16' } },
      'overlap',
    ],
    ['a field that is none', { hosts: [{ ...host, adress: 'x' }] }, 'adress'],
  ])('is refused with %s', async (_name, provision, words) => {
    const answer = await gateway.request('POST', CLUSTERS, clusterNamed('bad', { manager: 'k8', provision }));
    expect([400, 422]).toContain(answer.status);
    expect(answer.body.message).toContain(words);
  });

  it('is refused with the context of one that is there', async () => {
    const spec = { manager: 'k8', context: 'c', provision: { hosts: [host] } };
    const answer = await gateway.request('POST', CLUSTERS, clusterNamed('bad', spec));
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringContaining('spec.context') } });
  });

  it('is PROVISIONING, and is deleted only when it is taken down, by force or not', async () => {
    const spec = { manager: 'k8', provision: { hosts: [host] } };
    const made = await gateway.request('POST', CLUSTERS, clusterNamed('built', spec));
    expect(made).toMatchObject({
      status: 201,
      body: { metadata: { finalizers: [FINALIZER_PROVISIONER] }, status: { phase: 'PROVISIONING' } },
    });
    const { uid } = made.body.metadata;
    const at = `${CLUSTERS}/built`;
    expect(await gateway.request('DELETE', `${at}?gracePeriodSeconds=0`)).toMatchObject({ status: 200 });
    expect(await gateway.request('GET', at)).toMatchObject({ status: 200, body: { status: { phase: 'DELETING' } } });
    const ref = { kind: 'Cluster', name: 'built', uid };
    await gateway.append('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref });
    await gateway.append('sky.evt.provisioner', 'ProvisioningStatusDecided', {
      epoch: 1,
      ref,
      status: { phase: 'DELETED' },
    });
    await until('the cluster is gone', async () => (await gateway.request('GET', at)).status === 404);
  });

  it('is what it was from the beginning', async () => {
    const attached = clusterNamed('attached', { manager: 'k8', context: 'c' });
    expect((await gateway.request('POST', CLUSTERS, attached)).status).toBe(201);
    const patch = async (name: string, spec: object) =>
      gateway.request('PATCH', `${CLUSTERS}/${name}`, { spec }, { 'content-type': 'application/merge-patch+json' });
    expect(await patch('attached', { context: null, provision: { hosts: [host] } })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('this cluster is attached') },
    });
    const built = clusterNamed('kept', { manager: 'k8', provision: { hosts: [host] } });
    expect((await gateway.request('POST', CLUSTERS, built)).status).toBe(201);
    expect(await patch('kept', { provision: null })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('deletionPolicy Retain') },
    });
    expect(await patch('kept', { provision: { network: { podCidr: '10.9.0.0/16' } } })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('spec.provision.network') },
    });
    expect(await patch('kept', { provision: { paused: true } })).toMatchObject({ status: 200 });
    const paused = { reason: 'Paused', message: expect.stringContaining('skyctl cluster resume kept') };
    const at = `${CLUSTERS}/kept`;
    expect(await gateway.request('GET', at)).toMatchObject({ body: { status: { phase: 'PROVISIONING', ...paused } } });
    await gateway.request('DELETE', at);
    expect(await gateway.request('GET', at)).toMatchObject({ body: { status: { phase: 'DELETING', ...paused } } });
  });
});
