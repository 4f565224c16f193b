/**
 * Pods of two clusters behind the real kube-proxy: its rules come of slices in a real API server, which the built-in controller and the real
 * agent wrote; connections go through real gateways between network namespaces. `npm run test:e2e -- --on testbed tests/mesh`.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { chiSquared, limit, podsOf } from './fixture/shares.js';
import { podAddress, TwoClusters } from './fixture/two-clusters.js';

const withRealProxy = await needing('network namespaces', 'kube-apiserver');
const withNftables = await needing('nftables');

withRealProxy.describe('the gateway plane behind the real kube-proxy', () => {
  let clusters: TwoClusters;
  /** Addresses of clients, once there are several. */
  let clients: string[] = [];

  beforeAll(async () => {
    clusters = await TwoClusters.start(10, true);
  }, 300_000);
  afterAll(async () => {
    await clusters.remove();
  }, 120_000);

  it('gives 3 local and 5 remote pods equal shares', async () => {
    await clusters.scale({ a: 3, b: 5 });
    const { answers, failed } = await clusters.ask(4_000);
    const pods = [...podsOf('a', 3), ...podsOf('b', 5)];
    expect(failed).toEqual({});
    expect(Object.keys(answers).sort()).toEqual([...pods].sort());
    expect(chiSquared(answers, pods)).toBeLessThan(limit(pods.length - 1));
  }, 180_000);

  it('keeps what a pod that ends has, and gives it nothing new', async () => {
    await clusters.scale({ a: 2, b: 3 });
    const end = await clusters.hold(50);
    await clusters.scale({ a: 2, b: 3, ending: [1, 2] });
    const { answers } = await clusters.ask(500);
    expect(Object.keys(answers).sort()).toEqual([...podsOf('a', 2), `b ${podAddress(3)}`].sort());
    const held = await end();
    expect(held.failed).toEqual({});
    expect(held.answers[`b ${podAddress(1)}`]).toBeGreaterThan(0);
  }, 180_000);

  it('keeps a client on one pod through the gateway where the service asks for that', async () => {
    await clusters.scale({ a: 1, b: 7 });
    await clusters.applyAffinity(600);
    clients = clusters.addClients(24);
    const { byClient, failed } = await clusters.ask(240, { from: clients, workers: 1 });
    expect(failed).toEqual({});
    const pods = Object.values(byClient).map((answers) => Object.keys(answers));
    expect(pods.map((each) => each.length)).toEqual(Array.from({ length: 24 }, () => 1));
    expect(new Set(pods.flat()).size).toBeGreaterThan(3);
  }, 180_000);

  withNftables.it(
    'is the same to kube-proxy in its nftables mode: shares, drain and affinity',
    async () => {
      expect(await clusters.useProxy('nftables')).toBeUndefined();
      delete clusters.service.affinitySeconds;
      await clusters.scale({ a: 3, b: 5 });
      const { answers, failed } = await clusters.ask(4_000);
      const pods = [...podsOf('a', 3), ...podsOf('b', 5)];
      expect(failed).toEqual({});
      expect(Object.keys(answers).sort()).toEqual([...pods].sort());
      expect(chiSquared(answers, pods)).toBeLessThan(limit(pods.length - 1));

      const end = await clusters.hold(50);
      await clusters.scale({ a: 2, b: 3, ending: [1, 2] });
      const later = await clusters.ask(500);
      expect(Object.keys(later.answers).sort()).toEqual([...podsOf('a', 2), `b ${podAddress(3)}`].sort());
      expect((await end()).failed).toEqual({});

      await clusters.scale({ a: 1, b: 7 });
      await clusters.applyAffinity(600);
      const kept = await clusters.ask(240, { from: clients, workers: 1 });
      expect(kept.failed).toEqual({});
      expect(Object.values(kept.byClient).map((each) => Object.keys(each).length)).toEqual(
        Array.from({ length: 24 }, () => 1),
      );
    },
    300_000,
  );
});
