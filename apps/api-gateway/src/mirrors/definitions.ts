/** Pods and nodes of all clusters as read-only native resources. */
import { type KubeObject, LABEL_WORKLOAD_NAME, type TableColumn } from '@skyflow/contracts';
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import { ageColumn, nameColumn } from '../kinds/columns.js';
import type { AgentLines } from '../agents/agent-lines.js';
import { LABEL_CLUSTER } from './mirrored-names.js';
import { podConnect } from './pod-connect.js';
import type { PastPodLog } from './past-pod-log.js';
import { podLog } from './pod-log.js';

const READ_ONLY = ['get', 'list', 'watch'] as const;

interface PodStatus {
  phase?: string;
  reason?: string;
  podIP?: string;
  containerStatuses?: {
    ready?: boolean;
    restartCount?: number;
    state?: { waiting?: { reason?: string }; terminated?: { reason?: string } };
  }[];
}
const statusOf = (object: KubeObject): PodStatus => object.status ?? {};
const specOf = (object: KubeObject): { nodeName?: string; containers?: unknown[]; unschedulable?: boolean } =>
  object.spec ?? {};

const column = (name: string, description: string, value: TableColumn['value'], priority: 0 | 1 = 0): TableColumn => ({
  name,
  type: 'string',
  description,
  priority,
  value,
});

const clusterColumn = column(
  'Cluster',
  'Cluster that it is in.',
  ({ metadata }) => metadata.labels?.[LABEL_CLUSTER] ?? '',
  1,
);

/** As kube-apiserver prints pods: a reason says more than the phase. */
function podState(pod: KubeObject): string {
  const { phase = 'Unknown', reason, containerStatuses = [] } = statusOf(pod);
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const why = containerStatuses.map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason);
  return why.find((each) => each !== undefined) ?? reason ?? phase;
}

/** Restarts and addresses of pods of the past are not in the log. */
const isToldByLog = (pod: KubeObject): boolean =>
  (statusOf(pod).containerStatuses ?? []).some(({ restartCount }) => restartCount === undefined);

function restarts(pod: KubeObject): string {
  if (isToldByLog(pod)) return '<unknown>';
  const { containerStatuses = [] } = statusOf(pod);
  return String(containerStatuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0));
}

const podColumns: readonly TableColumn[] = [
  nameColumn,
  column('Ready', 'Ready of all containers.', (pod) => {
    const ready = (statusOf(pod).containerStatuses ?? []).filter((each) => each.ready === true).length;
    return `${String(ready)}/${String((specOf(pod).containers ?? []).length)}`;
  }),
  column('Status', 'State of the pod.', podState),
  column('Restarts', 'Restarts of its containers.', restarts),
  ageColumn,
  column(
    'IP',
    'Its address in its cluster.',
    (pod) => statusOf(pod).podIP ?? (isToldByLog(pod) ? '<unknown>' : '<none>'),
    1,
  ),
  column('Node', 'Node that it runs on.', (pod) => specOf(pod).nodeName ?? '<none>', 1),
  clusterColumn,
  column(
    'Workload',
    'Job or deployment that it belongs to.',
    ({ metadata }) => metadata.labels?.[LABEL_WORKLOAD_NAME] ?? '',
    1,
  ),
];

function nodeState(node: KubeObject): string {
  const { conditions = [] } = (node.status ?? {}) as { conditions?: { type: string; status: string }[] };
  const ready = conditions.find(({ type }) => type === 'Ready')?.status;
  const state = ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown';
  return specOf(node).unschedulable === true ? `${state},SchedulingDisabled` : state;
}

const nodeColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Whether pods can run on it.', nodeState),
  ageColumn,
  column('Version', 'Version of its cluster.', (node) => {
    const status = node.status as { nodeInfo?: { kubeletVersion?: string } } | undefined;
    return status?.nodeInfo?.kubeletVersion ?? '';
  }),
  clusterColumn,
];

function named(schemas: SchemaSet, schemaName: string): Pick<ResourceDefinition, 'schema' | 'schemaName'> {
  const schema = schemas.get(schemaName);
  if (schema === undefined) throw new Error(`no schema ${schemaName}`);
  return { schema, schemaName };
}

export interface PodConnections {
  lines: AgentLines;
  past: PastPodLog;
  /** Aborts when the gateway stops. */
  stopping: AbortSignal;
  /** Told of connections that broke. */
  warn: (line: string) => void;
}

export const podDefinition = (
  schemas: SchemaSet,
  { lines, past, stopping, warn }: PodConnections,
): ResourceDefinition => ({
  ...named(schemas, 'io.k8s.api.core.v1.Pod'),
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  verbs: READ_ONLY,
  selectableFields: {
    'spec.nodeName': (pod) => specOf(pod).nodeName ?? '',
    'status.phase': (pod) => statusOf(pod).phase ?? '',
  },
  columns: podColumns,
  connect: {
    log: podLog(lines, past, stopping),
    exec: podConnect(lines, 'exec', warn),
    attach: podConnect(lines, 'attach', warn),
    portforward: podConnect(lines, 'portforward', warn),
  },
});

export const nodeDefinition = (schemas: SchemaSet): ResourceDefinition => ({
  ...named(schemas, 'io.k8s.api.core.v1.Node'),
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  verbs: READ_ONLY,
  columns: nodeColumns,
});
