/**
 * The way to the agents of clusters for requests about single pods: one place that opens streams, and that says what it
 * means when one cannot be opened: no such cluster, or an agent that is away, and since when.
 */
import { type AgentStream, type OpenOptions, AGENT_UNAVAILABLE, AgentLinkError, openStream } from '@skyflow/agent-link';
import { type AgentVerb, type ClusterStatus, agentRequestSubject } from '@skyflow/contracts';
import { apiObject } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ReadModel } from '../store/read-model.js';
import { partsOfPodName } from '../mirrors/mirrored-names.js';
import { linkStatusError } from '../workloads/link-status-error.js';

export interface MirroredPod {
  pod: string;
  cluster: string;
}

export class AgentLines {
  constructor(
    private readonly nats: NatsConnection,
    private readonly model: ReadModel,
  ) {}

  /** @throws StatusError 404 for a name that is not `<pod>.<cluster>` with a cluster that there is. */
  podNamed(name: string): MirroredPod {
    const parts = partsOfPodName(name);
    if (parts === undefined) throw podNotFound(name, 'pods are named <pod>.<cluster>');
    const clusters = [...this.model.state.table.ordered('Cluster')].map((record) => record.name);
    if (!clusters.includes(parts.cluster)) {
      const there = clusters.length === 0 ? 'there is none yet' : `clusters are: ${clusters.join(', ')}`;
      throw podNotFound(name, `there is no cluster "${parts.cluster}"; ${there}`);
    }
    return parts;
  }

  open(cluster: string, verb: AgentVerb, request: unknown, options: OpenOptions): AgentStream {
    return openStream(this.nats, agentRequestSubject(cluster, verb), request, options);
  }

  /** What went wrong with a stream, as the answer to a client. */
  statusError(error: unknown, cluster: string): unknown {
    if (!(error instanceof AgentLinkError) || error.code !== AGENT_UNAVAILABLE) return linkStatusError(error);
    return new StatusError(503, 'ServiceUnavailable', this.explain(error, cluster), { retryAfterSeconds: 2 });
  }

  /** The same in words. */
  explain(error: AgentLinkError, cluster: string): string {
    const record = this.model.state.table.get('Cluster', '', cluster);
    if (error.code !== AGENT_UNAVAILABLE || record === undefined) return error.message;
    const { phase, message, lastHeartbeatTime, conditions } = (
      apiObject(record, this.model.basis()) as { status: ClusterStatus }
    ).status;
    const heard = lastHeartbeatTime === undefined ? '' : `, last heard ${lastHeartbeatTime}`;
    const since = phase === 'READY' ? '' : ` since ${conditions[0]?.lastTransitionTime ?? 'it was made'}`;
    const why = message === undefined || phase === 'READY' ? '' : ` (${message})`;
    return `the agent of cluster ${cluster} does not answer${heard}; the cluster is ${phase}${since}${why}; try again when "skyctl get clusters" shows it READY`;
  }
}

function podNotFound(name: string, why: string): StatusError {
  return new StatusError(404, 'NotFound', `pods "${name}" not found: ${why}`, { name, kind: 'pods' });
}
