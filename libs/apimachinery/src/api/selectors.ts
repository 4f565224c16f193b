/** Label and field selectors, parsed. */

export interface LabelRequirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  values: readonly string[];
}

export interface FieldRequirement {
  /** e.g. `metadata.name`, `spec.nodeName`. */
  path: string;
  operator: '=' | '!=';
  value: string;
}

/** All requirements must hold. */
export interface Selectors {
  labels: readonly LabelRequirement[];
  fields: readonly FieldRequirement[];
}
