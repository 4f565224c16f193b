/** Columns of the tables that kubectl shows: one row per object. (skyctl makes its own, one row per share.) */
import {
  type Cluster,
  type ClusterStatus,
  humanDuration,
  type KubeObject,
  type PlacementPolicySpec,
  type TableColumn,
  type WorkloadStatus,
} from '@skyflow/contracts';
import { clusterWords, formatCpu, humanBytes } from '@skyflow/domain';
import { policySpecOf } from './policy-rules.js';
import { type WorkloadSpecInput, specOf } from './workload-rules.js';

type Cell = TableColumn['value'];

/** A column of text. */
export const column = (name: string, description: string, value: Cell, priority: 0 | 1 = 0): TableColumn => ({
  name,
  type: 'string',
  description,
  priority,
  value,
});

export const nameColumn: TableColumn = {
  ...column('Name', 'Name of the object.', ({ metadata }) => metadata.name),
  format: 'name',
};
export const ageColumn: TableColumn = {
  ...column('Age', 'Time since it was created.', ({ metadata }) => metadata.creationTimestamp ?? ''),
  type: 'date',
};

const statusOf = (object: KubeObject): Partial<WorkloadStatus> => object.status ?? {};
const clusterOf = (object: KubeObject): Partial<ClusterStatus> => object.status ?? {};

const containersOf = (object: KubeObject): string =>
  (specOf(object).template?.spec?.containers ?? []).map(({ name = '' }) => name).join(',');

const imagesOf = (object: KubeObject): string =>
  (specOf(object).template?.spec?.containers ?? []).map(({ image = '' }) => image).join(',');

function readyOf(object: KubeObject): string {
  const { ready = 0, running = 0, succeeded = 0, phase } = statusOf(object);
  const { completions } = specOf(object);
  const replicas = statusOf(object).replicas ?? specOf(object).replicas ?? 1;
  const restart = specOf(object).template?.spec?.restartPolicy ?? 'Always';
  if (restart === 'Always') return `${String(ready)}/${String(replicas)}`;
  const done = phase === 'COMPLETED' ? succeeded : running + succeeded;
  return `${String(done)}/${String(completions ?? replicas)}`;
}

export const workloadColumns: readonly TableColumn[] = [
  nameColumn,
  column('Clusters', 'Clusters that have a share.', (object) => {
    const names = (statusOf(object).clusters ?? []).map(({ cluster }) => cluster);
    return names.length === 0 ? '<none>' : names.join(',');
  }),
  column('Replicas', 'Replicas that are ready (of jobs that end: that run or have ended) of those asked for.', readyOf),
  column('Status', 'Phase.', (object) => statusOf(object).phase ?? 'PENDING'),
  ageColumn,
  column('Reason', 'Why it is in this phase, in a word.', (object) => statusOf(object).reason ?? '', 1),
  column('Message', 'Why it is in this phase.', (object) => statusOf(object).message ?? '', 1),
  column('Images', 'Images of the containers.', imagesOf, 1),
];

function freeOf(object: KubeObject, resource: 'cpu' | 'memory'): string {
  const { free, allocatable } = clusterOf(object);
  const total = allocatable?.[resource];
  if (total === undefined) return '<unknown>';
  const show = resource === 'cpu' ? formatCpu : humanBytes;
  return `${show(free?.[resource] ?? 0)}/${show(total)}`;
}

export const clusterColumns: readonly TableColumn[] = [
  nameColumn,
  column(
    'Manager',
    'Kind of cluster manager.',
    ({ spec }) => (spec as { manager?: string } | undefined)?.manager ?? '',
  ),
  column('CPU', 'Free of allocatable processors.', (object) => freeOf(object, 'cpu')),
  column('Memory', 'Free of allocatable memory.', (object) => freeOf(object, 'memory')),
  column('Status', 'Phase, and whether it is cordoned.', (object) => clusterWords(object as unknown as Cluster)),
  ageColumn,
  column('Version', 'Version of its API.', (object) => clusterOf(object).kubernetesVersion ?? '<unknown>', 1),
  column('Reason', 'Why it is in this phase, in a word.', (object) => clusterOf(object).reason ?? '', 1),
  column('Message', 'Why it is in this phase.', (object) => clusterOf(object).message ?? '', 1),
];

export const namespaceColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Phase.', ({ status }) => (status as { phase?: string } | undefined)?.phase ?? 'Active'),
  ageColumn,
];

interface NativeStatus {
  readyReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  succeeded?: number;
  startTime?: string;
  completionTime?: string;
  conditions?: { type: string; status: string; lastTransitionTime?: string }[];
}
/** As kube-apiserver appends them to all kinds with a pod template. */
export const podTemplateColumns: readonly TableColumn[] = [
  column('Containers', 'Names of the containers.', containersOf, 1),
  column('Images', 'Images of the containers.', imagesOf, 1),
  column('Selector', 'Labels of its pods.', (object) => labelSelectorText(specOf(object).selector ?? {}), 1),
];

/** As Kubernetes writes it: `app=web,tier in (a,b),!old`. */
function labelSelectorText({
  matchLabels = {},
  matchExpressions = [],
}: NonNullable<WorkloadSpecInput['selector']>): string {
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(',')})`;
    }),
  ];
  return parts.length === 0 ? '<none>' : parts.join(',');
}

const nativeOf = (object: KubeObject): NativeStatus => object.status ?? {};
const number = (value: number | undefined): string => String(value ?? 0);

/** As kube-apiserver prints apps/v1 Deployments. */
export const nativeDeploymentColumns: readonly TableColumn[] = [
  nameColumn,
  column(
    'Ready',
    'Ready of wanted pods.',
    (object) => `${number(nativeOf(object).readyReplicas)}/${number(specOf(object).replicas)}`,
  ),
  column('Up-to-date', 'Pods of the current template.', (object) => number(nativeOf(object).updatedReplicas)),
  column('Available', 'Pods that are available.', (object) => number(nativeOf(object).availableReplicas)),
  ageColumn,
  ...podTemplateColumns,
];

/** As kube-apiserver prints batch/v1 Jobs. */
export const nativeJobColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Complete, Failed or Running.', (object) => {
    const held = (nativeOf(object).conditions ?? []).find(({ status }) => status === 'True');
    return held?.type ?? 'Running';
  }),
  column('Completions', 'Completed of wanted pods.', (object) => {
    const { completions, parallelism } = specOf(object);
    return `${number(nativeOf(object).succeeded)}/${number(completions ?? parallelism ?? 1)}`;
  }),
  column('Duration', 'From its start to its end, or until now.', (object, nowMs) => {
    const { startTime, completionTime, conditions = [] } = nativeOf(object);
    if (startTime === undefined) return '';
    const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
    const end = completionTime ?? failed?.lastTransitionTime;
    return humanDuration((end === undefined ? nowMs : Date.parse(end)) - Date.parse(startTime));
  }),
  ageColumn,
  ...podTemplateColumns,
];

const dataColumn: TableColumn = {
  name: 'Data',
  type: 'integer',
  description: 'Number of keys.',
  priority: 0,
  value: ({ data, binaryData }) => keysOf(data) + keysOf(binaryData),
};

export const configMapColumns: readonly TableColumn[] = [nameColumn, dataColumn, ageColumn];

export const secretColumns: readonly TableColumn[] = [
  nameColumn,
  column('Type', 'What its values are.', (object) => (object as { type?: string }).type ?? 'Opaque'),
  dataColumn,
  ageColumn,
];

const keysOf = (map: unknown): number => Object.keys((map as object | undefined) ?? {}).length;

const namesOf = (names: readonly string[] | undefined): string =>
  names === undefined || names.length === 0 ? '<any>' : names.join(',');

/** As the seed system prints filter policies. */
export const policyColumns: readonly TableColumn[] = [
  nameColumn,
  column('Include', 'Only these clusters.', (object) => namesOf(policySpecOf(object).clusters)),
  column('Exclude', 'Not these clusters.', (object) => policySpecOf(object).excludeClusters?.join(',') ?? '<none>'),
  column('Workloads', 'Workloads that it selects.', (object) => selectorText(policySpecOf(object).workloadSelector)),
  column('Rules', 'What else it says.', (object) => rulesText(policySpecOf(object)) || '<none>'),
  column(
    'Priority',
    'Of several that select a workload, the greatest first.',
    (object) => String(policySpecOf(object).priority ?? 0),
    1,
  ),
  ageColumn,
];

function selectorText(selector: PlacementPolicySpec['workloadSelector']): string {
  if (selector === undefined) return '<by name>';
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) =>
      values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(',')})`,
    ),
  ];
  return parts.length === 0 ? '<all>' : parts.join(',');
}

/** `region eu|us, spread zone, Aggregated`: which kinds of rules there are, not all that they say. */
function rulesText(spec: PlacementPolicySpec): string {
  const { clusterSelector, clusterAffinity, tolerations, groups, spreadConstraints, division, allOrNothing } = spec;
  const selects = [
    ...Object.entries(clusterSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...[...(clusterSelector?.matchExpressions ?? []), ...(clusterSelector?.matchFields ?? [])].map(
      ({ key, operator, values = [] }) => `${key} ${operator} ${values.join('|')}`.trimEnd(),
    ),
  ];
  return [
    ...selects,
    ...(clusterAffinity === undefined ? [] : ['affinity']),
    ...(tolerations === undefined ? [] : ['tolerations']),
    ...(groups === undefined ? [] : [`groups ${groups.map(({ name }) => name).join('>')}`]),
    ...(spreadConstraints ?? []).map(({ topologyKey }) => `spread ${topologyKey}`),
    ...(division === undefined ? [] : [division.type]),
    ...(spec.workloadAffinity === undefined ? [] : ['workload affinity']),
    ...(spec.workloadAntiAffinity === undefined ? [] : ['workload anti-affinity']),
    ...(allOrNothing === true ? ['all or nothing'] : []),
  ].join(', ');
}
