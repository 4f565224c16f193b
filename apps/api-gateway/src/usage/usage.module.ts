import { Module } from '@nestjs/common';
import { PastModule } from '../past/past.module.js';
import { StoreModule } from '../store/store.module.js';
import { UsageController } from './usage.controller.js';

@Module({ imports: [StoreModule, PastModule], controllers: [UsageController] })
export class UsageModule {}
