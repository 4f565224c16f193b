import { afterEach, describe, expect, it } from '@jest/globals';
import { FEATURE_LEVEL } from '@skyflow/contracts';
import { type Program, type ServiceName, ControlPlane, eventually, request } from './control-plane.js';

const OLD = 1;
const serviceExport = {
  apiVersion: 'multicluster.x-k8s.io/v1beta1',
  kind: 'ServiceExport',
  metadata: { name: 'web', namespace: 'default' },
};
const EXPORTS = '/apis/multicluster.x-k8s.io/v1beta1/namespaces/default/serviceexports';
const JOBS = '/apis/skyflow.io/v1/namespaces/default/jobs';
const CLUSTERS = '/apis/skyflow.io/v1/clusters';
/** What else is off until all read it: asked for without making it. */
const askedFor = (from: string, to: string): [feature: string, path: string, object: object][] => [
  [
    'LinkPlanes',
    '/apis/skyflow.io/v1/links',
    { apiVersion: 'skyflow.io/v1', kind: 'Link', metadata: { name: `${from}.${to}` }, spec: { plane: 'gateway' } },
  ],
  [
    'ClusterLifecycle',
    CLUSTERS,
    {
      ...{ apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name: 'rented' } },
      spec: { provision: { cloud: { provider: 'gcp', nodes: 1, cpus: 1, memoryGiB: 1 } } },
    },
  ],
];

const TEAM_JOBS = '/apis/skyflow.io/v1/namespaces/team-a/jobs';

const job = (name: string): object => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'main', image: 'nginx' }] } } },
});

/** Writes at whichever gateway is there, and keeps a ledger of what was acknowledged. */
class Load {
  readonly acknowledged: string[] = [];
  private readonly stopping = new AbortController();
  private readonly done: Promise<void>;

  constructor(private readonly gateways: () => readonly Program[]) {
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    for (let next = 0; !this.stopping.signal.aborted; next++) {
      const [gateway] = this.gateways();
      const name = `load-${next}`;
      // A gateway that ends refuses; whether it was written is not known then, and it is not in the ledger.
      const answer = await request(gateway?.url ?? '', 'POST', JOBS, job(name)).catch(() => undefined);
      if (answer?.status === 201) this.acknowledged.push(name);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('an upgrade from the previous release', () => {
  let plane: ControlPlane;
  let load: Load | undefined;

  afterEach(async () => {
    await load?.stop();
    await plane.stop();
  });

  it('goes service by service under load: no acknowledged write is lost, nothing is written that an old one cannot read, features come on after the last', async () => {
    plane = await ControlPlane.on('v0.1/walk-through.log.gz', OLD);
    const names: ServiceName[] = ['api-gateway', 'scheduler', 'mesh-controller'];
    const live = new Map<ServiceName, Program>();
    await Promise.all(names.map(async (name) => live.set(name, await plane.start(name, OLD).ready())));
    const gateway = (): Program => live.get('api-gateway') as Program;
    load = new Load(() => [gateway()]);
    const { body } = await request(gateway().url, 'GET', '/apis/skyflow.io/v1/clusters');
    const clusters = (body.items ?? []).map(({ metadata }) => metadata as { name: string; uid: string });
    const oldAgents = clusters.map((cluster) => plane.agent(cluster, OLD));
    expect(clusters.length).toBeGreaterThan(1);
    const others = askedFor(clusters[0]!.name, clusters[1]!.name);

    for (const name of names) {
      const old = live.get(name) as Program;
      live.set(name, await plane.start(name).ready());
      await old.stop();
      const refused = await request(gateway().url, 'POST', EXPORTS, serviceExport);
      expect([name, refused.status]).toEqual([name, 403]);
      expect(refused.body.message).toMatch(
        /feature MultiClusterServices .* is off until all of SkyFlow reads level 2; in force is 1: agent of /,
      );
      for (const [feature, path, object] of others) {
        const { status, body } = await request(gateway().url, 'POST', `${path}?dryRun=All`, object);
        const off = expect.stringMatching(`feature ${feature} .* is off until all of SkyFlow reads level 2`) as unknown;
        expect([name, status, body.message]).toEqual([name, 403, off]);
      }
    }
    // All services are new; an agent is not.
    const said = await plane.skyctl(gateway().url, 'version');
    expect(said).toMatch(/Features: level 1 is in force, the gateway reads level 2/);
    expect(said).toMatch(/off: MultiClusterServices, /);
    expect(said).toMatch(/agent of [\w-]+ \(0\.1\.0\) reads level 1: replace it/);
    expect(await plane.readAs(OLD)).not.toContain('sky.evt.features');

    for (const [index, stop] of oldAgents.entries()) {
      stop();
      plane.agent(clusters[index]!, FEATURE_LEVEL);
    }
    await eventually(async () => {
      const status = await request(gateway().url, 'GET', '/status');
      expect(status.body.features?.inForce).toBe(FEATURE_LEVEL);
    });
    expect((await request(gateway().url, 'POST', EXPORTS, serviceExport)).status).toBe(201);
    for (const [feature, path, object] of others) {
      const { status, body } = await request(gateway().url, 'POST', `${path}?dryRun=All`, object);
      expect([feature, status, body.message]).toEqual([feature, 201, undefined]);
    }
    expect(await plane.skyctl(gateway().url, 'version')).toMatch(/Features: level 2, all are on/);
    // What the mesh controller writes of it, an old program cannot read.
    await eventually(async () => expect(await plane.readAs(undefined)).toContain('sky.evt.mesh'));

    await load.stop();
    const listed = await request(gateway().url, 'GET', JOBS);
    const there = new Set((listed.body.items ?? []).map(({ metadata }) => metadata.name));
    expect(load.acknowledged.length).toBeGreaterThan(10);
    expect(load.acknowledged.filter((name) => !there.has(name))).toEqual([]);

    // The way back is closed, and says so.
    const late = plane.start('scheduler', OLD);
    expect(await late.ended()).toBe(1);
    expect(late.output).toMatch(
      /version 0\.1\.0 reads feature level 1, and the log is at level 2, which never falls: run a version that reads level 2/,
    );
    await expect(plane.readAs(OLD)).rejects.toThrow(/needs feature level 2, and this program .* reads level 1/);
  }, 180_000);

  it('to all of today at once serves every kind of the recorded log, takes writes, and decides every round as it was decided', async () => {
    plane = await ControlPlane.on('v0.1/kinds.log.gz', OLD);
    const names: ServiceName[] = ['api-gateway', 'scheduler', 'mesh-controller', 'provisioner'];
    const [gateway] = await Promise.all(names.map((name) => plane.start(name).ready()));
    const { url } = gateway as Program;
    const before = await plane.readAs(OLD);
    for (const kind of [
      'clusters',
      'namespaces',
      'jobs',
      'deployments',
      'placementpolicies',
      'queues',
      'users',
      'roles',
    ]) {
      const { status, body } = await request(url, 'GET', `/apis/skyflow.io/v1/${kind}`);
      expect([kind, status, (body.items ?? []).length > 0]).toEqual([kind, 200, true]);
    }
    // The recorded quota of the namespace is kept.
    expect((await request(url, 'POST', JOBS, job('after-the-upgrade'))).body.message).toMatch(/failed quota: team/);
    expect((await request(url, 'POST', TEAM_JOBS, job('after-the-upgrade'))).status).toBe(201);
    expect(await plane.skyctl(url, 'replay', 'verify')).toMatch(/all are the same/);
    expect((await plane.readAs(OLD)).length).toBeGreaterThan(before.length);
  }, 120_000);
});
