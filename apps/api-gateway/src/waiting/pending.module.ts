import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ResourcesModule } from '../api/resources.module.js';
import { PastModule } from '../past/past.module.js';
import { provide } from '../provide.js';
import { ReadModel } from '../store/read-model.js';
import { StoreModule } from '../store/store.module.js';
import { WaitingController } from './waiting.controller.js';
import { WaitingIndex } from './waiting-index.js';

@Module({
  imports: [ResourcesModule, StoreModule, PastModule, AccessModule],
  controllers: [WaitingController],
  providers: [provide(WaitingIndex, [ReadModel], (model) => new WaitingIndex(model))],
})
export class PendingModule {}
