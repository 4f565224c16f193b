import { Module } from '@nestjs/common';
import { StoreOptions } from '../gateway-options.js';
import { PastModule } from '../past/past.module.js';
import { provide } from '../provide.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { LatencyBook } from './latency-book.js';
import { WaitsController } from './waits.controller.js';

@Module({
  imports: [StoreModule, PastModule],
  controllers: [WaitsController],
  providers: [
    provide(
      LatencyBook,
      [StoreOptions, FoldedLog],
      ({ log }, { model, projection, stopping }) =>
        new LatencyBook({ log, model, stopping, onBatch: (listener) => projection.onBatch(listener) }),
    ),
  ],
})
export class LatencyModule {}
