/** What the scheduler counts. */
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { clusterHealthStates } from '@skyflow/contracts';
import type { SchedulingState } from '@skyflow/domain';

export interface SchedulerMetrics {
  decisions: Counter;
  work: Counter;
  roundMs: Histogram;
}

export const schedulerMetrics = (meter: Meter): SchedulerMetrics => ({
  decisions: meter.createCounter('skyflow_scheduler_decisions_total', {
    description: 'Entries appended to the decision subject, by type.',
  }),
  work: meter.createCounter('skyflow_scheduler_work_entries_total', {
    description: 'Entries appended to the work subjects of clusters, by type.',
  }),
  roundMs: meter.createHistogram('skyflow_scheduler_round_milliseconds', {
    description: 'Time to decide one round, without appending it.',
    advice: { explicitBucketBoundaries: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000] },
  }),
});

/** Gauges over the folded state. Labels have few values: no names of clusters. */
export function observeState(meter: Meter, state: () => SchedulingState): void {
  meter
    .createObservableGauge('skyflow_scheduler_clusters', { description: 'Member clusters, by health.' })
    .addCallback((result) => {
      const counts = new Map<string, number>(clusterHealthStates.map((health) => [health, 0]));
      for (const { health } of state().clusters.values()) counts.set(health.state, (counts.get(health.state) ?? 0) + 1);
      for (const [health, count] of counts) result.observe(count, { health });
    });
  const gauge = (name: string, description: string, read: (of: SchedulingState) => number): void => {
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read(state())));
  };
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
}
