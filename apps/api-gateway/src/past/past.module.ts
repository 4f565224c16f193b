import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { StoreOptions } from '../gateway-options.js';
import { provide } from '../provide.js';
import { FoldedLog } from '../store/folded-log.js';
import { LogStoreParts } from '../store/log-store.js';
import { StoreModule } from '../store/store.module.js';
import { Past } from './past-reads.js';
import { PastStates } from './past-states.js';

@Module({
  imports: [ResourcesModule, StoreModule],
  providers: [
    provide(
      PastStates,
      [StoreOptions, FoldedLog],
      ({ log, snapshots, warn }, { stopping }) =>
        new PastStates({ log, warn, stopping, ...(snapshots === undefined ? {} : { snapshots }) }),
    ),
    provide(
      Past,
      [StoreOptions, PastStates, ServedResources, LogStoreParts],
      ({ log }, states, served, parts) =>
        new Past({
          ...{ log, states },
          upToDate: () => parts.model.upToDate(),
          storeOf: (definition, then) => served.pastOf(definition, then, parts),
        }),
    ),
  ],
  exports: [PastStates, Past],
})
export class PastModule {}
