/** apps/v1. Sources: k8s.io/api/apps/v1/types.go, pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation. */
import { atLeast, byDefault, condition, keyed, mergedBy, oneOf, type Overlay } from './overlay.js';

const replicas = { ...atLeast(0), default: 1 };
const revisionHistoryLimit = { ...atLeast(0), default: 10 };
const minReadySeconds = atLeast(0);
const conditions = keyed('type');

export const appsOverlay: Overlay = {
  packageName: 'io.k8s.api.apps.v1',
  types: {
    DeploymentSpec: {
      replicas,
      revisionHistoryLimit,
      minReadySeconds,
      progressDeadlineSeconds: { ...atLeast(1), default: 600 },
      strategy: { ...mergedBy(undefined, 'retainKeys'), default: {} },
    },
    DeploymentStrategy: { type: { ...oneOf('RollingUpdate', 'Recreate'), default: 'RollingUpdate' } },
    DeploymentStatus: { conditions },
    DeploymentCondition: { status: condition },
    ReplicaSetSpec: { replicas, minReadySeconds },
    ReplicaSetStatus: { conditions },
    ReplicaSetCondition: { status: condition },
    StatefulSetSpec: {
      replicas,
      revisionHistoryLimit,
      minReadySeconds,
      podManagementPolicy: { ...oneOf('OrderedReady', 'Parallel'), default: 'OrderedReady' },
      updateStrategy: byDefault({}),
      persistentVolumeClaimRetentionPolicy: byDefault({}),
    },
    StatefulSetUpdateStrategy: { type: { ...oneOf('RollingUpdate', 'OnDelete'), default: 'RollingUpdate' } },
    RollingUpdateStatefulSetStrategy: { partition: atLeast(0) },
    StatefulSetPersistentVolumeClaimRetentionPolicy: {
      whenDeleted: { ...oneOf('Retain', 'Delete'), default: 'Retain' },
      whenScaled: { ...oneOf('Retain', 'Delete'), default: 'Retain' },
    },
    StatefulSetStatus: { conditions },
    StatefulSetCondition: { status: condition },
    DaemonSetSpec: { revisionHistoryLimit, minReadySeconds, updateStrategy: byDefault({}) },
    DaemonSetUpdateStrategy: { type: { ...oneOf('RollingUpdate', 'OnDelete'), default: 'RollingUpdate' } },
    DaemonSetStatus: { conditions },
    DaemonSetCondition: { status: condition },
  },
};
