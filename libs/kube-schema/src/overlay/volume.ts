/** core/v1: volumes and claims. Sources as in pod.ts. */
import {
  atomicMap,
  byDefault,
  condition,
  fileMode,
  format,
  itemsOneOf,
  keyed,
  notEmpty,
  oneOf,
  quantities,
  quantity,
  type Overlay,
} from './overlay.js';

const accessModes = itemsOneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod');
const volumeMode = { ...oneOf('Filesystem', 'Block'), default: 'Filesystem' };

export const volumeOverlay: Overlay = {
  packageName: 'io.k8s.api.core.v1',
  types: {
    Volume: { name: { ...notEmpty, ...format('dns-label') } },
    ConfigMapVolumeSource: { defaultMode: fileMode },
    SecretVolumeSource: { defaultMode: fileMode },
    DownwardAPIVolumeSource: { defaultMode: fileMode },
    ProjectedVolumeSource: { defaultMode: fileMode },
    ServiceAccountTokenProjection: { expirationSeconds: byDefault(3600) },
    KeyToPath: { key: notEmpty, path: notEmpty },
    EmptyDirVolumeSource: { sizeLimit: quantity },
    HostPathVolumeSource: {
      type: {
        ...oneOf('', 'DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice'),
        default: '',
      },
    },
    ImageVolumeSource: { pullPolicy: oneOf('Always', 'Never', 'IfNotPresent') },
    ISCSIVolumeSource: { iscsiInterface: byDefault('default') },
    RBDVolumeSource: { pool: byDefault('rbd'), user: byDefault('admin'), keyring: byDefault('/etc/ceph/keyring') },
    VolumeResourceRequirements: { limits: quantities, requests: quantities },
    PersistentVolumeClaimSpec: { accessModes, volumeMode },
    PersistentVolumeClaimStatus: {
      allocatedResources: quantities,
      capacity: quantities,
      conditions: keyed('type'),
      phase: oneOf('Pending', 'Bound', 'Lost'),
    },
    PersistentVolumeClaimCondition: { status: condition },
    PersistentVolumeSpec: {
      accessModes,
      volumeMode,
      capacity: quantities,
      persistentVolumeReclaimPolicy: { ...oneOf('Retain', 'Delete', 'Recycle'), default: 'Retain' },
    },
    TopologySelectorTerm: { $type: atomicMap },
    TypedLocalObjectReference: { $type: atomicMap },
    LocalObjectReference: { $type: atomicMap },
    SecretReference: { $type: atomicMap },
    ObjectReference: { $type: atomicMap },
  },
};
