/** Events of the clusters and of SkyFlow itself, in both groups. */
import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { MirrorStore } from '../mirrors/mirror-store.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { eventDefinition, newerEventDefinition } from './definitions.js';
import { EventSource, newerEvents, pastEvents } from './event-source.js';
import { OwnEvents } from './own-events.js';

@Module({ imports: [ResourcesModule, StoreModule] })
export class EventsModule {
  constructor(served: ServedResources, { model, projection, stopping }: FoldedLog, { nats, log }: GatewayOptions) {
    const own = new OwnEvents({
      log,
      foldedSeq: () => model.seq,
      onBatch: (listener) => projection.onBatch(listener),
    });
    const events = new EventSource({ nats, model, own, stopping });
    const event = eventDefinition(served.schemas);
    const newer = newerEventDefinition(served.schemas);
    served.add(
      {
        definition: event,
        store: new MirrorStore(event, events),
        pastOf: ({ seq }) => new MirrorStore(event, pastEvents(log, seq), true),
      },
      {
        definition: newer,
        store: new MirrorStore(newer, newerEvents(events)),
        pastOf: ({ seq }) => new MirrorStore(newer, newerEvents(pastEvents(log, seq)), true),
      },
    );
  }
}
