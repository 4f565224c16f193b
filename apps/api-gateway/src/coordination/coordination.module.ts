/** Leases, by which controllers elect their leader. */
import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { LeaseObjects } from './leases.js';

@Module({ imports: [ResourcesModule, StoreModule] })
export class CoordinationModule {
  constructor(served: ServedResources, fold: FoldedLog, { nats, replicas, warn }: GatewayOptions) {
    const { model, commands: sink, stopping } = fold;
    const leases = new LeaseObjects({ nats, replicas, warn, model, sink, schemas: served.schemas });
    served.add(leases.resource);
    fold.onStart(() => leases.run(stopping));
  }
}
