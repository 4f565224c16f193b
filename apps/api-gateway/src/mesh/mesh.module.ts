/** What is reported of the paths between clusters, and trying them. */
import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { MirrorStore } from '../mirrors/mirror-store.js';
import { plainFace } from '../store/face.js';
import { LogStore, LogStoreParts } from '../store/log-store.js';
import { StoreModule } from '../store/store.module.js';
import { LinkStore } from './link-store.js';
import { MeshCheckController } from './mesh-check.controller.js';
import { endpointsDefinition, linkDefinition } from './mesh-definitions.js';
import { EndpointsSource, LinkSource, PastLinks } from './mesh-sources.js';

@Module({ imports: [ResourcesModule, StoreModule], controllers: [MeshCheckController] })
export class MeshModule {
  constructor(served: ServedResources, parts: LogStoreParts, { nats }: GatewayOptions) {
    const { model } = parts;
    const link = linkDefinition(served.schemas);
    const endpoints = endpointsDefinition(served.schemas);
    const asked = new LogStore(link, plainFace(link.kind), parts);
    served.add(
      {
        definition: link,
        store: new LinkStore(link, new MirrorStore(link, new LinkSource(nats, model)), asked),
        pastOf: (then) => new PastLinks(link, then.model),
      },
      {
        definition: endpoints,
        store: new MirrorStore(endpoints, new EndpointsSource(model)),
        pastOf: (then) => new MirrorStore(endpoints, new EndpointsSource(then.model), true),
      },
    );
  }
}
