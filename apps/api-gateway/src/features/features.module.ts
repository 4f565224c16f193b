/** Feature levels: raises that of the log, and refuses what is part of a feature that is off. */
import { Module, type OnModuleDestroy } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { provide } from '../provide.js';
import { FoldedLog } from '../store/folded-log.js';
import { ReadModel } from '../store/read-model.js';
import { StoreModule } from '../store/store.module.js';
import { expectedAgents } from './expected-agents.js';
import { featureGuard } from './feature-guard.js';
import { LevelKeeper } from './level-keeper.js';

@Module({
  imports: [ResourcesModule, StoreModule],
  providers: [
    provide(
      LevelKeeper,
      [GatewayOptions, ReadModel],
      ({ log, writer, settleMs, heartbeats, logger, warn }, model) =>
        new LevelKeeper({
          ...{ log, writer, settleMs, warn },
          heard: () => heartbeats.announced(settleMs),
          listeningSinceMs: () => heartbeats.heardSinceMs,
          expected: () => expectedAgents(model),
          onRaised: (raised) => logger.info({ featureLevel: raised }, 'the feature level was raised'),
        }),
    ),
  ],
  exports: [LevelKeeper],
})
export class FeaturesModule implements OnModuleDestroy {
  constructor(
    fold: FoldedLog,
    served: ServedResources,
    private readonly level: LevelKeeper,
  ) {
    served.admission.push(featureGuard(() => level.report()));
    fold.onStart(() => level.start());
  }

  onModuleDestroy(): void {
    this.level.stop();
  }
}
