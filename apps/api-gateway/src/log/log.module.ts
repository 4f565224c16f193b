/** The log itself, for readers that fold it on their own. */
import { Module } from '@nestjs/common';
import { serveReaders } from '@skyflow/event-log';
import { GatewayOptions } from '../gateway-options.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { LogController } from './log.controller.js';

@Module({ imports: [StoreModule], controllers: [LogController] })
export class LogModule {
  constructor(fold: FoldedLog, { nats, log, warn }: GatewayOptions) {
    fold.onStart(() => serveReaders({ connection: nats, level: () => log.featureLevel(), warn }));
  }
}
