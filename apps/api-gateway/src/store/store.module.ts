import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { StoreOptions } from '../gateway-options.js';
import { provide } from '../provide.js';
import { CommandLog } from './command-log.js';
import { FoldedLog } from './folded-log.js';
import { GarbageCollector } from './garbage-collector.js';
import { Housekeeping } from './housekeeping.js';
import { LogStoreParts } from './log-store.js';
import { pastChanges } from './past-changes.js';
import { ReadModel } from './read-model.js';

@Module({
  imports: [ResourcesModule],
  providers: [
    FoldedLog,
    provide(ReadModel, [FoldedLog], ({ model }) => model),
    provide(CommandLog, [FoldedLog], ({ commands }) => commands),
    provide(LogStoreParts, [StoreOptions, FoldedLog], ({ log }, { model, commands }) => ({
      model,
      sink: commands,
      history: pastChanges(log, model),
    })),
  ],
  exports: [FoldedLog, ReadModel, CommandLog, LogStoreParts],
})
export class StoreModule {
  constructor(fold: FoldedLog, served: ServedResources, { warn }: StoreOptions) {
    const { model, commands: sink, stopping: signal } = fold;
    const housekeeping = new Housekeeping({
      ...{ model, sink, signal },
      warn: (error) => warn(`housekeeping waits: ${(error as Error).message}`),
    });
    const garbage = new GarbageCollector({
      ...{ model, sink, signal },
      kindOf: served.storedKind,
      warn: (error) => warn(`garbage collection waits: ${(error as Error).message}`),
    });
    fold.onFolded((commits) => housekeeping.folded(commits));
    fold.onStart(async () => {
      housekeeping.run();
      await housekeeping.firstTry;
      garbage.start();
    });
  }
}
