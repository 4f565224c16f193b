/** What the provisioner measures: how many clusters are in which phase, and how long they take there. */
import type { ProvisioningState } from '@skyflow/domain';
import type { Projection } from '@skyflow/event-log';
import type { Metrics } from '@skyflow/service';

const PHASES = ['Requested', 'Building', 'Active', 'Operating', 'RollingBack', 'Removing', 'Failed'] as const;
const SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200];

/** @param isActive whether this instance decides: it alone tells of times, so that a sum over all counts each once */
export function provisioningMetrics(
  metrics: Metrics,
  projection: Projection<ProvisioningState>,
  isActive: () => boolean,
): void {
  metrics.observe({
    name: 'skyflow_provisioning_clusters',
    description: 'Clusters that the provisioner looks after, by phase.',
    type: 'gauge',
    read: () => {
      const counts = new Map<string, number>(PHASES.map((phase) => [phase, 0]));
      for (const { phase } of projection.state.clusters.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
      return [...counts].map(([phase, count]) => [{ phase }, count] as const);
    },
  });
  const seconds = metrics.histogram('skyflow_provisioning_phase_seconds', {
    description: 'Time of a cluster in a phase that it has left.',
    bounds: SECONDS,
  });
  const entered = new Map<string, { phase: string; atMs: number }>();
  projection.onBatch((commits) => {
    const atMs = commits.at(-1)?.storedAt ?? Date.now();
    for (const [uid, { phase }] of projection.state.clusters) {
      const before = entered.get(uid);
      if (before?.phase === phase) continue;
      entered.set(uid, { phase, atMs });
      if (before !== undefined && projection.caughtUp && isActive()) {
        seconds.record((atMs - before.atMs) / 1_000, { phase: before.phase });
      }
    }
    for (const uid of entered.keys()) if (!projection.state.clusters.has(uid)) entered.delete(uid);
  });
}
