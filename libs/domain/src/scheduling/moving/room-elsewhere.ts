/**
 * Whether what must leave a cluster finds room on others: asked before anything is evicted, so that nothing is stopped, or killed when its
 * cluster comes back, for a place that does not exist. Reserves what it promises. The pipeline then decides where exactly.
 */
import { bringUpToDate, viewOf, type ShapeView } from '../pipeline/shape-view.js';
import { type RoundTable, reserve, roundTable } from '../round-table.js';
import type { Shape } from '../shape.js';
import type { SchedulingState, WorkloadRecord } from '../state.js';
import { shareOn } from '../state.js';

export class RoomElsewhere {
  private readonly table: RoundTable;
  private readonly views = new Map<Shape, ShapeView>();
  private readonly pods: number;

  constructor(state: SchedulingState) {
    this.table = roundTable(state);
    this.pods = state.columns.byName.get('pods') ?? 0;
  }

  /** Takes room for up to `replicas` of a workload on clusters other than `from`; all or none if `whole`. Returns how many. */
  take(workload: WorkloadRecord, from: string, replicas: number, whole: boolean): number {
    const { shape } = workload;
    const usable = this.view(shape).candidates.filter(
      ({ fits, cluster: { record } }) =>
        fits > 0 && record.name !== from && shareOn(workload, record.name)?.finished !== true,
    );
    const sum = usable.reduce((total, { fits }) => total + fits, 0);
    if (whole && sum < replicas) return 0;
    let left = Math.min(replicas, sum);
    const taken = left;
    for (const { cluster, fits } of usable) {
      if (left === 0) break;
      const here = Math.min(left, fits);
      reserve(this.table, cluster, shape, here);
      left -= here;
    }
    return taken;
  }

  /** Takes room for up to `replicas` on one cluster. Returns how many. */
  takeOn({ shape }: WorkloadRecord, name: string, replicas: number): number {
    const candidate = this.view(shape).candidates.find(({ cluster }) => cluster.record.name === name);
    const taken = Math.min(replicas, candidate?.fits ?? 0);
    if (candidate !== undefined && taken > 0) reserve(this.table, candidate.cluster, shape, taken);
    return taken;
  }

  /** Clusters that a workload may use and that have room for it, without `from`; sorted by name. */
  placesFor({ shape }: WorkloadRecord, from: string): string[] {
    return this.view(shape).candidates.flatMap(({ fits, cluster: { record } }) =>
      fits > 0 && record.name !== from ? [record.name] : [],
    );
  }

  private view(shape: Shape): ShapeView {
    let view = this.views.get(shape);
    if (view === undefined) {
      view = viewOf(shape, this.table, this.pods);
      this.views.set(shape, view);
    }
    bringUpToDate(view, this.table, this.pods);
    return view;
  }
}
