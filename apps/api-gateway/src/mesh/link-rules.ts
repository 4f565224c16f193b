/** Rules on Links: the name says both clusters, so that there is one per way; of the rest only the plane is anybody's to say. */
import {
  invalidCause,
  isDnsLabel,
  type KubeObject,
  linkName,
  type LinkSpec,
  PLANE_CHOICES,
  type StatusCause,
  unsupportedCause,
} from '@skyflow/contracts';
import type { ResourceStrategy } from '@skyflow/apimachinery';

export const linkStrategy: ResourceStrategy = {
  prepareForCreate: fillIn,
  prepareForUpdate: fillIn,
  validate: linkCauses,
};

const specOf = (object: KubeObject): Partial<LinkSpec> => object.spec ?? {};

/** What is left out: the clusters follow from the name, the plane is SkyFlow's choice. */
function fillIn(object: KubeObject): void {
  const [first = '', second = ''] = object.metadata.name.split('.', 2);
  const { from = first, to = second, plane = 'auto' } = specOf(object);
  object.spec = { from, to, plane };
}

function linkCauses(object: KubeObject): StatusCause[] {
  const { from = '', to = '', plane = 'auto' } = specOf(object);
  const { name } = object.metadata;
  const causes: StatusCause[] = [];
  if (name !== linkName(from, to) || !isDnsLabel(from) || !isDnsLabel(to)) {
    const rule = `must be FROM.TO, the names of two clusters that spec.from and spec.to are, if they are there (here ${from}, ${to})`;
    causes.push(invalidCause('metadata.name', name, rule));
  } else if (from === to) {
    causes.push(invalidCause('spec.to', to, 'must be another cluster than spec.from: within one there is no link'));
  }
  if (!(PLANE_CHOICES as readonly string[]).includes(plane)) {
    causes.push(unsupportedCause('spec.plane', plane, [...PLANE_CHOICES]));
  }
  return causes;
}
