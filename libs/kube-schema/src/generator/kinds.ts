/**
 * The kinds whose schemas are generated, with the model of @kubernetes/client-node that describes each.
 *
 * Order matters: a type that several kinds share gets the name of the group that reaches it first, and core comes before the
 * groups that build on it, as upstream.
 */

export interface KindSource {
  /** API group; '' for core. */
  group: string;
  version: string;
  kind: string;
  /** Class in client-node's gen/models. */
  model: string;
}

const kinds = (group: string, version: string, names: readonly string[], prefix = version): KindSource[] =>
  names.map((kind) => ({ group, version, kind, model: upper(prefix) + kind }));

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Kinds that have a List kind. */
export const listedKinds: readonly KindSource[] = [
  ...kinds('', 'v1', [
    'Pod',
    'PodTemplate',
    'Namespace',
    'Node',
    'Service',
    'Endpoints',
    'ConfigMap',
    'Secret',
    'ServiceAccount',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'ReplicationController',
    'LimitRange',
    'ResourceQuota',
  ]),
  ...kinds('', 'v1', ['Event'], 'CoreV1'),
  ...kinds('apps', 'v1', ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision']),
  ...kinds('batch', 'v1', ['Job', 'CronJob']),
  ...kinds('autoscaling', 'v2', ['HorizontalPodAutoscaler']),
  ...kinds('discovery.k8s.io', 'v1', ['EndpointSlice']),
  ...kinds('coordination.k8s.io', 'v1', ['Lease']),
  ...kinds('events.k8s.io', 'v1', ['Event'], 'EventsV1'),
  ...kinds('rbac.authorization.k8s.io', 'v1', ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']),
  ...kinds('policy', 'v1', ['PodDisruptionBudget']),
  ...kinds('scheduling.k8s.io', 'v1', ['PriorityClass']),
  ...kinds('networking.k8s.io', 'v1', ['Ingress', 'IngressClass', 'NetworkPolicy']),
  ...kinds('storage.k8s.io', 'v1', ['StorageClass', 'VolumeAttachment', 'CSINode', 'CSIDriver']),
];

/** Kinds that are sent or answered, never stored and listed. */
export const unlistedKinds: readonly KindSource[] = [
  ...kinds('', 'v1', ['Binding']),
  ...kinds('policy', 'v1', ['Eviction']),
  ...kinds('autoscaling', 'v1', ['Scale']),
  ...kinds('authentication.k8s.io', 'v1', ['TokenReview', 'SelfSubjectReview']),
  ...kinds('authentication.k8s.io', 'v1', ['TokenRequest'], 'AuthenticationV1'),
  ...kinds('authorization.k8s.io', 'v1', [
    'SubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'LocalSubjectAccessReview',
  ]),
];

/** Types of apimachinery's meta/v1 that every group shares. */
export const metaModels: readonly string[] = [
  'V1ObjectMeta',
  'V1ListMeta',
  'V1LabelSelector',
  'V1Condition',
  'V1DeleteOptions',
  'V1Status',
  'V1APIResourceList',
  'V1APIGroupList',
  'V1APIVersions',
  'V1FieldSelectorRequirement',
];

/** Types of core/v1 that only kinds of other groups use. */
export const coreModels: readonly string[] = ['V1TopologySelectorTerm'];

export const META_PACKAGE = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Package of a group in upstream's schema names: `io.k8s.api.apps.v1`. */
export const packageOf = (group: string, version: string): string =>
  `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? group)}.${version}`;
