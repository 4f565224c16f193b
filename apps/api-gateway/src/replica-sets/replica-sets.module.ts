import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { LogStoreParts } from '../store/log-store.js';
import { StoreModule } from '../store/store.module.js';
import { replicaSetDefinition } from './replica-set-definition.js';
import { ReplicaSetStore } from './replica-set-store.js';

@Module({ imports: [ResourcesModule, StoreModule] })
export class ReplicaSetsModule {
  constructor(served: ServedResources, { model, history }: LogStoreParts) {
    served.add({
      definition: replicaSetDefinition(served.schemas),
      store: new ReplicaSetStore(model, history),
      pastOf: (then) => new ReplicaSetStore(then.model, history),
    });
  }
}
