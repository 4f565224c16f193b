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
}

/** Spellings of the one manager there is, as the seed system and Kubernetes users write it. */
const MANAGERS: ReadonlySet<string> = new Set(['k8', 'k8s', 'kubernetes']);

export const clusterStrategy: ResourceStrategy = {
  prepareForCreate: (object) => sayManager(object),
  prepareForUpdate: (object) => sayManager(object),
  validate: (object): StatusCause[] => {
    const { manager } = specOf(object);
    if (manager === 'k8') return [];
    return [
      {
        reason: 'FieldValueNotSupported',
        field: 'spec.manager',
        message: `Unsupported value: ${JSON.stringify(manager)}: supported values: "k8" (also written "k8s" or "kubernetes")`,
      },
    ];
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
