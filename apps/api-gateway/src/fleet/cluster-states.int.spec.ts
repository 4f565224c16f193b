import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject, heartbeatSubject, observationSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';
import type { ClusterStatesList } from './cluster-states.js';

const GROUP = '/apis/skyflow.io/v1';

describe('GET /clusterstates', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  const uids = new Map<string, string>();

  const create = async (path: string, body: object): Promise<string> => {
    const answer = await gateway.request('POST', path, body);
    expect([path, answer.status, answer.body.message]).toEqual([path, 201, undefined]);
    return answer.body.metadata.uid;
  };
  const read = async (user?: string): Promise<ClusterStatesList['items']> => {
    const headers = user === undefined ? {} : { 'impersonate-user': user };
    const { status, text } = await gateway.request('GET', '/clusterstates', undefined, headers);
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    return (JSON.parse(text) as ClusterStatesList).items;
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    await gateway.append(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'test' });
    for (const name of ['east', 'west']) {
      const body = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name } };
      uids.set(name, await create(`${GROUP}/clusters`, body));
    }
    await gateway.append(observationSubject('east'), 'ClusterObserved', {
      kubernetesVersion: 'v1.36.0',
      reachable: true,
      nodes: [
        { name: 'n1', ready: true, allocatable: { cpu: 4_000, pods: 110 }, requestedByOthers: { cpu: 500 } },
        { name: 'n2', ready: false, allocatable: { cpu: 4_000, pods: 110 }, requestedByOthers: {} },
      ],
    });
    await gateway.append(decisionSubject('scheduler'), 'ClusterHealthDecided', {
      ...{ epoch: 1, cluster: 'east', uid: uids.get('east') ?? '', state: 'READY', reason: 'Heard', message: '' },
    });
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it('tells what a watch does not: what is free, and when a cluster was last heard', async () => {
    const east = async (): Promise<ClusterStatesList['items'][number] | undefined> =>
      (await read()).find(({ name }) => name === 'east');
    await until('nodes are told', async () => (await east())?.nodes === 2);
    expect(await east()).toMatchObject({ readyNodes: 1, allocatable: { cpu: 4_000 }, free: { cpu: 3_500 } });
    expect((await read()).find(({ name }) => name === 'west')).toMatchObject({ phase: 'INIT', nodes: 0, free: {} });
    const uid = await create(JOBS, jobNamed('taken'));
    await gateway.append(decisionSubject('scheduler'), 'PlacementDecided', {
      ...{ epoch: 1, ref: { kind: 'Job', namespace: 'default', name: 'taken', uid }, generation: 1 },
      ...{ placements: [{ cluster: 'east', replicas: 1 }], unplaced: 0, basis: 0, code: 'test', verdicts: [] },
    });
    await until('room is taken', async () => (await east())?.free.cpu === 3_400);
    const heartbeat = { cluster: 'east', uid: uids.get('east'), instance: 'test', at: 0, reachable: true, workSeq: 0 };
    await until('it was heard', async () => {
      gateway.nats.publish(heartbeatSubject('east'), JSON.stringify(heartbeat));
      return (await east())?.lastHeartbeatTime !== undefined;
    });
    expect(await east()).toMatchObject({ phase: 'READY' });
  });

  it('tells nobody of clusters that he may not see', async () => {
    await create(`${GROUP}/roles`, {
      apiVersion: 'skyflow.io/v1',
      kind: 'Role',
      metadata: { name: 'west-only' },
      rules: [{ kinds: ['Cluster'], verbs: ['list'], clusters: ['west'] }],
    });
    await create(`${GROUP}/rolebindings`, {
      apiVersion: 'skyflow.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'west-only' },
      roleRef: { kind: 'Role', name: 'west-only' },
      subjects: [{ kind: 'User', name: 'ann' }],
    });
    expect((await read('ann')).map(({ name }) => name)).toEqual(['west']);
    const refused = await gateway.request('GET', '/clusterstates', undefined, { 'impersonate-user': 'nobody' });
    expect([refused.status, refused.body.message]).toEqual([
      403,
      expect.stringContaining('User "nobody" cannot list Cluster'),
    ]);
  });
});
