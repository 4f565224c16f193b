/** apimachinery's meta/v1. Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go. */
import { atLeast, atomicMap, condition, keyed, mergedBy, oneOf, valueSet, type Overlay } from './overlay.js';

export const metaOverlay: Overlay = {
  packageName: 'io.k8s.apimachinery.pkg.apis.meta.v1',
  types: {
    ObjectMeta: {
      finalizers: { ...valueSet, ...mergedBy(undefined) },
      ownerReferences: keyed('uid'),
      deletionGracePeriodSeconds: atLeast(0),
    },
    OwnerReference: { $type: atomicMap },
    LabelSelector: { $type: atomicMap },
    LabelSelectorRequirement: { operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist') },
    Condition: { status: condition },
    ManagedFieldsEntry: { operation: oneOf('Apply', 'Update') },
  },
};
