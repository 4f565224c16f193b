import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import type { CronJob, DaemonSet, StatefulSet } from '../model/steady-workloads.js';
import { ended, node, ready, Simulation } from '../testing/simulation.js';
import { reconcileCronJob } from './cronjob.js';
import { reconcileDaemonSet } from './daemonset.js';
import type { Outcome } from './reconcile.js';
import { reconcileStatefulSet } from './statefulset.js';

const metadata = { name: 'web', namespace: 'default' };
const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});
const selector = { matchLabels: { app: 'web' } };

type Reconcile = (view: Simulation['view'], namespace: string, name: string, nowMs: number) => Outcome;

/** One pass of the controller; pods that it has made become ready when `serve` says so. */
class Steps {
  readonly simulation = new Simulation();
  /** Pods there at any time, by name and image, at each pass. */
  readonly history: string[][] = [];

  constructor(private readonly reconcile: Reconcile) {}

  pass(serve = true): void {
    this.simulation.apply(this.reconcile(this.simulation.view, 'default', 'web', this.simulation.nowMs).writes);
    if (serve) for (const pod of this.simulation.pods()) this.simulation.setPod(pod, ready(this.simulation.nowMs));
    this.history.push(this.names());
  }

  passes(count: number): void {
    for (let at = 0; at < count; at += 1) this.pass();
  }

  change(kind: string, spec: object): void {
    const live: KubeObject = this.simulation.state.get(kind, 'default', 'web')!;
    const next = { ...live, metadata: { ...live.metadata, generation: (live.metadata.generation ?? 1) + 1 } };
    this.simulation.put({ ...next, spec: { ...(live['spec'] as object), ...spec } });
  }

  names(): string[] {
    return this.simulation
      .pods()
      .map(({ metadata: { name }, spec }) => `${name} ${spec.containers[0]?.image}`)
      .sort();
  }
}

describe('a stateful set', () => {
  const start = (spec: Partial<StatefulSet['spec']> = {}): Steps => {
    const steps = new Steps(reconcileStatefulSet);
    steps.simulation.add({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata,
      spec: { replicas: 3, selector, template: template('x:1'), ...spec },
    });
    return steps;
  };
  const status = ({ simulation }: Steps): StatefulSet['status'] =>
    simulation.state.get('StatefulSet', 'default', 'web')?.status;

  it('makes its pods one after the other, each when those before it serve', () => {
    const steps = start();
    steps.pass(false);
    steps.pass(false);
    expect(steps.names()).toEqual(['web-0 x:1']);
    steps.passes(3);
    expect(steps.names()).toEqual(['web-0 x:1', 'web-1 x:1', 'web-2 x:1']);
    steps.pass();
    expect(status(steps)).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 3 });
  });

  it('makes them at once where they are managed in parallel', () => {
    const steps = start({ podManagementPolicy: 'Parallel' });
    steps.pass(false);
    expect(steps.names()).toHaveLength(3);
  });

  it('replaces them from the end, never two at a time, down to the partition', () => {
    const steps = start({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });
    steps.passes(5);
    steps.history.length = 0;
    steps.change('StatefulSet', { template: template('x:2') });
    steps.passes(8);
    expect(steps.names()).toEqual(['web-0 x:1', 'web-1 x:2', 'web-2 x:2']);
    expect(Math.min(...steps.history.map((names) => names.length))).toBe(2);
    expect(status(steps)?.currentRevision).not.toBe(status(steps)?.updateRevision);
  });

  it('makes a pod of the partition again as it was', () => {
    const steps = start({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } });
    steps.passes(5);
    steps.change('StatefulSet', { template: template('x:2') });
    const [first] = steps.simulation.pods();
    steps.simulation.setPod(first!, ended('Failed', 1, steps.simulation.nowMs));
    steps.simulation.state.remove(first!);
    steps.passes(3);
    expect(steps.names()).toEqual(['web-0 x:1', 'web-1 x:1', 'web-2 x:1']);
  });

  it('gives each pod its claim, and leaves claims when pods go', () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: {} };
    const steps = start({ replicas: 2, volumeClaimTemplates: [claim] });
    steps.passes(4);
    steps.change('StatefulSet', { replicas: 1 });
    steps.passes(3);
    expect(steps.names()).toEqual(['web-0 x:1']);
    expect(steps.simulation.state.list('PersistentVolumeClaim').map(({ metadata: { name } }) => name)).toEqual([
      'data-web-0',
      'data-web-1',
    ]);
  });
});

describe('a daemon set', () => {
  const start = (spec: Partial<DaemonSet['spec']> = {}): Steps => {
    const steps = new Steps(reconcileDaemonSet);
    steps.simulation.add({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: { selector, template: template('x:1'), ...spec },
    });
    for (const name of ['a', 'b', 'c']) steps.simulation.add(node(name, { cpu: '0' }));
    return steps;
  };
  const status = ({ simulation }: Steps): DaemonSet['status'] =>
    simulation.state.get('DaemonSet', 'default', 'web')?.status;

  it('has one pod for each node, full or not', () => {
    const steps = start();
    steps.passes(3);
    expect(steps.names()).toHaveLength(3);
    expect(status(steps)).toMatchObject({ desiredNumberScheduled: 3, numberAvailable: 3, numberMisscheduled: 0 });
  });

  it('is not where a taint or a selector keeps it away, and leaves where one comes to', () => {
    const steps = start();
    steps.passes(2);
    const live = steps.simulation.state.get('Node', undefined, 'b')!;
    steps.simulation.put({ ...live, spec: { taints: [{ key: 'only', effect: 'NoSchedule' }] } });
    steps.passes(2);
    expect(status(steps)).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2 });
  });

  it('replaces as many at a time as may be missing', () => {
    const steps = start({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } });
    steps.passes(3);
    steps.history.length = 0;
    steps.change('DaemonSet', { template: template('x:2') });
    steps.passes(9);
    expect(steps.names().every((name) => name.endsWith('x:2'))).toBe(true);
    expect(Math.min(...steps.history.map((names) => names.length))).toBe(2);
  });
});

describe('a cron job', () => {
  const start = (spec: Partial<CronJob['spec']> = {}): Steps => {
    const steps = new Steps(reconcileCronJob);
    const jobTemplate = { spec: { template: template('x:1') } };
    steps.simulation.add({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { schedule: '*/5 * * * *', jobTemplate, ...spec },
    });
    return steps;
  };
  const later = (steps: Steps, minutes: number): void => {
    steps.simulation.nowMs += minutes * 60_000;
    steps.pass();
  };
  const jobs = ({ simulation }: Steps): string[] => simulation.state.list('Job').map(({ metadata: { name } }) => name);

  it('starts a job at each time, once', () => {
    const steps = start();
    later(steps, 4);
    expect(jobs(steps)).toEqual([]);
    later(steps, 1);
    steps.pass();
    expect(jobs(steps)).toEqual([`web-${Date.parse('2026-01-01T00:05:00Z') / 60_000}`]);
    later(steps, 5);
    expect(jobs(steps)).toHaveLength(2);
  });

  it('starts only the latest of what was missed, and nothing after its deadline', () => {
    const missed = start();
    later(missed, 61);
    expect(jobs(missed)).toHaveLength(1);
    const late = start({ startingDeadlineSeconds: 30 });
    later(late, 6);
    expect(jobs(late)).toEqual([]);
  });

  it.each([
    ['Forbid', 1],
    ['Replace', 1],
    ['Allow', 2],
  ] as const)('with concurrency policy %s has %d jobs while the first still runs', (concurrencyPolicy, count) => {
    const steps = start({ concurrencyPolicy });
    later(steps, 5);
    later(steps, 5);
    expect(jobs(steps)).toHaveLength(count);
  });

  it('does nothing while it is suspended', () => {
    const steps = start({ suspend: true });
    later(steps, 60);
    expect(jobs(steps)).toEqual([]);
  });
});
