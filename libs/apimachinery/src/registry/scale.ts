/** The scale subresource (autoscaling/v1 Scale): a view of a few fields of its object. */
import type { ResourceDefinition } from '../api/definition.js';
import { badRequest, invalid } from '../api/errors.js';
import { isRecord, type KubeObject, valueAt } from '@skyflow/contracts';

/** @throws StatusError 400 */
export function scaleOf(definition: ResourceDefinition, object: KubeObject): KubeObject {
  const paths = requireScale(definition);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.labelSelectorPath === undefined ? undefined : valueAt(object, paths.labelSelectorPath);
  const selectorText = typeof selector === 'string' ? selector : selectorOf(selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: count(valueAt(object, paths.specReplicasPath)) },
    status: {
      replicas: count(valueAt(object, paths.statusReplicasPath)),
      ...(selectorText === undefined ? {} : { selector: selectorText }),
    },
  };
}

/**
 * The replicas that a Scale asks for.
 * @throws StatusError 400, 422
 */
export function replicasOf(definition: ResourceDefinition, name: string, scale: unknown): number {
  requireScale(definition);
  if (!isRecord(scale) || (scale.kind !== undefined && scale.kind !== 'Scale')) {
    throw badRequest(
      'the body must be a Scale of autoscaling/v1: {"kind":"Scale","apiVersion":"autoscaling/v1","spec":{"replicas":2}}',
    );
  }
  const metadata = isRecord(scale.metadata) ? scale.metadata : {};
  if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${JSON.stringify(metadata.name)}) does not match the name on the URL (${name})`,
    );
  }
  const replicas = valueAt(scale, 'spec.replicas') ?? 0;
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0 && replicas < 2 ** 31)
    return replicas;
  const rule = 'must be an integer from 0 to 2147483647';
  throw invalid({ group: 'autoscaling', plural: 'scales', kind: 'Scale' }, name, [
    {
      reason: 'FieldValueInvalid',
      field: 'spec.replicas',
      message: `Invalid value: ${JSON.stringify(replicas)}: ${rule}`,
    },
  ]);
}

function requireScale(definition: ResourceDefinition): NonNullable<ResourceDefinition['scale']> {
  if (definition.scale === undefined) throw badRequest(`${definition.plural} have no scale subresource`);
  return definition.scale;
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** `matchLabels` of a LabelSelector as text. */
function selectorOf(selector: unknown): string | undefined {
  const labels = isRecord(selector) ? selector.matchLabels : undefined;
  if (!isRecord(labels)) return undefined;
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
