import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('cascading deletes over HTTP', () => {
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

  /** @returns the reference by which others name it as their owner */
  async function make(name: string, metadata: object = {}): Promise<object> {
    const { status, body } = await gateway.request('POST', MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, ...metadata },
    });
    expect(status).toBe(201);
    return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: body.metadata.uid, blockOwnerDeletion: true };
  }
  const statusOf = async (path: string): Promise<number> => (await gateway.request('GET', path)).status;
  const isGone = (name: string): Promise<void> =>
    until(`${name} is gone`, async () => (await statusOf(`${MAPS}/${name}`)) === 404);

  it('background: the owner goes, then what it owned, of other kinds too', async () => {
    const owner = await make('bg');
    await make('bg-child', { ownerReferences: [owner] });
    const job = jobNamed('bg-job') as { metadata: object };
    await gateway.request('POST', JOBS, { ...job, metadata: { name: 'bg-job', ownerReferences: [owner] } });
    const deleted = await gateway.request('DELETE', `${MAPS}/bg`);
    expect([deleted.status, deleted.body.kind]).toEqual([200, 'Status']);
    await isGone('bg-child');
    await until('the job is being deleted', async () => {
      const { body } = await gateway.request('GET', `${JOBS}/bg-job`);
      return body.status.phase === 'DELETING';
    });
    const log = await gateway.request('GET', '/log');
    expect(log.text).toContain('"actor":"system:garbage-collector"');
  });

  it('foreground: the owner says that it is being deleted until what it owns is gone', async () => {
    const owner = await make('fg');
    await make('fg-child', { ownerReferences: [owner], finalizers: ['example.org/hold'] });
    const deleted = await gateway.request('DELETE', `${MAPS}/fg?propagationPolicy=Foreground`);
    expect(deleted.body).toMatchObject({ kind: 'ConfigMap', metadata: { finalizers: ['foregroundDeletion'] } });
    await until('the child is being deleted', async () => {
      const { body } = await gateway.request('GET', `${MAPS}/fg-child`);
      return body.metadata.deletionTimestamp !== undefined;
    });
    expect(await statusOf(`${MAPS}/fg`)).toBe(200);
    await gateway.request('PATCH', `${MAPS}/fg-child`, { metadata: { finalizers: null } }, MERGE);
    await isGone('fg-child');
    await isGone('fg');
  });

  it('orphan: what it owned stays without an owner; pods cannot', async () => {
    const owner = await make('or');
    await make('or-child', { ownerReferences: [owner] });
    await gateway.request('DELETE', `${MAPS}/or`, { kind: 'DeleteOptions', propagationPolicy: 'Orphan' });
    await isGone('or');
    const { body } = await gateway.request('GET', `${MAPS}/or-child`);
    expect(body.metadata).not.toHaveProperty('ownerReferences');
    await gateway.request('POST', JOBS, jobNamed('or-job'));
    const refused = await gateway.request('DELETE', `${JOBS}/or-job?propagationPolicy=Orphan`);
    expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('propagationPolicy')]);
  });

  it('a finalizer holds an object also when it is forced', async () => {
    const job = jobNamed('held') as { metadata: object };
    await gateway.request('POST', JOBS, { ...job, metadata: { name: 'held', finalizers: ['example.org/hold'] } });
    await gateway.request('DELETE', `${JOBS}/held?gracePeriodSeconds=0`);
    expect(await statusOf(`${JOBS}/held`)).toBe(200);
    await gateway.request('PATCH', `${JOBS}/held`, { metadata: { finalizers: null } }, MERGE);
    await until('the job is gone', async () => (await statusOf(`${JOBS}/held`)) === 404);
  });

  it('what was left behind while no gateway ran goes after the next start', async () => {
    const owner = await make('late');
    await make('late-child', { ownerReferences: [owner], finalizers: ['example.org/hold'] });
    await gateway.request('DELETE', `${MAPS}/late`);
    await until('the child is being deleted', async () => {
      const { body } = await gateway.request('GET', `${MAPS}/late-child`);
      return body.metadata.deletionTimestamp !== undefined;
    });
    await make('stray', { ownerReferences: [{ ...owner, uid: 'nobody', name: 'nobody' }] });
    await gateway.stop();
    gateway = await startGatewayFixture(nats.url);
    await isGone('stray');
    expect(await statusOf(`${MAPS}/late-child`)).toBe(200);
  });
});
