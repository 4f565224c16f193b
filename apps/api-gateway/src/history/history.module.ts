import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { PastModule } from '../past/past.module.js';
import { StoreModule } from '../store/store.module.js';
import { HistoryController } from './history.controller.js';

@Module({ imports: [ResourcesModule, StoreModule, PastModule], controllers: [HistoryController] })
export class HistoryModule {}
