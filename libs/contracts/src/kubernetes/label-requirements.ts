/** Label requirements, and whether labels meet them. */

export interface LabelRequirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  values: readonly string[];
}

/** Whether labels meet all requirements. */
export function matchesLabels(requirements: readonly LabelRequirement[], labels: Record<string, string>): boolean {
  for (const requirement of requirements) {
    const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    if (!meets(requirement, value)) return false;
  }
  return true;
}

function meets(requirement: LabelRequirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compares(value, requirement.values[0], (a, b) => a > b);
    case 'Lt':
      return compares(value, requirement.values[0], (a, b) => a < b);
  }
}

function compares(
  value: string | undefined,
  bound: string | undefined,
  holds: (a: bigint, b: bigint) => boolean,
): boolean {
  if (value === undefined || bound === undefined || !/^-?\d+$/.test(value)) return false;
  return holds(BigInt(value), BigInt(bound));
}
