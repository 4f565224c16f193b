import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { PastModule } from '../past/past.module.js';
import { StoreModule } from '../store/store.module.js';
import { KubernetesApi } from './kubernetes-api.js';
import { ResourcesModule } from './resources.module.js';

@Module({
  imports: [ResourcesModule, StoreModule, PastModule, AccessModule],
  providers: [KubernetesApi],
  exports: [KubernetesApi],
})
export class ApiModule {}
