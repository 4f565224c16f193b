/**
 * The gateway plane with real packets: two clusters with the same pod addresses, kube-proxy's own rules, the gateway program as it is.
 * What is asserted is the share of every pod, not only that it was reached.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { chiSquared, limit, podsOf } from './fixture/shares.js';
import { podAddress, TwoClusters } from './fixture/two-clusters.js';

const inNamespaces = await needing('network namespaces');

const MOST_PODS = 250;

inNamespaces.describe('the gateway plane, in network namespaces', () => {
  let clusters: TwoClusters;

  beforeAll(async () => {
    clusters = await TwoClusters.start(MOST_PODS);
  }, 120_000);
  afterAll(async () => {
    await clusters.remove();
  }, 60_000);

  const assertShares = async (local: number, remote: number, connections: number): Promise<void> => {
    const { answers, failed } = await clusters.ask(connections);
    const pods = [...podsOf('a', local), ...podsOf('b', remote)];
    expect(failed).toEqual({});
    expect(Object.keys(answers).sort()).toEqual([...pods].sort());
    expect(chiSquared(answers, pods)).toBeLessThan(limit(pods.length - 1));
  };

  it('judges by limits that are those of tables, within a few per cent', () => {
    expect(limit(7) / 40.5).toBeCloseTo(1, 1);
    expect(limit(249) / 369.8).toBeCloseTo(1, 1);
  });

  it('gives 3 local and 5 remote pods equal shares, though their addresses are the same', async () => {
    await clusters.scale({ a: 3, b: 5 });
    await assertShares(3, 5, 4_000);
  }, 180_000);

  it('follows when pods come and go', async () => {
    await clusters.scale({ a: 3, b: 20 });
    await assertShares(3, 20, 2_000);
    await clusters.scale({ a: 3, b: 2 });
    await assertShares(3, 2, 1_000);
  }, 180_000);

  it('keeps a client on one pod through the gateway where the service asks for that', async () => {
    await clusters.scale({ a: 1, b: 7 });
    await clusters.applyAffinity(600);
    const from = clusters.addClients(24);
    const { byClient, failed } = await clusters.ask(240, { from, workers: 1 });
    delete clusters.service.affinitySeconds;
    expect(failed).toEqual({});
    const pods = Object.values(byClient).map((answers) => Object.keys(answers));
    expect(pods.map((each) => each.length)).toEqual(Array.from({ length: 24 }, () => 1));
    expect(new Set(pods.flat()).size).toBeGreaterThan(3);
  }, 120_000);

  it('keeps what a pod that ends has, and gives it nothing new', async () => {
    await clusters.scale({ a: 2, b: 3 });
    const end = await clusters.hold(50);
    await clusters.scale({ a: 2, b: 3, ending: [1, 2] });
    const { answers } = await clusters.ask(500);
    expect(Object.keys(answers)).not.toContain(`b ${podAddress(1)}`);
    expect(Object.keys(answers)).not.toContain(`b ${podAddress(2)}`);
    const held = await end();
    expect(held.failed).toEqual({});
    expect(held.answers[`b ${podAddress(1)}`]).toBeGreaterThan(0);
  }, 120_000);

  it('loses with a gateway what it carried and nothing else, and is whole when it is back', async () => {
    await clusters.scale({ a: 2, b: 4 });
    const end = await clusters.hold(60);
    await clusters.killGateway('b');
    await clusters.pathIs('down');
    // As the agent's prober has it: until the path is proved again, only local pods take connections.
    clusters.proxy(false);
    const meanwhile = await clusters.ask(200);
    expect(meanwhile.failed).toEqual({});
    expect(Object.keys(meanwhile.answers).every((pod) => pod.startsWith('a '))).toBe(true);
    const held = await end();
    for (const lost of Object.keys(held.failed)) expect(lost).toMatch(/^ECONNRESET b /);
    await clusters.startGateway('b');
    await clusters.pathIs('up');
    clusters.proxy(true);
    await assertShares(2, 4, 1_000);
  }, 180_000);

  it('finds a path that is cut, though nobody says so, and a path that is back', async () => {
    await clusters.scale({ a: 2, b: 2 });
    clusters.cutPath(true);
    const since = performance.now();
    await clusters.pathIs('down');
    // Three pings, one every 2 s, and the one that found out: 8 s. A busy machine may take several times that.
    expect(performance.now() - since).toBeLessThan(40_000);
    clusters.cutPath(false);
    await clusters.pathIs('up');
    await assertShares(2, 2, 500);
  }, 180_000);

  it('gives 250 remote pods equal shares', async () => {
    await clusters.scale({ a: 3, b: MOST_PODS });
    await assertShares(3, MOST_PODS, 6_000);
  }, 240_000);
});
