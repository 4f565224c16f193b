/** Anything may be done in any order: when it is over, the cluster is exactly what was asked for and nothing else is left. */
import { describe, expect, it } from '@jest/globals';
import { isStatus } from '@skyflow/apimachinery';
import fc from 'fast-check';
import { conditionOf, isDeleting } from './model/object-facts.js';
import { isActive, isReady } from './model/pod-facts.js';
import type { Deployment, Job } from './model/workloads.js';
import { ClusterFixture, until } from './testing/cluster-fixture.js';

const NAMES = ['a', 'b', 'c'];
const NAMESPACES = ['default', 'x'];

const place = fc.record({ name: fc.constantFrom(...NAMES), namespace: fc.constantFrom(...NAMESPACES) });
const policy = fc.constantFrom('Background' as const, 'Foreground' as const);
const step = fc.oneof(
  fc.record({ do: fc.constant('deploy' as const), at: place, replicas: fc.nat(6), image: fc.nat(3) }),
  fc.record({
    do: fc.constant('run' as const),
    at: place,
    completions: fc.integer({ min: 1, max: 4 }),
    fails: fc.boolean(),
  }),
  fc.record({ do: fc.constant('remove' as const), at: place, kind: fc.constantFrom('Deployment', 'Job'), policy }),
  fc.record({ do: fc.constant('killPod' as const), nth: fc.nat(20), graceSeconds: fc.constantFrom(0, 30) }),
  fc.record({ do: fc.constant('dropNamespace' as const) }),
  fc.record({ do: fc.constant('cordon' as const), unschedulable: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(30) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const template = (image: string, labels: Record<string, string>, more: object = {}) => ({
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image }], ...more },
});

class Chaos {
  readonly fixture = new ClusterFixture();

  async start(): Promise<void> {
    await this.fixture.start({
      nodes: [{ name: 'n0', cpu: '64', memory: '64Gi' }, { name: 'n1' }],
      virtual: { startDelayMs: 0, stopDelayMs: 0, jobRunMs: 20 },
      jobBackoff: { baseMs: 0, maxMs: 0 },
    });
    await this.#ensureNamespace('x');
  }

  async take(each: Step): Promise<void> {
    switch (each.do) {
      case 'deploy':
        return this.#deploy(each.at, each.replicas, `i:${each.image}`);
      case 'run':
        return this.#run(each.at, each.completions, each.fails);
      case 'remove':
        await this.#resource(each.kind).delete(each.at, { propagationPolicy: each.policy });
        return;
      case 'killPod': {
        const pods = this.fixture.cluster.state.list('Pod');
        const pod = pods[each.nth % Math.max(pods.length, 1)];
        if (pod !== undefined) {
          await this.#resource('Pod').delete(pod.metadata, { gracePeriodSeconds: each.graceSeconds });
        }
        return;
      }
      case 'dropNamespace':
        await this.#resource('Namespace').delete({ name: 'x' });
        return;
      case 'cordon': {
        const node = this.fixture.cluster.state.get('Node', undefined, 'n1')!;
        const { resourceVersion: _any, ...metadata } = node.metadata;
        await this.#resource('Node').update({
          ...node,
          metadata,
          spec: { ...node.spec, unschedulable: each.unschedulable },
        });
        return;
      }
      case 'wait':
        await new Promise((resolve) => setTimeout(resolve, each.ms));
    }
  }

  /** True when nothing is on its way any more. */
  settled(): boolean {
    const { state, idle } = this.fixture.cluster;
    const deployments = state.list('Deployment');
    return (
      idle &&
      [...deployments, ...state.list('Job'), ...state.list('Pod'), ...state.list('Namespace')].every(
        (each) => !isDeleting(each),
      ) &&
      deployments.every(
        ({ spec, status }) =>
          (status?.readyReplicas ?? 0) === spec.replicas && status?.replicas === (spec.replicas || undefined),
      ) &&
      state.list('Job').every(isOver)
    );
  }

  check(): void {
    const { state } = this.fixture.cluster;
    for (const deployment of state.list('Deployment')) this.#checkDeployment(deployment);
    const owned = new Set([...state.list('ReplicaSet'), ...state.list('Job')].map(({ metadata }) => metadata.uid));
    for (const pod of state.list('Pod')) expect(owned).toContain(pod.metadata.ownerReferences?.[0]?.uid);
    for (const { metadata } of state.list('ReplicaSet')) {
      expect(state.byUid(metadata.ownerReferences?.[0]?.uid ?? '')).toBeDefined();
    }
    const namespaces = new Set(state.list('Namespace').map(({ metadata }) => metadata.name));
    for (const kind of ['Pod', 'ReplicaSet', 'Deployment', 'Job', 'Event', 'ServiceAccount']) {
      for (const { metadata } of state.list(kind)) expect(namespaces).toContain(metadata.namespace);
    }
    expect(this.fixture.unexpected).toEqual([]);
  }

  #checkDeployment({ metadata, spec }: Deployment): void {
    const { state } = this.fixture.cluster;
    const pods = state
      .controlledBy('ReplicaSet', metadata.uid ?? '')
      .flatMap((set) => state.controlledBy('Pod', set.metadata.uid ?? ''));
    expect(pods.filter(isActive)).toHaveLength(spec.replicas ?? 1);
    expect(pods.every(isReady)).toBe(true);
    expect(pods.every((pod) => pod.spec.containers[0]?.image === spec.template.spec.containers[0]?.image)).toBe(true);
  }

  async #deploy(at: { name: string; namespace: string }, replicas: number, image: string): Promise<void> {
    const labels = { app: at.name };
    const spec = { replicas, selector: { matchLabels: labels }, template: template(image, labels) };
    const live = this.fixture.find('Deployment', at.name, at.namespace);
    if (live !== undefined && !isDeleting(live)) {
      const { resourceVersion: _any, ...metadata } = live.metadata;
      await this.#resource('Deployment').update({ ...live, metadata, spec });
    } else {
      await this.#ensureNamespace(at.namespace);
      await this.fixture.create({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: at, spec });
    }
  }

  async #run(at: { name: string; namespace: string }, completions: number, fails: boolean): Promise<void> {
    const annotations = { 'embedded.skyflow.io/exit-code': fails ? '1' : '0' };
    const body = template('i', {}, { restartPolicy: 'Never' });
    const spec = {
      completions,
      parallelism: 2,
      backoffLimit: 1,
      template: { ...body, metadata: { ...body.metadata, annotations } },
    };
    await this.#ensureNamespace(at.namespace);
    await this.fixture.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: at, spec });
  }

  async #ensureNamespace(name: string): Promise<void> {
    if (this.fixture.cluster.state.get('Namespace', undefined, name) !== undefined) return;
    await this.fixture.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  #resource(kind: string) {
    const definition = this.fixture.cluster.server.api.definitions.find((each) => each.kind === kind)!;
    return this.fixture.cluster.client('chaos').for(definition);
  }
}

const isOver = ({ status }: Job): boolean =>
  ['Complete', 'Failed'].some((type) => conditionOf(status?.conditions, type)?.status === 'True');

/** What an API server may well answer to someone who does not look where he goes. */
const isRefusal = (error: unknown): boolean =>
  (['NotFound', 'AlreadyExists', 'Conflict', 'Forbidden'] as const).some((reason) => isStatus(error, reason));

describe('a cluster in which anything happens', () => {
  it('comes to rest as it was asked to be', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const chaos = new Chaos();
      await chaos.start();
      try {
        for (const each of steps) {
          await chaos.take(each).catch((error: unknown) => {
            if (!isRefusal(error)) throw error;
          });
        }
        await chaos.take({ do: 'cordon', unschedulable: false });
        await until('rest', () => chaos.settled(), 8000);
        chaos.check();
      } finally {
        await chaos.fixture.stop();
      }
    });
    await fc.assert(property, { numRuns: 40, endOnFailure: true });
  }, 120_000);
});
