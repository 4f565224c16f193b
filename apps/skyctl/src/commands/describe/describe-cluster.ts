/** A member cluster for people: its health, its nodes, what is free. */
import type { Cluster, ClusterDrainStatus, ClusterNodeStatus } from '@skyflow/contracts';
import { clusterWords } from '@skyflow/domain';
import { ageOf } from '../../output/age.js';
import { amountsLine, capacityLines } from '../../output/resources.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { conditionsSection, fields, section } from './describe-object.js';
import { builtBy, provisioningSections } from './describe-provisioning.js';

export function describeCluster({ terminal }: Session, cluster: Cluster): string[] {
  const { spec, status } = cluster;
  const nowMs = Date.now();
  const entries: [string, string][] = [
    ['Manager', spec.manager],
    spec.provision === undefined ? ['Context', spec.context ?? '<none>'] : ['Built by', builtBy(cluster)],
    ['Status', paintStatus(terminal, clusterWords(cluster))],
  ];
  if (spec.provision?.paused === true) {
    entries.push(['Paused', `yes: nothing new is begun before skyctl cluster resume ${cluster.metadata.name}`]);
  }
  const place = [spec.provider, spec.region, spec.zone].filter(Boolean).join(', ');
  if (place !== '') entries.push(['Place', place]);
  const taints = (spec.taints ?? []).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`);
  if (taints.length > 0) entries.push(['Taints', taints.join('\n')]);
  const why = [status?.reason, status?.message].filter(Boolean).join(': ');
  if (why !== '' && status?.phase !== 'READY') entries.push(['Reason', why]);
  if (status?.drain) entries.push(['Drain', drainWords(status.drain)]);
  if (status?.kubernetesVersion) entries.push(['Kubernetes', status.kubernetesVersion]);
  if (status?.lastHeartbeatTime) entries.push(['Last heartbeat', `${ageOf(status.lastHeartbeatTime, nowMs)} ago`]);
  entries.push(['Free/total', capacityLines(status?.free ?? {}, status?.allocatable ?? {}).join('\n')]);
  const largest = (status?.largestPods ?? []).map(({ node, free }) => `${amountsLine(free)} on ${node}`);
  if (status !== undefined && status.nodes.length > 0) {
    entries.push(['Largest pod', largest.length === 0 ? 'no node takes one more pod' : largest.join('\n')]);
  }
  const nodes = status?.nodes ?? [];
  const counted =
    status?.usageTime === undefined
      ? 'Free/total but for pods of SkyFlow'
      : `Free/total ${ageOf(status.usageTime, nowMs)} ago`;
  return [
    fields(entries),
    ...(nodes.length === 0
      ? []
      : section(
          'Nodes',
          renderTable({ columns: ['Name', 'Status', 'Zone', counted, 'Taints'], rows: nodes.map(nodeRow) }),
        )),
    ...provisioningSections(status?.provisioning, nowMs),
    ...conditionsSection(status?.conditions, nowMs),
  ];
}

const drainWords = ({ phase, workloads, replicas }: ClusterDrainStatus): string =>
  phase === 'Drained' ? 'done, nothing is left' : `${workloads} workloads with ${replicas} replicas are still there`;

const nodeRow = ({ name, ready, unschedulable, free, allocatable, zone, taints }: ClusterNodeStatus): string[] => [
  name,
  (ready ? 'Ready' : 'NotReady') + (unschedulable === true ? ', cordoned' : ''),
  zone ?? '-',
  capacityLines(free, allocatable).join(', '),
  (taints ?? [])
    .map(({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`)
    .join(', '),
];
