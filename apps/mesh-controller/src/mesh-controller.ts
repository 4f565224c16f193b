/** The mesh-controller as a service: a standby that folds the log until it gets the lease, then the one that decides. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { SERVICE_CONTEXT, startDecider, type ServiceContext } from '@skyflow/service';
import { ActiveMesh } from './active/active-mesh.js';
import { meshFold } from './fold/mesh-fold.js';

@Injectable()
export class MeshController implements OnModuleInit {
  constructor(@Inject(SERVICE_CONTEXT) private readonly context: ServiceContext) {}

  async onModuleInit(): Promise<void> {
    const { context } = this;
    const parts = await startDecider({ context, role: 'mesh', fold: meshFold });
    const { projection } = parts;
    context.health.tell('services', () => projection.state.services.size);
    context.health.tell('clusters', () =>
      [...projection.state.clusters.values()].map(({ name, health }) => ({ name, health })),
    );
    void parts.runWhileActive(async ({ epoch }, signal) => {
      await new ActiveMesh({ ...parts, context, epoch }).run(signal);
    });
  }
}
