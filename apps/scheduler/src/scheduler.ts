/** The scheduler as a service: a standby that folds the log until it gets the lease, then the one that decides. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { SchedulingState } from '@skyflow/domain';
import { SERVICE_CONTEXT, type DeciderParts, type ServiceContext, startDecider } from '@skyflow/service';
import { ActiveScheduler } from './active/active-scheduler.js';
import { schedulingFold } from './fold/scheduling-fold.js';
import { HeartbeatListener } from './heartbeats/heartbeat-listener.js';
import { QuestionServer } from './questions/question-server.js';
import { questions } from './questions/questions.js';
import { observeStages, observeState, schedulerMetrics } from './scheduler.metrics.js';

@Injectable()
export class Scheduler implements OnModuleInit {
  constructor(@Inject(SERVICE_CONTEXT) private readonly context: ServiceContext) {}

  async onModuleInit(): Promise<void> {
    const { context } = this;
    const parts = await startDecider({ context, role: 'scheduler', fold: schedulingFold, sharesEntries: true });
    const metrics = schedulerMetrics(context.metrics);
    observeState(context.metrics, () => parts.projection.state);
    observeStages(context.metrics, parts.projection, () => parts.isActive());
    this.describe(parts);
    void parts.runWhileActive(async (lease, signal) => {
      const heartbeats = new HeartbeatListener(context.nats, context.logger);
      const asked = new QuestionServer(context.nats, parts.projection, context.logger, questions);
      const active = new ActiveScheduler({ ...parts, heartbeats, metrics, context, epoch: lease.epoch });
      try {
        await active.run(signal);
      } finally {
        asked.close();
        heartbeats.close();
      }
    });
  }

  private describe({ projection }: DeciderParts<SchedulingState>): void {
    const { health } = this.context;
    health.tell('epoch', () => projection.state.epoch);
    health.tell('workloads', () => projection.state.workloads.size);
    health.tell('undecided', () => projection.state.undecided.size);
    health.tell('unissued', () => projection.state.unissued.size);
  }
}
