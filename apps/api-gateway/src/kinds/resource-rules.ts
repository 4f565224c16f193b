/** Rules on container resources: real quantities, not negative, requests within limits, and none that could never run. */
import { type QuantityMap, isZeroQuantity, parseQuantity, quantityProblem } from '@skyflow/domain';
import { invalidCause, type StatusCause } from '@skyflow/contracts';

export interface Resources {
  requests?: QuantityMap;
  limits?: QuantityMap;
}

export interface ResourceRules {
  /** Whether asking for none of something is refused (`cpu: 0`); Kubernetes allows it, a person who writes it means something else. */
  refuseZero: boolean;
}

/** @param path of the resources, e.g. `spec.template.spec.containers[0].resources`. */
export function resourceCauses(resources: Resources | undefined, path: string, rules: ResourceRules): StatusCause[] {
  const causes = [
    ...amountCauses(resources?.requests, `${path}.requests`, rules),
    ...amountCauses(resources?.limits, `${path}.limits`, rules),
  ];
  if (causes.length > 0) return causes;
  for (const [name, request] of Object.entries(resources?.requests ?? {})) {
    const limit = resources?.limits?.[name];
    if (limit === undefined || parseQuantity(request) <= parseQuantity(limit)) continue;
    const rule = `must be less than or equal to the ${name} limit of ${String(limit)}`;
    causes.push(invalidCause(`${path}.requests.${name}`, request, rule));
  }
  return causes;
}

function amountCauses(amounts: QuantityMap | undefined, path: string, { refuseZero }: ResourceRules): StatusCause[] {
  return Object.entries(amounts ?? {}).flatMap(([name, quantity]) => {
    const field = `${path}.${name}`;
    const problem = quantityProblem(quantity);
    if (problem !== undefined) return [invalidCause(field, quantity, problem)];
    if (refuseZero && isZeroQuantity(quantity)) {
      return [invalidCause(field, quantity, 'must be greater than 0; leave it out to ask for nothing in particular')];
    }
    return [];
  });
}
