/** The gateway's own routes. Kubernetes-style paths do not come here: see http/front.ts. */
import { type DynamicModule, Module } from '@nestjs/common';
import { GATEWAY_PARTS, type GatewayParts } from './gateway-parts.js';
import { BuildLogController } from './provisioning/build-log.controller.js';
import { ClusterPlanController } from './provisioning/cluster-plan.controller.js';
import { EscrowController } from './provisioning/escrow.controller.js';
import { OrphanController } from './provisioning/orphan.controller.js';
import { WorkloadController } from './workloads/workload.controller.js';
import { AuthController } from './access/auth.controller.js';
import { BrowserSessionController } from './access/browser-session.controller.js';
import { OidcController } from './access/oidc.controller.js';
import { EnrolmentController } from './access/enrolment.controller.js';
import { ConsoleController } from './console/console.controller.js';
import { ClusterStatesController } from './fleet/cluster-states.controller.js';
import { DocsController } from './docs/docs.controller.js';
import { MeshCheckController } from './mesh/mesh-check.controller.js';
import { PreviewController } from './previews/preview.controller.js';
import { HistoryController } from './history/history.controller.js';
import { LogController } from './log/log.controller.js';
import { SimulationController } from './simulations/simulation.controller.js';
import { StatusController } from './health/status.controller.js';
import { WaitingController } from './waiting/waiting.controller.js';
import { WaitsController } from './waits/waits.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { StreamController } from './stream/stream.controller.js';

@Module({})
export class GatewayModule {
  static with(parts: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        AuthController,
        OidcController,
        EnrolmentController,
        BrowserSessionController,
        StatusController,
        WorkloadController,
        BuildLogController,
        ClusterPlanController,
        EscrowController,
        OrphanController,
        HistoryController,
        LogController,
        PreviewController,
        MeshCheckController,
        SimulationController,
        StreamController,
        UsageController,
        WaitsController,
        WaitingController,
        ClusterStatesController,
        DocsController,
        ConsoleController,
      ],
      providers: [{ provide: GATEWAY_PARTS, useValue: parts }],
    };
  }
}
