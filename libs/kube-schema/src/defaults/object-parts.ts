/** Parts of an untyped object that is not validated yet: of the expected type, or nothing. */

export type Part = Record<string, unknown>;

export const asPart = (value: unknown): Part | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : undefined;

/** The object at a path of field names. */
export function partAt(value: unknown, ...path: readonly string[]): Part | undefined {
  let part = asPart(value);
  for (const name of path) part = asPart(part?.[name]);
  return part;
}

/** The objects in a list. */
export const partsOf = (list: unknown): Part[] =>
  Array.isArray(list) ? list.map(asPart).filter((part) => part !== undefined) : [];

/** Sets a field that is absent or null. */
export function setDefault(part: Part, field: string, value: unknown): void {
  part[field] ??= value;
}
