/** What an active scheduler is made of. */
import type { Heartbeat } from '@skyflow/contracts';
import type { Heartbeats, SchedulingState } from '@skyflow/domain';
import type { DeciderParts, ServiceContext } from '@skyflow/service';
import type { SchedulerMetrics } from '../scheduler.metrics.js';

/** Where heartbeats are heard. */
export interface HeartbeatSource {
  readonly heartbeats: Heartbeats;
  /** Called with each heartbeat, after it is taken in. */
  onHeard: (heartbeat: Heartbeat) => void;
}

export interface ActiveOptions extends Pick<DeciderParts<SchedulingState>, 'log' | 'projection' | 'writer'> {
  heartbeats: HeartbeatSource;
  metrics: SchedulerMetrics;
  context: Pick<ServiceContext, 'name' | 'instance' | 'logger'>;
  /** Of the lease under which it decides. */
  epoch: number;
}
