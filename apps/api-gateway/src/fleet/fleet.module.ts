import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ResourcesModule } from '../api/resources.module.js';
import { StoreModule } from '../store/store.module.js';
import { ClusterStatesController } from './cluster-states.controller.js';

@Module({ imports: [ResourcesModule, StoreModule, AccessModule], controllers: [ClusterStatesController] })
export class FleetModule {}
