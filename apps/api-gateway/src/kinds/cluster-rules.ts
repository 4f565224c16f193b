/** Rules on Clusters. */
import { type ResourceStrategy, toTimestamp } from '@skyflow/apimachinery';
import {
  type ClusterTaint,
  equalJson,
  invalidCause,
  isLabelValue,
  isQualifiedName,
  type KubeObject,
  type StatusCause,
} from '@skyflow/contracts';
import { duplicate } from './causes.js';
import { keepUntilTakenDown, provisionCauses, provisionUpdateCauses } from './provision-rules.js';
import { priceCauses } from './scheduling-rules.js';

interface ClusterSpecInput {
  manager?: string;
  context?: string;
  kubeconfig?: string;
  unschedulable?: boolean;
  drain?: { graceSeconds?: number };
  taints?: ClusterTaint[];
  prices?: Record<string, number>;
}

/** Spellings of the one manager there is, as the seed system and Kubernetes users write it. */
const MANAGERS: ReadonlySet<string> = new Set(['k8', 'k8s', 'kubernetes']);

export const clusterStrategy: ResourceStrategy = {
  prepareForCreate: (object, { nowMs }) => {
    sayManager(object);
    timeTaints(object, [], nowMs);
    keepUntilTakenDown(object);
  },
  prepareForUpdate: (object, old, { nowMs }) => {
    sayManager(object);
    timeTaints(object, specOf(old).taints ?? [], nowMs);
    keepUntilTakenDown(object);
  },
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
    const { taints = [], prices } = specOf(object);
    return [...causes, ...taintCauses(taints), ...priceCauses(prices), ...provisionCauses(object)];
  },
  validateUpdate: (object, old): StatusCause[] => [
    ...(equalJson(specOf(object).manager, specOf(old).manager)
      ? []
      : [
          invalidCause(
            'spec.manager',
            specOf(object).manager,
            'field is immutable; delete the cluster and create it anew',
          ),
        ]),
    ...provisionUpdateCauses(object, old),
  ],
};

const specOf = (object: KubeObject): ClusterSpecInput => object.spec ?? {};

function sayManager(object: KubeObject): void {
  const spec = specOf(object);
  const given = spec.manager?.toLowerCase();
  object.spec = { ...spec, manager: given === undefined || MANAGERS.has(given) ? 'k8' : spec.manager };
}

/** A taint that was there keeps its time; replicas that tolerate it for some seconds are counted from there. */
function timeTaints(object: KubeObject, before: readonly ClusterTaint[], nowMs: number): void {
  const { taints } = specOf(object);
  if (!Array.isArray(taints)) return;
  for (const taint of taints) {
    const same = before.find(
      ({ key, value, effect }) => key === taint.key && (value ?? '') === (taint.value ?? '') && effect === taint.effect,
    );
    taint.timeAdded ??= same?.timeAdded ?? toTimestamp(nowMs);
  }
}

const taintCauses = (taints: readonly ClusterTaint[]): StatusCause[] =>
  taints.flatMap(({ key, value = '', effect }, index) => {
    const field = `spec.taints[${String(index)}]`;
    const causes: StatusCause[] = [];
    if (!isQualifiedName(key)) causes.push(invalidCause(`${field}.key`, key, 'must be like a label key'));
    if (!isLabelValue(value)) causes.push(invalidCause(`${field}.value`, value, 'must be like a label value'));
    if (taints.findIndex((taint) => taint.key === key && taint.effect === effect) < index) {
      causes.push(duplicate(field, `${key}:${effect}`, 'give a key once for each effect'));
    }
    return causes;
  });
