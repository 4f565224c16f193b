/**
 * Fields that Go's types hold by value, or write though they are empty: to the API server they are never absent, so whoever sets
 * one does not own the field itself, only what is in it. Taken from k8s.io/api v0.36.3, <group>/<version>/types.go: fields of a
 * struct type without pointer, and lists without omitempty.
 */
import type { Schema } from '@skyflow/contracts';
import type { Overlay, TypeOverlay } from './overlay.js';

const NEVER_ABSENT: Schema = { 'x-skyflow-never-absent': true };

const goValues = (packageName: string, types: Readonly<Record<string, readonly string[]>>): Overlay => ({
  packageName,
  types: Object.fromEntries(
    Object.entries(types).map(([type, fields]): [string, TypeOverlay] => [
      type,
      Object.fromEntries(fields.map((field) => [field, NEVER_ABSENT])),
    ]),
  ),
});

export const goValueOverlays: readonly Overlay[] = [
  goValues('io.k8s.api.apps.v1', {
    DaemonSet: ['spec', 'status'],
    DaemonSetSpec: ['template', 'updateStrategy'],
    Deployment: ['spec', 'status'],
    DeploymentSpec: ['template', 'strategy'],
    ReplicaSet: ['spec', 'status'],
    ReplicaSetSpec: ['template'],
    StatefulSet: ['spec', 'status'],
    StatefulSetSpec: ['template', 'updateStrategy'],
  }),
  goValues('io.k8s.api.autoscaling.v2', {
    ContainerResourceMetricSource: ['target'],
    ContainerResourceMetricStatus: ['current'],
    ExternalMetricSource: ['metric', 'target'],
    ExternalMetricStatus: ['metric', 'current'],
    HorizontalPodAutoscaler: ['spec', 'status'],
    HorizontalPodAutoscalerSpec: ['scaleTargetRef'],
    HorizontalPodAutoscalerStatus: ['currentMetrics'],
    ObjectMetricSource: ['describedObject', 'target', 'metric'],
    ObjectMetricStatus: ['metric', 'current', 'describedObject'],
    PodsMetricSource: ['metric', 'target'],
    PodsMetricStatus: ['metric', 'current'],
    ResourceMetricSource: ['target'],
    ResourceMetricStatus: ['current'],
  }),
  goValues('io.k8s.api.batch.v1', {
    CronJob: ['spec', 'status'],
    CronJobSpec: ['jobTemplate'],
    Job: ['spec', 'status'],
    JobSpec: ['template'],
    JobTemplateSpec: ['metadata', 'spec'],
    PodFailurePolicy: ['rules'],
    PodFailurePolicyOnExitCodesRequirement: ['values'],
    SuccessPolicy: ['rules'],
  }),
  goValues('io.k8s.api.coordination.v1', {
    Lease: ['spec'],
  }),
  goValues('io.k8s.api.core.v1', {
    Container: ['resources'],
    ContainerStatus: ['state', 'lastState'],
    Event: ['involvedObject', 'source'],
    LimitRange: ['spec'],
    LimitRangeSpec: ['limits'],
    Namespace: ['spec', 'status'],
    Node: ['spec', 'status'],
    NodeDaemonEndpoints: ['kubeletEndpoint'],
    NodeSelector: ['nodeSelectorTerms'],
    NodeStatus: ['daemonEndpoints', 'nodeInfo'],
    PersistentVolume: ['spec', 'status'],
    PersistentVolumeClaim: ['spec', 'status'],
    PersistentVolumeClaimSpec: ['resources'],
    PersistentVolumeClaimTemplate: ['spec'],
    Pod: ['spec', 'status'],
    PodExtendedResourceClaimStatus: ['requestMappings'],
    PodSpec: ['containers'],
    PodTemplate: ['template'],
    PodTemplateSpec: ['metadata', 'spec'],
    PreferredSchedulingTerm: ['preference'],
    ProjectedVolumeSource: ['sources'],
    ReplicationController: ['spec', 'status'],
    ResourceQuota: ['spec', 'status'],
    Service: ['spec', 'status'],
    ServiceStatus: ['loadBalancer'],
    WeightedPodAffinityTerm: ['podAffinityTerm'],
  }),
  goValues('io.k8s.api.discovery.v1', {
    Endpoint: ['addresses', 'conditions'],
    EndpointSlice: ['endpoints', 'ports'],
  }),
  goValues('io.k8s.api.events.v1', {
    Event: ['regarding', 'deprecatedSource'],
  }),
  goValues('io.k8s.api.networking.v1', {
    HTTPIngressPath: ['backend'],
    HTTPIngressRuleValue: ['paths'],
    Ingress: ['spec', 'status'],
    IngressClass: ['spec'],
    IngressServiceBackend: ['port'],
    IngressStatus: ['loadBalancer'],
    NetworkPolicy: ['spec'],
    NetworkPolicySpec: ['podSelector'],
  }),
  goValues('io.k8s.api.policy.v1', {
    PodDisruptionBudget: ['spec', 'status'],
  }),
  goValues('io.k8s.api.rbac.v1', {
    ClusterRole: ['rules'],
    ClusterRoleBinding: ['roleRef'],
    PolicyRule: ['verbs'],
    Role: ['rules'],
    RoleBinding: ['roleRef'],
  }),
];
