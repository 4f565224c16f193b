import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { PastModule } from '../past/past.module.js';
import { StoreModule } from '../store/store.module.js';
import { WorkloadController } from './workload.controller.js';

@Module({ imports: [StoreModule, PastModule, AccessModule], controllers: [WorkloadController] })
export class WorkloadsModule {}
