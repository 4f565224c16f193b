/**
 * Label and field selectors: the types, and whether an object matches. The text grammar is in selector-parser.ts.
 */
import { type KubeObject, type LabelRequirement, matchesLabels } from '@skyflow/contracts';

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

/** Selects everything. */
export const EVERYTHING: Selectors = Object.freeze({ labels: [], fields: [] });

/** Readers of the fields that a field selector may name, by dotted path. */
export type SelectableFields = Readonly<Record<string, (object: KubeObject) => string>>;

/** The fields that every resource has. */
const METADATA_FIELDS: SelectableFields = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** Paths that a field selector on this resource may name. */
export function selectablePaths(fields: SelectableFields | undefined): string[] {
  return [...Object.keys(METADATA_FIELDS), ...Object.keys(fields ?? {})];
}

/** Whether the object meets all requirements. A field that is not selectable matches nothing; requests are checked before. */
export function matchesSelectors(selectors: Selectors, object: KubeObject, fields?: SelectableFields): boolean {
  for (const requirement of selectors.fields) {
    const read = METADATA_FIELDS[requirement.path] ?? fields?.[requirement.path];
    if (read === undefined) return false;
    if ((read(object) === requirement.value) !== (requirement.operator === '=')) return false;
  }
  return matchesLabels(selectors.labels, object.metadata.labels ?? {});
}

/** The value that `metadata.name` must have, if the selectors say so: such a list or watch is about one object. */
export function selectedName(selectors: Selectors): string | undefined {
  return selectors.fields.find(({ path, operator }) => path === 'metadata.name' && operator === '=')?.value;
}
