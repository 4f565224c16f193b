/** Status and metrics of the gateway, and of the services and agents that it receives heartbeats of. */
import { Module, type OnModuleDestroy } from '@nestjs/common';
import { logMetrics } from '@skyflow/service';
import { FeaturesModule } from '../features/features.module.js';
import { GatewayOptions } from '../gateway-options.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { agentMetrics, foldMetrics } from './gateway-metrics.js';
import { historyMetrics } from './history-metrics.js';
import { StatusController } from './status.controller.js';

@Module({ imports: [StoreModule, FeaturesModule], controllers: [StatusController] })
export class HealthModule implements OnModuleDestroy {
  readonly onModuleDestroy: () => void;

  constructor(fold: FoldedLog, { log, heartbeats, metrics, health, fail }: GatewayOptions) {
    const { projection } = fold;
    foldMetrics(metrics, fold.model);
    logMetrics(metrics, projection);
    agentMetrics(metrics, heartbeats, (subject) => projection.subjectHead(subject));
    this.onModuleDestroy = historyMetrics(metrics, () => log.age());
    health.check('fold', () =>
      projection.caughtUp ? undefined : `folding the log, at sequence ${String(projection.seq)}`,
    );
    projection.done.catch((error: unknown) => fail('fold ended', error));
  }
}
