/** The API machinery over all resources that modules have added. */
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ApiServer } from '@skyflow/apimachinery';
import { Gatekeeper } from '../access/gatekeeper.js';
import { GatewayOptions } from '../gateway-options.js';
import { requestMetrics } from '../health/gateway-metrics.js';
import { Past } from '../past/past-reads.js';
import { LogStoreParts } from '../store/log-store.js';
import { ServedResources } from './served-resources.js';

@Injectable()
export class KubernetesApi implements OnModuleInit, OnModuleDestroy {
  /** Built when all modules are. */
  server!: ApiServer;

  constructor(
    private readonly options: GatewayOptions,
    private readonly served: ServedResources,
    private readonly parts: LogStoreParts,
    private readonly past: Past,
    private readonly gatekeeper: Gatekeeper,
  ) {}

  onModuleInit(): void {
    const { served, gatekeeper } = this;
    const { onError, metrics, health } = this.options;
    this.server = new ApiServer({
      definitions: served.definitions,
      schemas: served.schemas,
      backend: served.backend(this.parts),
      past: this.past.reads,
      title: 'SkyFlow',
      managedFields: 'apply-only',
      authenticate: gatekeeper.authenticate,
      authorize: gatekeeper.authorize,
      keepOpen: (request, attributes, end) =>
        gatekeeper.keepOpen(request, (user) => gatekeeper.authorize({ ...attributes, user }), end),
      admission: served.admission,
      validatingAdmission: served.validatingAdmission,
      health: { readyz: { gateway: () => assertReady(health.failures()) } },
      onError,
      observe: requestMetrics(metrics),
    });
  }

  /** Ends watches, so that requests under way can come to their end. */
  onModuleDestroy(): void {
    this.server.close();
  }
}

function assertReady(failures: Readonly<Record<string, string>>): void {
  const [failed] = Object.entries(failures);
  if (failed !== undefined) throw new Error(failed.join(': '));
}
