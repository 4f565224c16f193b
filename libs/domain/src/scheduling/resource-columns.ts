/** Resource names as column numbers, so that the capacity of a cluster is a matrix of numbers. Columns are never reused. */
export interface ResourceColumns {
  names: string[];
  byName: Map<string, number>;
}

export const newResourceColumns = (names: readonly string[] = []): ResourceColumns => ({
  names: [...names],
  byName: new Map(names.map((name, column) => [name, column])),
});

/** The column of a resource, made if it is new. */
export function columnOf(columns: ResourceColumns, resource: string): number {
  const known = columns.byName.get(resource);
  if (known !== undefined) return known;
  const column = columns.names.push(resource) - 1;
  columns.byName.set(resource, column);
  return column;
}
