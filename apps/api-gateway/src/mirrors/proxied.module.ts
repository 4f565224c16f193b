/** Pods and nodes of all clusters, read-only. */
import { Module } from '@nestjs/common';
import { AgentLines } from '../agents/agent-lines.js';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { PastModule } from '../past/past.module.js';
import { Past } from '../past/past-reads.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { nodeDefinition, podDefinition } from './definitions.js';
import { MirrorStore } from './mirror-store.js';
import { NodeSource } from './node-source.js';
import { PastPodLog } from './past-pod-log.js';
import { PastPods } from './past-pods.js';
import { PodSource, PodStore } from './pod-source.js';

@Module({ imports: [ResourcesModule, StoreModule, PastModule] })
export class ProxiedModule {
  constructor(served: ServedResources, { model, stopping }: FoldedLog, past: Past, { nats, warn }: GatewayOptions) {
    const lines = new AgentLines(nats, model);
    const pod = podDefinition(served.schemas, { lines, past: new PastPodLog(nats, past), stopping, warn });
    const node = nodeDefinition(served.schemas);
    served.add(
      {
        definition: pod,
        store: new PodStore(pod, new PodSource(nats, model, stopping)),
        pastOf: (then) => new PastPods(pod, then.model),
      },
      {
        definition: node,
        store: new MirrorStore(node, new NodeSource(model)),
        pastOf: (then) => new MirrorStore(node, new NodeSource(then.model), true),
      },
    );
  }
}
