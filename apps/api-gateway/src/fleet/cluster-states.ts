/** The states of all clusters in few bytes; schemas for the OpenAPI document. Made at most once a second, however many ask. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Cluster } from '@skyflow/contracts';
import { apiObject } from '@skyflow/domain';
import type { ReadModel } from '../store/read-model.js';

const FRESH_MS = 1_000;
const AMOUNTS = { type: 'object', additionalProperties: { type: 'number' } } as const;

export class ClusterDrain {
  @ApiProperty({ enum: ['Draining', 'Drained'] })
  phase!: string;

  @ApiProperty({ description: 'Workloads that are still there', example: 3 })
  workloads!: number;

  @ApiProperty({ example: 12 })
  replicas!: number;
}

export class ClusterState {
  @ApiProperty({ example: 'prod-eu' })
  name!: string;

  @ApiProperty({ example: '4f6c2f0e-8f0c-4b4c-9a53-3a4d3c7f1f10' })
  uid!: string;

  @ApiProperty({ description: 'As in the status of the cluster', example: 'READY' })
  phase!: string;

  @ApiPropertyOptional({ example: 'HeartbeatsMissing' })
  reason?: string;

  @ApiPropertyOptional({ example: 'no heartbeat since 2026-05-17T09:30:00Z' })
  message?: string;

  @ApiPropertyOptional({ description: 'When its agent was last heard', example: '2026-05-17T09:30:00Z' })
  lastHeartbeatTime?: string;

  @ApiProperty({ description: 'Nodes of the cluster', example: 12 })
  nodes!: number;

  @ApiProperty({ description: 'Those that are ready', example: 11 })
  readyNodes!: number;

  @ApiProperty({ ...AMOUNTS, description: 'Sums over nodes, base units', example: { cpu: 64000, pods: 110 } })
  allocatable!: Record<string, number>;

  @ApiProperty({ ...AMOUNTS, description: 'What of it is free', example: { cpu: 12500, pods: 80 } })
  free!: Record<string, number>;

  @ApiPropertyOptional({ type: ClusterDrain, description: 'Only while it is drained' })
  drain?: ClusterDrain;
}

export class ClusterStatesList {
  @ApiProperty({ example: 'skyflow.io/v1' })
  apiVersion!: string;

  @ApiProperty({ enum: ['ClusterStates'] })
  kind!: string;

  @ApiProperty({ type: [ClusterState], description: 'By name' })
  items!: ClusterState[];
}

/** All clusters as they are now. */
export class ClusterStates {
  private made: readonly ClusterState[] = [];
  private madeAtMs = -Infinity;

  constructor(private readonly model: ReadModel) {}

  /** @param nowMs of a clock that does not jump */
  read(nowMs: number): readonly ClusterState[] {
    if (nowMs - this.madeAtMs < FRESH_MS) return this.made;
    const basis = this.model.basis();
    this.made = [...this.model.state.table.ordered('Cluster')].map((record) =>
      stateOf(apiObject(record, basis) as unknown as Cluster),
    );
    this.madeAtMs = nowMs;
    return this.made;
  }
}

export function stateOf({ metadata: { name, uid }, status }: Cluster): ClusterState {
  const { phase = 'INIT', reason, message, lastHeartbeatTime, nodes = [], drain } = status ?? {};
  return {
    name,
    uid,
    phase,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(lastHeartbeatTime === undefined ? {} : { lastHeartbeatTime }),
    nodes: nodes.length,
    readyNodes: nodes.filter(({ ready }) => ready).length,
    allocatable: status?.allocatable ?? {},
    free: status?.free ?? {},
    ...(drain === undefined ? {} : { drain }),
  };
}
