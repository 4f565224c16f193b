/** The columns of `kubectl get` for each kind, as a real cluster sends them. Name and Age come with the machinery. */
import type { KubeObject, TableColumn } from '@skyflow/contracts';
import { millis } from '../model/object-facts.js';
import type { Node, Pod } from '../model/pod.js';
import type { CronJob, DaemonSet, StatefulSet } from '../model/steady-workloads.js';
import type { Deployment, Job, Namespace, PersistentVolumeClaim, ReplicaSet, Service } from '../model/workloads.js';
import * as cells from './cells.js';

type Cell = string | number | boolean | null;
type Value<T extends KubeObject> = (object: T, nowMs: number) => Cell;

function column<T extends KubeObject>(
  name: string,
  value: Value<T>,
  more: { wide?: boolean; type?: TableColumn['type'] } = {},
): TableColumn {
  return {
    name,
    type: more.type ?? 'string',
    description: name,
    priority: more.wide === true ? 1 : 0,
    value: (object, nowMs) => value(object as T, nowMs),
  };
}

const wide = { wide: true };
const integer = { type: 'integer' } as const;

const workloadWide = (template: (object: KubeObject) => Deployment['spec']['template']): TableColumn[] => [
  column('Containers', (object) => cells.containerNames(template(object)), wide),
  column('Images', (object) => cells.containerImages(template(object)), wide),
  column('Selector', (object) => cells.selectorText((object as Deployment).spec.selector), wide),
];
const templateOf = (object: KubeObject): Deployment['spec']['template'] => (object as Deployment).spec.template;

const record = (value: unknown): Record<string, unknown> => (value ?? {}) as Record<string, unknown>;
const text = (value: unknown, otherwise = '<none>'): string =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : otherwise;

export const columnsByKind: Readonly<Record<string, readonly TableColumn[]>> = {
  Pod: [
    column<Pod>('Ready', cells.podReady),
    column<Pod>('Status', cells.podStatusText),
    column<Pod>('Restarts', cells.podRestarts),
    column<Pod>('IP', (pod) => text(pod.status?.podIP), wide),
    column<Pod>('Node', (pod) => text(pod.spec.nodeName), wide),
    column<Pod>('Nominated Node', () => '<none>', wide),
    column<Pod>('Readiness Gates', () => '<none>', wide),
  ],
  ReplicaSet: [
    column<ReplicaSet>('Desired', (set) => set.spec.replicas ?? 1, integer),
    column<ReplicaSet>('Current', (set) => set.status?.replicas ?? 0, integer),
    column<ReplicaSet>('Ready', (set) => set.status?.readyReplicas ?? 0, integer),
    ...workloadWide(templateOf),
  ],
  Deployment: [
    column<Deployment>('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`),
    column<Deployment>('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0, integer),
    column<Deployment>('Available', ({ status }) => status?.availableReplicas ?? 0, integer),
    ...workloadWide(templateOf),
  ],
  Job: [
    column<Job>('Status', cells.jobStatusText),
    column<Job>('Completions', cells.jobCompletions),
    column<Job>('Duration', cells.jobDuration),
    ...workloadWide(templateOf),
  ],
  StatefulSet: [
    column<StatefulSet>('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`),
    column('Containers', (object) => cells.containerNames(templateOf(object)), wide),
    column('Images', (object) => cells.containerImages(templateOf(object)), wide),
  ],
  DaemonSet: [
    column<DaemonSet>('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0, integer),
    column<DaemonSet>('Current', ({ status }) => status?.currentNumberScheduled ?? 0, integer),
    column<DaemonSet>('Ready', ({ status }) => status?.numberReady ?? 0, integer),
    column<DaemonSet>('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0, integer),
    column<DaemonSet>('Available', ({ status }) => status?.numberAvailable ?? 0, integer),
    column<DaemonSet>('Node Selector', ({ spec }) => cells.labelsText(spec.template.spec.nodeSelector)),
    ...workloadWide(templateOf),
  ],
  CronJob: [
    column<CronJob>('Schedule', ({ spec }) => spec.schedule),
    column<CronJob>('Timezone', ({ spec }) => text(spec.timeZone)),
    column<CronJob>('Suspend', ({ spec }) => (spec.suspend === true ? 'True' : 'False')),
    column<CronJob>('Active', ({ status }) => status?.active?.length ?? 0, integer),
    column<CronJob>('Last Schedule', ({ status }, nowMs) =>
      status?.lastScheduleTime === undefined ? '<none>' : cells.duration(nowMs - Date.parse(status.lastScheduleTime)),
    ),
  ],
  Service: [
    column<Service>('Type', ({ spec }) => spec.type ?? 'ClusterIP'),
    column<Service>('Cluster-IP', ({ spec }) => text(spec.clusterIP)),
    column<Service>('External-IP', cells.externalIp),
    column<Service>('Port(s)', cells.servicePorts),
    column<Service>('Selector', ({ spec }) => cells.labelsText(spec.selector), wide),
  ],
  Endpoints: [column('Endpoints', cells.endpointsText)],
  EndpointSlice: [
    column('AddressType', (slice) => text(slice['addressType'])),
    column('Ports', cells.slicePorts),
    column('Endpoints', cells.sliceEndpoints),
  ],
  Node: [
    column<Node>('Status', cells.nodeStatusText),
    column<Node>('Roles', cells.nodeRoles),
    column<Node>('Age', ({ metadata }) => metadata.creationTimestamp ?? null, { type: 'date' }),
    column<Node>('Version', ({ status }) => text(status?.nodeInfo?.['kubeletVersion'])),
    column<Node>('Internal-IP', (node) => cells.nodeAddress(node, 'InternalIP'), wide),
    column<Node>('External-IP', (node) => cells.nodeAddress(node, 'ExternalIP'), wide),
    column<Node>('OS-Image', ({ status }) => text(status?.nodeInfo?.['osImage']), wide),
    column<Node>('Kernel-Version', ({ status }) => text(status?.nodeInfo?.['kernelVersion']), wide),
    column<Node>('Container-Runtime', ({ status }) => text(status?.nodeInfo?.['containerRuntimeVersion']), wide),
  ],
  Namespace: [column<Namespace>('Status', ({ status }) => status?.phase ?? 'Active')],
  ConfigMap: [
    column('Data', (map) => Object.keys(record(map['data'])).length + Object.keys(record(map['binaryData'])).length),
  ],
  Secret: [
    column('Type', (secret) => text(secret['type'])),
    column('Data', (secret) => Object.keys(record(secret['data'])).length, integer),
  ],
  Event: [
    column('Last Seen', (event, nowMs) => age(event['lastTimestamp'] ?? event.metadata.creationTimestamp, nowMs)),
    column('Type', (event) => text(event['type'])),
    column('Reason', (event) => text(event['reason'])),
    column('Object', (event) => {
      const about = record(event['involvedObject']);
      return `${text(about['kind']).toLowerCase()}/${text(about['name'])}`;
    }),
    column('Subobject', (event) => text(record(event['involvedObject'])['fieldPath'], ''), wide),
    column('Source', (event) => eventSource(event), wide),
    column('Message', (event) => text(event['message'], '').trim()),
    column('First Seen', (event, nowMs) => age(event['firstTimestamp'], nowMs), wide),
    column('Count', (event) => Number(event['count'] ?? 1), { ...integer, ...wide }),
    column('Name', (event) => event.metadata.name, wide),
    // Kubernetes' table of events has no age; the machinery adds one only where none is named.
    column('Age', ({ metadata }) => metadata.creationTimestamp ?? null, { ...wide, type: 'date' }),
  ],
  Lease: [column('Holder', (lease) => text(record(lease['spec'])['holderIdentity']))],
  PersistentVolumeClaim: [
    column<PersistentVolumeClaim>('Status', ({ status }) => status?.phase ?? 'Pending'),
    column<PersistentVolumeClaim>('Volume', ({ spec }) => spec.volumeName ?? ''),
    column<PersistentVolumeClaim>('Capacity', ({ status }) => status?.capacity?.['storage'] ?? ''),
    column<PersistentVolumeClaim>('Access Modes', ({ status }) => accessModes(status?.accessModes)),
    column<PersistentVolumeClaim>('StorageClass', ({ spec }) => spec.storageClassName ?? ''),
    column<PersistentVolumeClaim>('VolumeMode', ({ spec }) => text(spec['volumeMode'], 'Filesystem'), wide),
  ],
  PriorityClass: [
    column('Value', (each) => Number(each['value'] ?? 0), integer),
    column('Global-Default', (each) => each['globalDefault'] === true, { type: 'boolean' }),
    column('PreemptionPolicy', (each) => text(each['preemptionPolicy'], ''), wide),
  ],
  RoleBinding: [column('Role', roleOf)],
  ClusterRoleBinding: [column('Role', roleOf)],
};

function roleOf(binding: KubeObject): string {
  const role = record(binding['roleRef']);
  return `${text(role['kind'])}/${text(role['name'])}`;
}

function eventSource(event: KubeObject): string {
  const source = record(event['source']);
  const component = text(source['component'] ?? event['reportingComponent'], '');
  const host = text(source['host'], '');
  return host === '' ? component : `${component}, ${host}`;
}

const age = (time: unknown, nowMs: number): string =>
  typeof time === 'string' ? cells.duration(nowMs - millis(time)) : '<unknown>';

const ACCESS_MODES: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const accessModes = (modes: readonly string[] | undefined): string =>
  (modes ?? []).map((mode) => ACCESS_MODES[mode] ?? mode).join(',');
