/** The smaller groups. Sources: types.go, defaults.go and validation of each. */
import {
  atLeast,
  atomicMap,
  byDefault,
  keyed,
  mergedBy,
  notEmpty,
  oneOf,
  quantity,
  valueSet,
  type Overlay,
} from './overlay.js';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export const otherOverlays: readonly Overlay[] = [
  {
    packageName: 'io.k8s.api.rbac.v1',
    types: {
      RoleRef: { $type: atomicMap, apiGroup: byDefault(RBAC_GROUP), name: notEmpty },
      Subject: { $type: atomicMap, kind: oneOf('User', 'Group', 'ServiceAccount'), name: notEmpty },
    },
  },
  {
    packageName: 'io.k8s.api.policy.v1',
    types: {
      PodDisruptionBudgetSpec: {
        selector: mergedBy(undefined, 'replace'),
        unhealthyPodEvictionPolicy: oneOf('IfHealthyBudget', 'AlwaysAllow'),
      },
      PodDisruptionBudgetStatus: { conditions: keyed('type') },
    },
  },
  {
    packageName: 'io.k8s.api.scheduling.v1',
    types: {
      PriorityClass: {
        preemptionPolicy: { ...oneOf('PreemptLowerPriority', 'Never'), default: 'PreemptLowerPriority' },
      },
    },
  },
  {
    packageName: 'io.k8s.api.autoscaling.v1',
    types: { ScaleSpec: { replicas: { ...atLeast(0), default: 0 } } },
  },
  {
    packageName: 'io.k8s.api.autoscaling.v2',
    types: {
      HorizontalPodAutoscalerSpec: { minReplicas: { ...atLeast(0), default: 1 }, maxReplicas: atLeast(1) },
      HorizontalPodAutoscalerStatus: { conditions: keyed('type') },
      MetricTarget: { averageValue: quantity, value: quantity, type: oneOf('Utilization', 'Value', 'AverageValue') },
      MetricValueStatus: { averageValue: quantity, value: quantity },
      HPAScalingRules: { tolerance: quantity, selectPolicy: oneOf('Max', 'Min', 'Disabled') },
    },
  },
  {
    packageName: 'io.k8s.api.storage.v1',
    types: {
      StorageClass: {
        reclaimPolicy: { ...oneOf('Delete', 'Retain'), default: 'Delete' },
        volumeBindingMode: { ...oneOf('Immediate', 'WaitForFirstConsumer'), default: 'Immediate' },
      },
      CSINodeSpec: { drivers: keyed('name') },
      CSIDriverSpec: { volumeLifecycleModes: valueSet },
    },
  },
  {
    packageName: 'io.k8s.api.coordination.v1',
    types: { LeaseSpec: { leaseDurationSeconds: atLeast(1), leaseTransitions: atLeast(0) } },
  },
];
