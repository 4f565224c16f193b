import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { PastModule } from '../past/past.module.js';
import { StoreModule } from '../store/store.module.js';
import { BuildLogController } from './build-log.controller.js';
import { ClusterPlanController } from './cluster-plan.controller.js';
import { EscrowController } from './escrow.controller.js';
import { OrphanController } from './orphan.controller.js';

@Module({
  imports: [StoreModule, PastModule, AccessModule],
  controllers: [BuildLogController, ClusterPlanController, EscrowController, OrphanController],
})
export class ProvisioningModule {}
