/** Rules of requests and limits (pkg/apis/core/validation: ValidateContainerResourceRequirements). */
import { invalidCause, type StatusCause } from '@skyflow/contracts';
import { partAt, type Part } from '../defaults/object-parts.js';
import { quantityValue } from './quantity-value.js';

const STANDARD = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** @param path of the `resources` */
export function resourceCauses(resources: Part | undefined, path: string): StatusCause[] {
  const limits = partAt(resources, 'limits') ?? {};
  const requests = partAt(resources, 'requests') ?? {};
  return [
    ...Object.entries(limits).flatMap(([name, value]) => amountCauses(name, value, `${path}.limits[${name}]`)),
    ...Object.entries(requests).flatMap(([name, value]) => amountCauses(name, value, `${path}.requests[${name}]`)),
    ...Object.entries(requests).flatMap(([name, value]) => aboveLimit(name, value, limits[name], path)),
  ];
}

function amountCauses(name: string, value: unknown, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!STANDARD.test(name) && !name.includes('/')) {
    causes.push(
      invalidCause(path, name, 'must be a standard resource type or fully qualified'),
      invalidCause(path, name, 'must be a standard resource for containers'),
    );
  }
  const amount = quantityValue(value);
  if (amount === undefined) return causes; // the schema says so
  if (amount < 0) causes.push(invalidCause(path, String(value), 'must be greater than or equal to 0'));
  else if (name.includes('/') && !Number.isInteger(amount)) {
    causes.push(invalidCause(path, String(value), 'must be an integer'));
  }
  return causes;
}

/** An extended resource must be asked for exactly as it is limited. */
function aboveLimit(name: string, request: unknown, limit: unknown, path: string): StatusCause[] {
  const [asked, allowed] = [quantityValue(request), quantityValue(limit)];
  if (asked === undefined || allowed === undefined) return [];
  if (name.includes('/') && asked !== allowed) {
    return [invalidCause(`${path}.requests`, String(request), `must be equal to ${name} limit of ${String(limit)}`)];
  }
  if (asked <= allowed) return [];
  return [
    invalidCause(
      `${path}.requests`,
      String(request),
      `must be less than or equal to ${name} limit of ${String(limit)}`,
    ),
  ];
}
