/** What the scheduler counts. Labels have few values: no names of clusters. */
import type { Counter } from '@opentelemetry/api';
import { clusterHealthStates } from '@skyflow/contracts';
import type { SchedulingState } from '@skyflow/domain';
import type { Projection } from '@skyflow/event-log';
import type { Metrics, Operation, TracedHistogram } from '@skyflow/service';
import { StageTimes } from './stages/stage-times.js';

export interface SchedulerMetrics {
  decisions: Counter;
  work: Counter;
  roundMs: TracedHistogram;
  operation: Operation;
}

const ROUND_MS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000];
const STAGE_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000, 300_000, 3_600_000];

export const schedulerMetrics = (metrics: Metrics): SchedulerMetrics => ({
  operation: metrics.operation,
  decisions: metrics.meter.createCounter('skyflow_scheduler_decisions_total', {
    description: 'Entries appended to the decision subject, by type.',
  }),
  work: metrics.meter.createCounter('skyflow_scheduler_work_entries_total', {
    description: 'Entries appended to the work subjects of clusters, by type.',
  }),
  roundMs: metrics.histogram('skyflow_scheduler_round_milliseconds', {
    description: 'Time to decide one round, without appending it.',
    bounds: ROUND_MS,
  }),
});

/** How long workloads take from stage to stage; told by the active instance alone, so that a sum over all counts each once. */
export function observeStages(
  metrics: Metrics,
  projection: Projection<SchedulingState>,
  isActive: () => boolean,
): void {
  const stageMs = metrics.histogram('skyflow_scheduling_stage_milliseconds', {
    description:
      'Time of a workload in a stage: decide (submitted until placed), issue (until its cluster is told), report (until its agent has told of it), run (issued until it runs).',
    bounds: STAGE_MS,
  });
  const times = new StageTimes();
  projection.onBatch((commits) => {
    if (!projection.caughtUp) return;
    for (const { subject, commit } of commits) {
      for (const entry of commit.entries) {
        for (const { stage, ms, trace } of times.take(entry, subject)) {
          if (isActive()) stageMs.record(ms, { stage }, trace ?? '');
        }
      }
    }
  });
}

/** Gauges over the folded state. */
export function observeState(metrics: Metrics, state: () => SchedulingState): void {
  const gauge = (name: string, description: string, read: (of: SchedulingState) => number): void =>
    metrics.observe({ name, description, type: 'gauge', read: () => read(state()) });
  metrics.observe({
    name: 'skyflow_scheduler_clusters',
    description: 'Member clusters, by health.',
    type: 'gauge',
    read: () => {
      const counts = new Map<string, number>(clusterHealthStates.map((health) => [health, 0]));
      for (const { health } of state().clusters.values()) counts.set(health.state, (counts.get(health.state) ?? 0) + 1);
      return [...counts].map(([health, count]) => [{ health }, count] as const);
    },
  });
  gauge('skyflow_scheduler_workloads', 'Workloads known.', ({ workloads }) => workloads.size);
  gauge(
    'skyflow_scheduler_undecided',
    'Workloads without a decision that covers what is true now.',
    (of) => of.undecided.size,
  );
  gauge(
    'skyflow_scheduler_unissued',
    'Workloads whose decisions sky.work does not carry yet.',
    (of) => of.unissued.size,
  );
  gauge('skyflow_scheduler_waiting', 'Workloads with replicas that wait for room.', ({ waiting }) =>
    [...waiting.values()].reduce((sum, { members }) => sum + members.size, 0),
  );
  metrics.observe({
    name: 'skyflow_scheduler_waiting_by_reason',
    description: 'Workloads with replicas that wait for room, by why.',
    type: 'gauge',
    read: () => {
      const counts = new Map<string, number>();
      for (const group of state().waiting.values()) {
        for (const [reason, count] of group.reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
      }
      return [...counts].map(([reason, count]) => [{ reason }, count] as const);
    },
  });
}
