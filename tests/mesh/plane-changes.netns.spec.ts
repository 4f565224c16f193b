/**
 * Planes with real packets, between clusters whose pods reach each other: what probes from pods and from nodes find decides, and what is
 * carried goes on when the plane changes.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { RoutedClusters } from './fixture/routed-clusters.js';

const inNamespaces = await needing('network namespaces');

const PODS = ['b 10.62.0.1', 'b 10.62.0.2', 'b 10.62.0.3'];

inNamespaces.describe('the plane between clusters that reach each other', () => {
  let clusters: RoutedClusters;

  beforeAll(async () => {
    clusters = await RoutedClusters.start({ type: 'LoadBalancer' });
  }, 120_000);
  afterAll(async () => {
    await clusters.remove();
  }, 60_000);

  /** All pods answer clients on the node and in pods. @param byGateway how many of the connections the gateway carried. */
  const serves = async (byGateway: 'all' | 'none'): Promise<void> => {
    const before = (await clusters.carried()).all;
    for (const from of ['pod', 'node'] as const) {
      const { answers, failed } = await clusters.ask(from, 60);
      expect(failed).toEqual({});
      expect(Object.keys(answers).sort()).toEqual(PODS);
    }
    expect((await clusters.carried()).all - before).toBe(byGateway === 'all' ? 120 : 0);
  };

  it('is the gateway for a load balancer while nodes do not get through, though pods do', async () => {
    clusters.nodesAreReached(false);
    await clusters.planeIs('gateway', /"nodes" speaks against flat/);
    expect(clusters.evidence).toContainEqual(expect.objectContaining({ check: 'pods', ok: true }));
    expect(clusters.evidence).toContainEqual({
      ...{ check: 'nodes', ok: false, message: 'a to b: a: 10.62.255.253:8443: no answer within 3000 ms' },
    });
    await serves('all');
  }, 180_000);

  it('is flat when nodes get through, which the link tells as evidence', async () => {
    clusters.nodesAreReached(true);
    await clusters.planeIs('flat', /everything that was looked at speaks for it/);
    for (const check of ['networks', 'pods', 'back', 'nodes', 'nodesBack', 'addresses']) {
      expect(clusters.evidence).toContainEqual(expect.objectContaining({ check, ok: true }));
    }
    await serves('none');
  }, 180_000);

  it('drops no connection when it changes, from gateway to flat and back', async () => {
    await clusters.link('gateway');
    const ends = [await clusters.hold('pod', 30), await clusters.hold('node', 10)];
    expect((await clusters.carried()).open).toBe(40);

    await clusters.link('flat');
    await serves('none');
    ends.push(await clusters.hold('pod', 30), await clusters.hold('node', 10));
    expect((await clusters.carried()).open).toBe(40);

    await clusters.link('gateway');
    await serves('all');
    await clusters.link('flat');
    for (const end of ends) expect((await end()).failed).toEqual({});
  }, 180_000);
});
