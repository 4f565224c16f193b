/** Pods as agents named them in their reports, read back by `?at=`. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntryData, decisionSubject, observationSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture } from '../testing/gateway-fixture.js';

const PODS = '/api/v1/namespaces/default/pods';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const CREATED = '2026-01-01T00:00:00Z';

describe('pods of the past', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let cluster: string;
  let uid: string;

  const observed = (pods: EntryData<'WorkObserved'>['pods'], more: object = {}): Promise<number> =>
    gateway.append(observationSubject('east'), 'WorkObserved', {
      ref: { kind: 'Job', namespace: 'default', name: 'web', uid },
      ...{ generation: 1, epoch: 1, phase: 'RUNNING', replicas: 2 },
      ...{ ready: 1, running: 2, pending: 0, succeeded: 0, failed: 0 },
      ...(pods === undefined ? {} : { pods }),
      ...more,
    });
  const running = (name: string, ready: boolean): NonNullable<EntryData<'WorkObserved'>['pods']>[number] => ({
    name,
    node: 'n1',
    phase: 'Running',
    created: CREATED,
    containers: [{ name: 'main', ready }],
  });
  const namesAt = async (query: string): Promise<string[]> => {
    const { status, body } = await gateway.request('GET', `${PODS}?${query}`);
    expect([status, body.kind]).toEqual([200, 'PodList']);
    return body.items.map(({ metadata }) => metadata.name);
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    const made = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name: 'east' }, spec: {} };
    cluster = (await gateway.request('POST', '/apis/skyflow.io/v1/clusters', made)).body.metadata.uid;
    const job = jobNamed('web', {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'busybox' }] },
      },
    });
    uid = (await gateway.request('POST', JOBS, job)).body.metadata.uid;
    await gateway.append(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'test' });
    await gateway.append(observationSubject('east'), 'ClusterObserved', {
      kubernetesVersion: 'v1.36.3',
      nodes: [],
      reachable: true,
    });
    await gateway.append(decisionSubject('scheduler'), 'ClusterHealthDecided', {
      ...{ epoch: 1, cluster: 'east', uid: cluster, state: 'READY', reason: 'Seen', message: 'seen' },
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it('are those of the last report by then, with name, node, phase, readiness and labels', async () => {
    const first = await observed([running('web-a', true), { name: 'web-b', phase: 'Pending', containers: [] }]);
    const second = await observed([running('web-c', true)]);
    expect(await namesAt(`at=${String(first - 1)}`)).toEqual([]);
    expect(await namesAt(`at=${String(first)}`)).toEqual(['web-a.east', 'web-b.east']);
    expect(await namesAt(`at=${String(first)}&labelSelector=app%3Dweb`)).toEqual(['web-a.east', 'web-b.east']);
    expect(await namesAt(`at=${String(first)}&fieldSelector=status.phase%3DPending`)).toEqual(['web-b.east']);
    expect(await namesAt(`at=${String(second)}`)).toEqual(['web-c.east']);
    const { body } = await gateway.request('GET', `${PODS}/web-a.east?at=${String(first)}`);
    expect(body).toMatchObject({
      kind: 'Pod',
      metadata: { creationTimestamp: CREATED, labels: { app: 'web', 'skyflow.io/cluster': 'east' } },
      spec: { nodeName: 'east.n1', containers: [{ name: 'main' }] },
      status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: true }] },
    });
    expect((await gateway.request('GET', `${PODS}/web-a.east?at=${String(second)}`)).status).toBe(404);
    const table = await gateway.request('GET', `${PODS}?at=${String(first)}`, undefined, TABLE);
    const rows = (table.body as unknown as { rows: { cells: string[] }[] }).rows.map(({ cells }) => cells.slice(0, 4));
    expect(rows).toEqual([
      ['web-a.east', '1/1', 'Running', '<unknown>'],
      ['web-b.east', '0/0', 'Pending', '0'],
    ]);
  });

  it('that the log does not name are told of in a warning', async () => {
    const whole = await observed([running('web-c', true)]);
    expect((await gateway.request('GET', `${PODS}?at=${String(whole)}`)).headers.get('warning')).toBeNull();
    const more = await observed([running('web-c', true)], { morePods: 7 });
    expect((await gateway.request('GET', `${PODS}?at=${String(more)}`)).headers.get('warning')).toBe(
      '299 - "pods that were there and are not named in the log: 7 of job web in east; the status of the workloads counts all"',
    );
    const older = await observed(undefined);
    const { headers } = await gateway.request('GET', `${PODS}?at=${String(older)}`);
    expect(headers.get('warning')).toMatch(/not named in the log: 2 of job web in east/);
  });

  it('of a cluster that was out of reach are Unknown', async () => {
    await observed([running('web-c', true)]);
    const lost = await gateway.append(decisionSubject('scheduler'), 'ClusterHealthDecided', {
      ...{ epoch: 1, cluster: 'east', uid: cluster, state: 'LOST', reason: 'HeartbeatLost', message: 'gone' },
    });
    const { body } = await gateway.request('GET', `${PODS}/web-c.east?at=${String(lost)}`);
    expect(body.status).toMatchObject({ phase: 'Unknown', reason: 'ClusterUnreachable' });
  });
});
