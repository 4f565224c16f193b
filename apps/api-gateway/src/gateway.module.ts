/** The gateway: its capabilities, each with the stores, guards, routes and API resources that are its own. */
import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { ApiModule } from './api/api.module.js';
import { ConsoleModule } from './console/console.module.js';
import { CoordinationModule } from './coordination/coordination.module.js';
import { DocsModule } from './docs/docs.module.js';
import { EventsModule } from './events/events.module.js';
import { FeaturesModule } from './features/features.module.js';
import { FleetModule } from './fleet/fleet.module.js';
import { type GatewayOptions, OptionsModule } from './gateway-options.js';
import { HealthModule } from './health/health.module.js';
import { HistoryModule } from './history/history.module.js';
import { LogModule } from './log/log.module.js';
import { MeshModule } from './mesh/mesh.module.js';
import { ProxiedModule } from './mirrors/proxied.module.js';
import { PreviewsModule } from './previews/previews.module.js';
import { ProvisioningModule } from './provisioning/provisioning.module.js';
import { ReplicaSetsModule } from './replica-sets/replica-sets.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { SimulationsModule } from './simulations/simulations.module.js';
import { StreamModule } from './stream/stream.module.js';
import { UsageModule } from './usage/usage.module.js';
import { LatencyModule } from './waits/latency.module.js';
import { PendingModule } from './waiting/pending.module.js';
import { WorkloadsModule } from './workloads/workloads.module.js';

@Module({
  imports: [
    ReplicaSetsModule,
    ProxiedModule,
    MeshModule,
    EventsModule,
    CoordinationModule,
    AccessModule,
    FeaturesModule,
    PreviewsModule,
    ApiModule,
    HealthModule,
    WorkloadsModule,
    ProvisioningModule,
    HistoryModule,
    LogModule,
    SecretsModule,
    SimulationsModule,
    StreamModule,
    UsageModule,
    LatencyModule,
    PendingModule,
    FleetModule,
    DocsModule,
    ConsoleModule,
  ],
})
export class GatewayModule {
  static with(options: GatewayOptions): DynamicModule {
    return { module: GatewayModule, imports: [OptionsModule.with(options)] };
  }
}
