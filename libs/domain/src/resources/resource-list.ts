/** Resource lists in base units: cpu in millicores, everything else in whole bytes or pieces. */
import type { ResourceList } from '@skyflow/contracts';
import { parseBytes, parseCpu } from './quantity.js';

/** A `requests`, `limits` or `allocatable` map as Kubernetes writes it. */
export type QuantityMap = Readonly<Record<string, string | number>>;

/**
 * One amount in the base unit of its resource.
 * @throws InvalidQuantityError
 */
export const parseAmount = (resource: string, quantity: string | number): number =>
  resource === 'cpu' ? parseCpu(quantity) : parseBytes(quantity);

/**
 * A Kubernetes quantity map in base units.
 * @throws InvalidQuantityError
 */
export function parseResourceList(quantities: QuantityMap | undefined): ResourceList {
  const list: ResourceList = {};
  for (const [resource, quantity] of Object.entries(quantities ?? {})) list[resource] = parseAmount(resource, quantity);
  return list;
}

/** Sum by resource. */
export const addResources = (left: ResourceList, right: ResourceList): ResourceList =>
  combine(left, right, (a, b) => a + b);

/** Difference by resource, which may be negative. */
export const subtractResources = (left: ResourceList, right: ResourceList): ResourceList =>
  combine(left, right, (a, b) => a - b);

/** The larger amount of each resource. */
export const maxResources = (left: ResourceList, right: ResourceList): ResourceList => combine(left, right, Math.max);

function combine(left: ResourceList, right: ResourceList, of: (a: number, b: number) => number): ResourceList {
  const result: ResourceList = {};
  for (const [resource, amount] of Object.entries(left)) result[resource] = of(amount, right[resource] ?? 0);
  for (const [resource, amount] of Object.entries(right)) {
    if (!Object.hasOwn(left, resource)) result[resource] = of(0, amount);
  }
  return result;
}
