/** Rules on Clusters. */
import {
  type KubeObject,
  type ResourceStrategy,
  type StatusCause,
  equalJson,
  invalidCause,
} from '@skyflow/apimachinery';

interface ClusterSpecInput {
  manager?: string;
  context?: string;
  kubeconfig?: string;
  unschedulable?: boolean;
  drain?: { graceSeconds?: number };
}

/** Spellings of the one manager there is, as the seed system and Kubernetes users write it. */
const MANAGERS: ReadonlySet<string> = new Set(['k8', 'k8s', 'kubernetes']);

export const clusterStrategy: ResourceStrategy = {
  prepareForCreate: (object) => sayManager(object),
  prepareForUpdate: (object) => sayManager(object),
  validate: (object): StatusCause[] => {
    const { manager, drain, unschedulable } = specOf(object);
    const causes: StatusCause[] = [];
    if (manager !== 'k8') {
      causes.push({
        reason: 'FieldValueNotSupported',
        field: 'spec.manager',
        message: `Unsupported value: ${JSON.stringify(manager)}: supported values: "k8" (also written "k8s" or "kubernetes")`,
      });
    }
    if (drain !== undefined && unschedulable !== true) {
      const rule = 'must be true while spec.drain is set: what leaves would come back; remove spec.drain to uncordon';
      causes.push(invalidCause('spec.unschedulable', unschedulable ?? false, rule));
    }
    return causes;
  },
  validateUpdate: (object, old): StatusCause[] =>
    equalJson(specOf(object).manager, specOf(old).manager)
      ? []
      : [
          invalidCause(
            'spec.manager',
            specOf(object).manager,
            'field is immutable; delete the cluster and create it anew',
          ),
        ],
};

const specOf = (object: KubeObject): ClusterSpecInput => object.spec ?? {};

function sayManager(object: KubeObject): void {
  const spec = specOf(object);
  const given = spec.manager?.toLowerCase();
  object.spec = { ...spec, manager: given === undefined || MANAGERS.has(given) ? 'k8' : spec.manager };
}
