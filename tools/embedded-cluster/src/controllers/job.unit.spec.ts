import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conditionOf } from '../model/object-facts.js';
import { isActive } from '../model/pod-facts.js';
import type { Job } from '../model/workloads.js';
import { ended, ready, Simulation } from '../testing/simulation.js';
import { reconcileJob } from './job.js';

const BACKOFF = { baseMs: 10_000, maxMs: 360_000 };

const job = (spec: Partial<Job['spec']>): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'sums', namespace: 'default' },
  spec: {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    template: { metadata: {}, spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] } },
    ...spec,
  },
});

class Run {
  readonly simulation = new Simulation();

  constructor(spec: Partial<Job['spec']>) {
    this.simulation.add(job(spec));
  }

  get job(): Job {
    return this.simulation.state.get('Job', 'default', 'sums')!;
  }

  get active() {
    return this.simulation.pods().filter(isActive);
  }

  pass(afterMs = 1000): void {
    this.simulation.nowMs += afterMs;
    const { writes } = reconcileJob(this.simulation.view, 'default', 'sums', this.simulation.nowMs, BACKOFF);
    this.simulation.apply(writes);
  }

  end(phase: 'Succeeded' | 'Failed', exitCode = phase === 'Succeeded' ? 0 : 1): void {
    const [pod] = this.active;
    if (pod !== undefined) this.simulation.setPod(pod, ended(phase, exitCode, this.simulation.nowMs));
  }

  settle(): void {
    for (let passes = 0; passes < 5; passes++) this.pass();
  }

  condition(type: string) {
    return conditionOf(this.job.status?.conditions, type);
  }

  change(spec: Partial<Job['spec']>): void {
    this.simulation.put({ ...this.job, spec: { ...this.job.spec, ...spec } });
  }
}

describe('a job', () => {
  it('never runs more pods than its parallelism, and never more than it still needs', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      fc.array(fc.constantFrom('Succeeded', 'Failed', 'nothing'), { minLength: 5, maxLength: 60 }),
      (parallelism, completions, indexed, ends) => {
        const run = new Run({
          parallelism,
          completions,
          backoffLimit: 1000,
          completionMode: indexed ? 'Indexed' : 'NonIndexed',
        });
        for (const end of ends) {
          run.pass(400_000);
          const succeeded = run.job.status?.succeeded ?? 0;
          expect(run.active.length).toBeLessThanOrEqual(Math.min(parallelism, completions - succeeded));
          expect(succeeded).toBeLessThanOrEqual(completions);
          if (end !== 'nothing') run.end(end);
        }
        for (let left = completions + 2; left > 0; left--) {
          run.pass(400_000);
          for (let at = 0; at < parallelism; at++) run.end('Succeeded');
        }
        run.pass();
        expect(run.condition('Complete')?.status).toBe('True');
        expect(run.job.status?.succeeded).toBe(completions);
      },
    );
    fc.assert(property, { numRuns: 80 });
  });

  it('counts every pod exactly once, whatever happens to it afterwards', () => {
    const run = new Run({ completions: 3, parallelism: 1 });
    for (let at = 0; at < 3; at++) {
      run.pass();
      run.end('Succeeded');
      run.pass();
      // Someone cleans up.
      for (const pod of run.simulation.pods().filter((each) => !isActive(each))) {
        run.simulation.apply([
          { op: 'delete', target: { kind: 'Pod', namespace: 'default', name: pod.metadata.name, uid: '' } },
        ]);
      }
    }
    expect(run.job.status).toMatchObject({ succeeded: 3 });
    expect(run.condition('Complete')?.reason).toBe('CompletionsReached');
  });

  it('fails after more failures than its back-off limit, and only when no pod runs any more', () => {
    const run = new Run({ backoffLimit: 1, parallelism: 2, completions: 4 });
    run.pass();
    run.end('Failed');
    run.pass(60_000);
    run.end('Failed');
    run.pass(60_000);
    expect(run.condition('FailureTarget')?.reason).toBe('BackoffLimitExceeded');
    expect(run.condition('Failed')).toBeUndefined();
    run.settle();
    expect(run.condition('Failed')?.reason).toBe('BackoffLimitExceeded');
    expect(run.active).toHaveLength(0);
  });

  it('waits longer with every failure before it tries again', () => {
    const run = new Run({});
    const starts: number[] = [];
    run.pass();
    for (let failures = 0; failures < 3; failures++) {
      run.end('Failed');
      const failedAt = run.simulation.nowMs;
      while (run.active.length === 0) run.pass(1000);
      starts.push(run.simulation.nowMs - failedAt);
    }
    expect(starts).toEqual([10_000, 20_000, 40_000]);
  });

  it('fails when its deadline is over', () => {
    const run = new Run({ activeDeadlineSeconds: 30 });
    run.pass();
    run.pass(29_000);
    expect(run.condition('Failed')).toBeUndefined();
    run.pass(2000);
    run.settle();
    expect(run.condition('Failed')?.reason).toBe('DeadlineExceeded');
  });

  it('stops its pods when suspended and starts them again when resumed', () => {
    const run = new Run({ parallelism: 2, completions: 2, backoffLimit: 0 });
    run.pass();
    run.change({ suspend: true });
    run.settle();
    expect(run.active).toHaveLength(0);
    expect(run.job.status?.failed).toBeUndefined();
    expect(run.condition('Suspended')?.status).toBe('True');
    run.change({ suspend: false });
    run.pass(60_000);
    expect(run.active).toHaveLength(2);
    expect(run.condition('Suspended')).toMatchObject({ status: 'False', reason: 'JobResumed' });
  });

  it('gives every index to one pod and says which are done', () => {
    const run = new Run({ completionMode: 'Indexed', parallelism: 4, completions: 4 });
    run.pass();
    const names = run.active.map(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-completion-index']);
    expect(names).toEqual(['0', '1', '2', '3']);
    run.end('Succeeded');
    run.end('Succeeded');
    run.end('Succeeded');
    run.pass();
    expect(run.job.status?.completedIndexes).toBe('0-2');
  });

  it('as a work queue is complete when one pod has succeeded and all have ended', () => {
    const run = new Run({ parallelism: 2 });
    const { completions: _completions, ...spec } = run.job.spec;
    run.simulation.put({ ...run.job, spec });
    run.pass();
    run.end('Succeeded');
    run.pass();
    expect(run.condition('Complete')).toBeUndefined();
    expect(run.active).toHaveLength(1);
    run.end('Succeeded');
    run.pass();
    expect(run.condition('Complete')?.status).toBe('True');
  });

  it('ends at once for an exit code that its pod failure policy says is final', () => {
    const rules = [{ action: 'FailJob' as const, onExitCodes: { operator: 'In' as const, values: [42] } }];
    const run = new Run({ podFailurePolicy: { rules } });
    run.pass();
    run.end('Failed', 42);
    run.pass();
    run.pass();
    expect(run.condition('Failed')?.reason).toBe('PodFailurePolicy');
  });

  it('shows how many pods run and are ready', () => {
    const run = new Run({ parallelism: 2, completions: 2 });
    run.pass();
    const [pod] = run.active;
    run.simulation.setPod(pod!, ready(run.simulation.nowMs));
    run.pass();
    expect(run.job.status).toMatchObject({ active: 2, ready: 1 });
  });
});
