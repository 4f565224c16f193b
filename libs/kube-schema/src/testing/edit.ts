/** Reading and editing test objects by a path such as `spec.template.spec.containers[1].image`. */

const segments = (path: string): string[] => path.split(/[.[\]]/).filter((segment) => segment !== '');

/** The value there, or undefined. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const segment of segments(path)) value = (value as Record<string, unknown> | undefined)?.[segment];
  return value;
}

/** The object, changed: the value there is set, or removed where it is undefined. */
export function withValueAt<T>(object: T, path: string, value: unknown): T {
  const names = segments(path);
  const last = names.pop() ?? '';
  const parent = valueAt(object, names.join('.')) as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return object;
}
