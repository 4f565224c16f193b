/** The kinds that an embedded cluster serves, and how kubectl knows them. What is not in this list is not served. */
import type { ResourceDefinition } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { conditionOf } from '../model/object-facts.js';
import type { Job } from '../model/workloads.js';

export type KindFacts = Omit<ResourceDefinition, 'schema' | 'columns' | 'strategy' | 'connect' | 'schemaName'> & {
  /** Package of the schema name: `io.k8s.api.core.v1`. */
  package: string;
};

const READ_WRITE = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SCALE = { specReplicasPath: 'spec.replicas', statusReplicasPath: 'status.replicas' };

const core = (
  kind: string,
  plural: string,
  shortNames: readonly string[],
  more: Partial<KindFacts> = {},
): KindFacts => ({
  group: '',
  version: 'v1',
  package: 'io.k8s.api.core.v1',
  kind,
  plural,
  singular: kind.toLowerCase(),
  shortNames,
  namespaced: true,
  verbs: READ_WRITE,
  strategicMerge: true,
  ...more,
});

const grouped = (
  group: string,
  packageName: string,
  kind: string,
  plural: string,
  shortNames: readonly string[],
  more: Partial<KindFacts> = {},
): KindFacts => core(kind, plural, shortNames, { group, package: packageName, ...more });

const path =
  (...names: string[]): ((object: KubeObject) => string) =>
  (object) => {
    let value: unknown = object;
    for (const name of names) value = (value as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  };

const ALL = ['all'];
const APPS = 'io.k8s.api.apps.v1';
const RBAC = 'io.k8s.api.rbac.v1';
/** Answered at once, never kept: see review-store.ts. */
const REVIEW: Partial<KindFacts> = { namespaced: false, verbs: ['create'], hasStatus: true, tracksGeneration: false };
const RBAC_GROUP = 'rbac.authorization.k8s.io';
const NETWORKING = 'io.k8s.api.networking.v1';
const NETWORKING_GROUP = 'networking.k8s.io';

/** Kept, checked and listed; nothing here acts on them. */
const storedOnly: readonly KindFacts[] = [
  core('ResourceQuota', 'resourcequotas', ['quota'], { hasStatus: true, tracksGeneration: false }),
  core('LimitRange', 'limitranges', ['limits'], { tracksGeneration: false }),
  grouped('autoscaling', 'io.k8s.api.autoscaling.v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', ['hpa'], {
    version: 'v2',
    categories: ALL,
    hasStatus: true,
    tracksGeneration: false,
  }),
  grouped('policy', 'io.k8s.api.policy.v1', 'PodDisruptionBudget', 'poddisruptionbudgets', ['pdb'], {
    hasStatus: true,
  }),
  grouped(NETWORKING_GROUP, NETWORKING, 'Ingress', 'ingresses', ['ing'], { hasStatus: true }),
  grouped(NETWORKING_GROUP, NETWORKING, 'IngressClass', 'ingressclasses', [], { namespaced: false }),
  grouped(NETWORKING_GROUP, NETWORKING, 'NetworkPolicy', 'networkpolicies', ['netpol']),
  grouped('storage.k8s.io', 'io.k8s.api.storage.v1', 'StorageClass', 'storageclasses', ['sc'], {
    namespaced: false,
    tracksGeneration: false,
  }),
];

export const servedKinds: readonly KindFacts[] = [
  core('Namespace', 'namespaces', ['ns'], {
    nameRule: 'dns1123-label',
    namespaced: false,
    hasStatus: true,
    keepsStatusOnCreate: true,
    tracksGeneration: false,
    selectableFields: { 'status.phase': path('status', 'phase') },
  }),
  core('Node', 'nodes', ['no'], {
    namespaced: false,
    hasStatus: true,
    keepsStatusOnCreate: true,
    tracksGeneration: false,
    selectableFields: { 'spec.unschedulable': (node) => path('spec', 'unschedulable')(node) || 'false' },
  }),
  core('Pod', 'pods', ['po'], {
    categories: ALL,
    hasStatus: true,
    selectableFields: {
      'spec.nodeName': path('spec', 'nodeName'),
      'spec.restartPolicy': path('spec', 'restartPolicy'),
      'spec.schedulerName': path('spec', 'schedulerName'),
      'spec.serviceAccountName': path('spec', 'serviceAccountName'),
      'status.phase': path('status', 'phase'),
      'status.podIP': path('status', 'podIP'),
    },
  }),
  core('Service', 'services', ['svc'], {
    categories: ALL,
    hasStatus: true,
    tracksGeneration: false,
    selectableFields: { 'spec.clusterIP': path('spec', 'clusterIP'), 'spec.type': path('spec', 'type') },
  }),
  core('Endpoints', 'endpoints', ['ep'], { tracksGeneration: false }),
  core('ConfigMap', 'configmaps', ['cm'], { tracksGeneration: false }),
  core('Secret', 'secrets', [], { tracksGeneration: false, selectableFields: { type: path('type') } }),
  core('Event', 'events', ['ev'], {
    tracksGeneration: false,
    selectableFields: {
      'involvedObject.kind': path('involvedObject', 'kind'),
      'involvedObject.namespace': path('involvedObject', 'namespace'),
      'involvedObject.name': path('involvedObject', 'name'),
      'involvedObject.uid': path('involvedObject', 'uid'),
      'involvedObject.apiVersion': path('involvedObject', 'apiVersion'),
      'involvedObject.fieldPath': path('involvedObject', 'fieldPath'),
      reason: path('reason'),
      reportingComponent: path('reportingComponent'),
      source: path('source', 'component'),
      type: path('type'),
    },
  }),
  core('ServiceAccount', 'serviceaccounts', ['sa'], { tracksGeneration: false }),
  core('PersistentVolumeClaim', 'persistentvolumeclaims', ['pvc'], { hasStatus: true, tracksGeneration: false }),
  grouped('apps', APPS, 'Deployment', 'deployments', ['deploy'], {
    categories: ALL,
    hasStatus: true,
    scale: { ...SCALE, labelSelectorPath: 'spec.selector' },
  }),
  grouped('apps', APPS, 'ReplicaSet', 'replicasets', ['rs'], {
    categories: ALL,
    hasStatus: true,
    scale: { ...SCALE, labelSelectorPath: 'spec.selector' },
    selectableFields: { 'status.replicas': (set) => path('status', 'replicas')(set) || '0' },
  }),
  grouped('batch', 'io.k8s.api.batch.v1', 'Job', 'jobs', [], {
    categories: ALL,
    hasStatus: true,
    selectableFields: {
      'status.successful': (job) => String((job as Job).status?.succeeded ?? 0),
      'status.suspended': (job) => conditionOf((job as Job).status?.conditions, 'Suspended')?.status ?? 'False',
    },
  }),
  grouped('apps', APPS, 'StatefulSet', 'statefulsets', ['sts'], {
    categories: ALL,
    hasStatus: true,
    scale: { ...SCALE, labelSelectorPath: 'spec.selector' },
  }),
  grouped('apps', APPS, 'DaemonSet', 'daemonsets', ['ds'], { categories: ALL, hasStatus: true }),
  grouped('apps', APPS, 'ControllerRevision', 'controllerrevisions', [], { tracksGeneration: false }),
  grouped('batch', 'io.k8s.api.batch.v1', 'CronJob', 'cronjobs', ['cj'], { categories: ALL, hasStatus: true }),
  ...storedOnly,
  grouped('discovery.k8s.io', 'io.k8s.api.discovery.v1', 'EndpointSlice', 'endpointslices', []),
  grouped('coordination.k8s.io', 'io.k8s.api.coordination.v1', 'Lease', 'leases', [], { tracksGeneration: false }),
  grouped('scheduling.k8s.io', 'io.k8s.api.scheduling.v1', 'PriorityClass', 'priorityclasses', ['pc'], {
    namespaced: false,
  }),
  grouped(
    'authorization.k8s.io',
    'io.k8s.api.authorization.v1',
    'SelfSubjectAccessReview',
    'selfsubjectaccessreviews',
    [],
    REVIEW,
  ),
  grouped(
    'authentication.k8s.io',
    'io.k8s.api.authentication.v1',
    'SelfSubjectReview',
    'selfsubjectreviews',
    [],
    REVIEW,
  ),
  grouped(RBAC_GROUP, RBAC, 'Role', 'roles', [], { tracksGeneration: false }),
  grouped(RBAC_GROUP, RBAC, 'RoleBinding', 'rolebindings', [], { tracksGeneration: false }),
  grouped(RBAC_GROUP, RBAC, 'ClusterRole', 'clusterroles', [], { namespaced: false, tracksGeneration: false }),
  grouped(RBAC_GROUP, RBAC, 'ClusterRoleBinding', 'clusterrolebindings', [], {
    namespaced: false,
    tracksGeneration: false,
  }),
];
