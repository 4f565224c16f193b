/** What nodes of this cluster find of others, for the log: that of all nodes together, without its flapping. */
import type { GatewayPeer } from '@skyflow/contracts';
import type { NodesVerdict } from '@skyflow/domain';
import type { Logger } from '@skyflow/service';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { GatewaySide } from './gateway/gateway-side.js';
import { NodeProbes } from './node-probes.js';
import { PeerReach } from './peer-reach.js';

export interface NodeReachOptions {
  /** `<namespace>/<name>` of the Secret by which probes are told. */
  secret: string;
  session: ClusterSession;
  gateway: GatewaySide;
  logger: Logger;
}

export class NodeReach {
  private readonly probes: NodeProbes;
  private readonly reaches = new PeerReach();
  private readonly said = new Map<string, string>();

  constructor({ secret, session, gateway, logger }: NodeReachOptions) {
    const { client, nodes } = session;
    this.probes = new NodeProbes({
      ...{ client, secret, logger },
      config: () => gateway.nodeProbeConfig,
      reports: () => gateway.nodeReports,
      nodes: () =>
        nodes.hasSynced
          ? [...nodes.store.values()].flatMap(({ observation }) => (observation.ready ? [observation.name] : []))
          : undefined,
    });
  }

  /** Until the signal aborts. @param on.onNews what is known of a cluster changed. */
  async run(on: { peers: () => readonly GatewayPeer[]; onNews: () => void; signal: AbortSignal }): Promise<void> {
    const reach = async (cluster: string, inside: string) => {
      const answer = await this.probes.reach(cluster, inside);
      // Why it is not known is told too.
      const unknown = answer === undefined ? this.probes.unknown(cluster) : '';
      if (unknown !== (this.said.get(cluster) ?? '')) on.onNews();
      this.said.set(cluster, unknown);
      return answer;
    };
    await Promise.all([this.probes.run(on.signal), this.reaches.run({ ...on, reach })]);
  }

  verdict(cluster: string): NodesVerdict {
    return this.reaches.verdict(cluster) ?? { message: this.probes.unknown(cluster) };
  }
}
