/** A member cluster for people: its health, its nodes, what is free. */
import type { Cluster, ClusterDrainStatus, ClusterNodeStatus } from '@skyflow/contracts';
import { clusterWords } from '@skyflow/domain';
import { ageOf } from '../../output/age.js';
import { capacityLines } from '../../output/resources.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { conditionsSection, fields, section } from './describe-object.js';

export function describeCluster({ terminal }: Session, cluster: Cluster): string[] {
  const { spec, status } = cluster;
  const nowMs = Date.now();
  const entries: [string, string][] = [
    ['Manager', spec.manager],
    ['Context', spec.context ?? '<none>'],
    ['Status', paintStatus(terminal, clusterWords(cluster))],
  ];
  const why = [status?.reason, status?.message].filter(Boolean).join(': ');
  if (why !== '' && status?.phase !== 'READY') entries.push(['Reason', why]);
  if (status?.drain) entries.push(['Drain', drainWords(status.drain)]);
  if (status?.kubernetesVersion) entries.push(['Kubernetes', status.kubernetesVersion]);
  if (status?.lastHeartbeatTime) entries.push(['Last heartbeat', `${ageOf(status.lastHeartbeatTime, nowMs)} ago`]);
  entries.push(['Free/total', capacityLines(status?.free ?? {}, status?.allocatable ?? {}).join('\n')]);
  const nodes = status?.nodes ?? [];
  return [
    fields(entries),
    ...(nodes.length === 0
      ? []
      : section(
          'Nodes',
          renderTable({ columns: ['Name', 'Status', 'Free/total but for pods of SkyFlow'], rows: nodes.map(nodeRow) }),
        )),
    ...conditionsSection(status?.conditions, nowMs),
  ];
}

const drainWords = ({ phase, workloads, replicas }: ClusterDrainStatus): string =>
  phase === 'Drained' ? 'done, nothing is left' : `${workloads} workloads with ${replicas} replicas are still there`;

const nodeRow = ({ name, ready, unschedulable, free, allocatable }: ClusterNodeStatus): string[] => [
  name,
  (ready ? 'Ready' : 'NotReady') + (unschedulable === true ? ', cordoned' : ''),
  capacityLines(free, allocatable).join(', '),
];
