/** Folds the fleet and holds the lease of the role. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { decodeFleet, encodeFleet, evolveFleet, FLEET_VERSION, initialFleet, type FleetState } from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';
import { SERVICE_CONTEXT, startDecider, untilAborted, type ServiceContext } from '@skyflow/service';

const fold: Fold<FleetState> = {
  version: FLEET_VERSION,
  initial: initialFleet,
  evolve: evolveFleet,
  encode: encodeFleet,
  decode: decodeFleet,
};

@Injectable()
export class FleetFollower implements OnModuleInit {
  constructor(@Inject(SERVICE_CONTEXT) private readonly context: ServiceContext) {}

  async onModuleInit(): Promise<void> {
    const decider = await startDecider({ context: this.context, role: 'mesh', fold });
    this.context.health.tell('clusters', () =>
      [...decider.projection.state.clusters.values()].map(({ name, health }) => ({ name, health })),
    );
    void decider.runWhileActive((_lease, signal) => untilAborted(signal));
  }
}
