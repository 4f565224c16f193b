/** For tests: a workload on clusters of two regions, its edits, and what agents report of it. */
import { type EntryData, type RolloutStrategy, type StoredObject, workSubject } from '@skyflow/contracts';
import { History, node, workload } from '../../../testing/history.js';

const REGIONS: Record<string, string> = { a: 'eu', b: 'eu', c: 'us', d: 'us' };

/** One replica on each of up to four clusters; agents report when they are told to. */
export class Fleet {
  readonly history = new History();
  private generation = 1;
  readonly names: string[];

  constructor(
    readonly rollout: RolloutStrategy | undefined,
    size = 4,
  ) {
    this.history.startEpoch();
    this.names = Object.keys(REGIONS).slice(0, size);
    for (const name of this.names) {
      this.history.cluster(name, [node(`${name}-1`, { cpu: 8_000 })], {
        'topology.kubernetes.io/region': REGIONS[name] ?? '',
      });
    }
    this.history.create(this.web('v1'));
    this.step();
    this.allReady();
  }

  web(image: string, rollout = this.rollout, replicas = this.names.length): StoredObject {
    return workload('web', {
      ...{ replicas, generation: this.generation, requests: { cpu: '1' } },
      podSpec: { containers: [{ name: 'main', image, resources: { requests: { cpu: '1' } } }] },
      ...(rollout !== undefined && { placement: { rollout } }),
    });
  }

  edit(image: string, rollout = this.rollout, replicas = this.names.length): void {
    this.generation++;
    this.history.update(this.web(image, rollout, replicas));
    this.step();
  }

  step(seconds = 0): void {
    this.history.nowMs += seconds * 1000;
    this.history.schedule();
  }

  /** Image and generation that each cluster was last told. */
  images(): Record<string, string> {
    const told = this.names.map((name) => {
      const work = this.history.entriesOf('WorkAssigned', workSubject(name)).at(-1);
      const { template } = work?.object.spec as { template: { spec: { containers: { image: string }[] } } };
      return [name, template.spec.containers[0]?.image ?? ''] as const;
    });
    return Object.fromEntries(told);
  }

  /** The agent of a cluster reports what it was told as ready, or as failed, and how many replicas there still are of before. */
  report(name: string, phase: 'RUNNING' | 'FAILED' = 'RUNNING', outdated?: number): void {
    const work = this.history.entriesOf('WorkAssigned', workSubject(name)).at(-1);
    const seen = { ...this.web('any') };
    seen.metadata = { ...seen.metadata, generation: work?.generation ?? 1 };
    this.history.report(name, seen, phase, phase === 'RUNNING' ? (work?.replicas ?? 0) : 0, outdated);
    this.step();
  }

  allReady(): void {
    for (const name of this.names) this.report(name);
  }

  last(): EntryData<'RolloutAdvanced'> | undefined {
    return this.history.entriesOf('RolloutAdvanced').at(-1);
  }
}
