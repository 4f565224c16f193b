/** What an active scheduler is made of. */
import type { SchedulingState } from '@skyflow/domain';
import type { DeciderParts, ServiceContext } from '@skyflow/service';
import type { HeartbeatListener } from '../heartbeats/heartbeat-listener.js';
import type { SchedulerMetrics } from '../scheduler.metrics.js';

export interface ActiveOptions extends Pick<DeciderParts<SchedulingState>, 'log' | 'projection' | 'writer'> {
  heartbeats: HeartbeatListener;
  metrics: SchedulerMetrics;
  context: Pick<ServiceContext, 'name' | 'instance' | 'logger'>;
  /** Of the lease under which it decides. */
  epoch: number;
}
