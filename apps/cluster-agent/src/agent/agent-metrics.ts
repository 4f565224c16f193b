/** What an agent shows of itself at /metrics, and sends to a collector; without one it needs no OpenTelemetry for it. */
import type { GatewayTraffic } from '@skyflow/contracts';
import type { Metrics } from '@skyflow/service';

export interface AgentMetricsOptions {
  workloads: () => number;
  /** Stream sequence of the last work that is folded. */
  workSeq: () => number;
  isReachable: () => boolean;
  traffic: () => readonly GatewayTraffic[];
}

const DIRECTIONS = ['in', 'out'] as const;

export function agentMetrics(
  metrics: Metrics,
  { workloads, workSeq, isReachable, traffic }: AgentMetricsOptions,
): void {
  const gauge = (name: string, description: string, read: () => number): void =>
    metrics.observe({ name, description, type: 'gauge', read });
  gauge('skyflow_agent_workloads', 'Workloads that the cluster is to have.', workloads);
  gauge('skyflow_agent_work_sequence', 'Commit of the last work of the cluster that is folded.', workSeq);
  gauge('skyflow_agent_cluster_reachable', '1: the API of the cluster answers.', () => (isReachable() ? 1 : 0));
  const byDirection = (
    name: string,
    type: 'gauge' | 'counter',
    description: string,
    count: (of: GatewayTraffic) => number,
  ): void =>
    metrics.observe({
      name,
      description,
      type,
      read: () =>
        DIRECTIONS.map((direction) => {
          const pairs = traffic().filter((pair) => pair.direction === direction);
          return [{ direction }, pairs.reduce((sum, pair) => sum + count(pair), 0)] as const;
        }),
    });
  byDirection(
    'skyflow_mesh_sent_bytes_total',
    'counter',
    'Bytes carried between clusters towards pods, by direction of the connection.',
    (pair) => pair.sentBytes,
  );
  byDirection(
    'skyflow_mesh_received_bytes_total',
    'counter',
    'Bytes carried between clusters from pods, by direction of the connection.',
    (pair) => pair.receivedBytes,
  );
  byDirection(
    'skyflow_mesh_open_connections',
    'gauge',
    'Connections between clusters that are open.',
    (pair) => pair.open,
  );
  byDirection(
    'skyflow_mesh_connections_total',
    'counter',
    'Connections between clusters so far.',
    (pair) => pair.connections,
  );
  byDirection(
    'skyflow_mesh_refused_connections_total',
    'counter',
    'Connections between clusters that were refused, or failed before data.',
    (pair) => pair.refused,
  );
}
