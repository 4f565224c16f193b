import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conditionOf } from '../model/object-facts.js';
import { isReady } from '../model/pod-facts.js';
import type { Deployment } from '../model/workloads.js';
import { ready, Simulation } from '../testing/simulation.js';
import { reconcileDeployment } from './deployment.js';
import { reconcileReplicaSet } from './replicaset.js';
import { rolloutBounds } from './rollout.js';

const labels = { app: 'web' };

const deployment = (replicas: number, strategy: Deployment['spec']['strategy'] = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    strategy,
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
  },
});

/** A deployment with its replica sets and the pods' kubelet, driven step by step. */
class Rollout {
  readonly simulation = new Simulation();

  constructor(start: Deployment) {
    this.simulation.add(start);
  }

  get deployment(): Deployment {
    return this.simulation.state.get('Deployment', 'default', 'web')!;
  }

  change(spec: Partial<Deployment['spec']>): void {
    const { metadata } = this.deployment;
    const generation = (metadata.generation ?? 0) + 1;
    this.simulation.put({
      ...this.deployment,
      metadata: { ...metadata, generation },
      spec: { ...this.deployment.spec, ...spec },
    });
  }

  changeImage(image: string): void {
    this.change({ template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } } });
  }

  /** One pass of both controllers. `after` sees the state after each write. */
  pass(after: () => void = () => undefined): void {
    const { simulation } = this;
    simulation.nowMs += 1000;
    simulation.apply(reconcileDeployment(simulation.view, 'default', 'web', simulation.nowMs).writes, after);
    for (const { metadata } of simulation.state.list('ReplicaSet')) {
      simulation.apply(reconcileReplicaSet(simulation.view, 'default', metadata.name, simulation.nowMs).writes, after);
    }
  }

  makeReady(count = Infinity): void {
    const waiting = this.simulation.pods().filter((pod) => !isReady(pod));
    for (const pod of waiting.slice(0, count)) this.simulation.setPod(pod, ready(this.simulation.nowMs));
  }

  settle(): void {
    for (let passes = 0; passes < 60; passes++) {
      this.makeReady();
      this.pass();
    }
  }
}

describe('a deployment', () => {
  it('never exceeds maxSurge or goes below what maxUnavailable allows, however slowly pods become ready', () => {
    const bound = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('0%', '25%', '50%', '100%'));
    const property = fc.property(
      fc.integer({ min: 1, max: 8 }),
      bound,
      bound,
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 40 }),
      (replicas, maxSurge, maxUnavailable, readiness) => {
        const rollout = new Rollout(deployment(replicas, { rollingUpdate: { maxSurge, maxUnavailable } }));
        rollout.settle();
        const bounds = rolloutBounds({ maxSurge, maxUnavailable }, replicas);
        rollout.changeImage('web:2');
        for (const count of readiness) {
          rollout.makeReady(count);
          rollout.pass(() => {
            const pods = rollout.simulation.pods();
            expect(pods.length).toBeLessThanOrEqual(replicas + bounds.maxSurge);
            expect(pods.filter(isReady).length).toBeGreaterThanOrEqual(replicas - bounds.maxUnavailable);
          });
        }
        rollout.settle();
        const images = rollout.simulation.pods().map(({ spec }) => spec.containers[0]?.image);
        expect(images).toEqual(Array<string>(replicas).fill('web:2'));
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('keeps the number of pods asked for when it is scaled in the middle of a rollout', () => {
    const rollout = new Rollout(deployment(4));
    rollout.settle();
    rollout.changeImage('web:2');
    rollout.pass();
    rollout.change({ replicas: 10 });
    rollout.settle();
    expect(rollout.simulation.pods()).toHaveLength(10);
    expect(rollout.deployment.status).toMatchObject({ replicas: 10, updatedReplicas: 10, availableReplicas: 10 });
  });

  it('starts nothing new while it is paused, and goes on afterwards', () => {
    const rollout = new Rollout(deployment(2));
    rollout.settle();
    rollout.change({ paused: true });
    rollout.changeImage('web:2');
    rollout.settle();
    expect(rollout.simulation.state.list('ReplicaSet')).toHaveLength(1);
    expect(conditionOf(rollout.deployment.status?.conditions, 'Progressing')?.reason).toBe('DeploymentPaused');
    rollout.change({ paused: false });
    rollout.settle();
    expect(rollout.simulation.pods().map(({ spec }) => spec.containers[0]?.image)).toEqual(['web:2', 'web:2']);
  });

  it('replaces all pods at once with Recreate: no old pod lives beside a new one', () => {
    const rollout = new Rollout(deployment(3, { type: 'Recreate' }));
    rollout.settle();
    rollout.changeImage('web:2');
    for (let passes = 0; passes < 20; passes++) {
      rollout.makeReady();
      rollout.pass(() => {
        const images = new Set(rollout.simulation.pods().map(({ spec }) => spec.containers[0]?.image));
        expect(images.size).toBeLessThanOrEqual(1);
      });
    }
    expect(rollout.simulation.pods().map(({ spec }) => spec.containers[0]?.image)).toEqual(['web:2', 'web:2', 'web:2']);
  });

  it('goes back to an old template by using its replica set again, as a new revision', () => {
    const rollout = new Rollout(deployment(1));
    rollout.settle();
    rollout.changeImage('web:2');
    rollout.settle();
    rollout.changeImage('web:1');
    rollout.settle();
    const revisions = rollout.simulation.state
      .list('ReplicaSet')
      .map(({ metadata, spec }) => [metadata.annotations?.['deployment.kubernetes.io/revision'], spec.replicas]);
    expect(revisions).toEqual([
      ['3', 1],
      ['2', 0],
    ]);
  });

  it('keeps as much history as it is told to', () => {
    const start = deployment(1);
    const rollout = new Rollout({ ...start, spec: { ...start.spec, revisionHistoryLimit: 2 } });
    for (let version = 1; version <= 6; version++) {
      rollout.changeImage(`web:${version}`);
      rollout.settle();
    }
    expect(rollout.simulation.state.list('ReplicaSet')).toHaveLength(3);
  });

  it('says that it has timed out when nothing becomes ready within the progress deadline', () => {
    const start = deployment(1);
    const rollout = new Rollout({ ...start, spec: { ...start.spec, progressDeadlineSeconds: 30 } });
    for (let passes = 0; passes < 40; passes++) rollout.pass();
    const progressing = conditionOf(rollout.deployment.status?.conditions, 'Progressing');
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });
});
