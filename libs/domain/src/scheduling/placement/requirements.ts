/** Selector requirements as Kubernetes judges them, over labels or over the fields of a cluster. */

/** As stored: operators and values are whatever the log says. */
export interface StoredRequirement {
  key: string;
  operator: string;
  values?: string[];
}

/** Whether a label with this value (undefined: no such label) meets the requirement. Unknown operators meet nothing. */
export function meets({ operator, values: listed }: StoredRequirement, value: string | undefined): boolean {
  const values = Array.isArray(listed) ? listed : [];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** As {@link meets}, of a Kubernetes version: `1.36` and `v1.36` mean every 1.36.x, and Gt and Lt compare part by part. */
export function meetsVersion({ operator, values = [] }: StoredRequirement, version: string | undefined): boolean {
  const isOneOf = (): boolean => version !== undefined && values.some((value) => compareVersions(version, value) === 0);
  switch (operator) {
    case 'In':
      return isOneOf();
    case 'NotIn':
      return !isOneOf();
    case 'Gt':
      return version !== undefined && compareVersions(version, values[0] ?? '') > 0;
    case 'Lt':
      return version !== undefined && compareVersions(version, values[0] ?? '') < 0;
    default:
      return meets({ key: '', operator }, version);
  }
}

/** For people: `tier In (gold, silver)`, `gpu Exists`, `cores Gt 8`. */
export function requirementText({ key, operator, values = [] }: StoredRequirement): string {
  if (values.length === 0) return `${key} ${operator}`;
  return operator === 'Gt' || operator === 'Lt'
    ? `${key} ${operator} ${values.join(', ')}`
    : `${key} ${operator} (${values.join(', ')})`;
}

/** Compares as many parts as `wanted` has; distributions' suffixes (`+k3s1`, `-gke.100`) are not looked at. */
function compareVersions(version: string, wanted: string): number {
  const has = partsOf(version);
  for (const [index, part] of partsOf(wanted).entries()) {
    const difference = (has[index] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

const partsOf = (version: string): number[] =>
  version
    .replace(/^v/, '')
    .replace(/[-+].*$/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
