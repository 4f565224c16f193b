/** Plain JSON values: copy, compare, freeze. Faster than structuredClone and exact for what JSON can hold. */

type JsonRecord = Record<string, unknown>;

/** True for `{…}`, false for arrays, null and scalars. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A deep copy that may be changed; frozen parts thaw. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const copy: JsonRecord = {};
  for (const key in value) setOwn(copy, key, cloneJson((value as JsonRecord)[key]));
  return copy as T;
}

/** Deep equality; key order does not matter, a member that is undefined is the same as one that is absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  for (const key in a) if (!equalJson(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  for (const key in b) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false;
  return true;
}

/** Freezes all levels. Stops at what is frozen already, so sharing unchanged parts makes it cheap. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const key in value) deepFreeze(value[key]);
  return value;
}

/** Value at a dotted path such as `.spec.replicas` or `spec.replicas`. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const part of path.split('.')) {
    if (part === '') continue;
    if (!isRecord(current) || !Object.hasOwn(current, part)) return undefined;
    current = current[part];
  }
  return current;
}

/** Sets the value at a dotted path, making the objects on the way. */
export function setValueAt(target: JsonRecord, path: string, value: unknown): void {
  const parts = path.split('.').filter((part) => part !== '');
  const last = parts.pop();
  if (last === undefined) return;
  let current = target;
  for (const part of parts) {
    const next = Object.hasOwn(current, part) ? current[part] : undefined;
    if (isRecord(next)) current = next;
    else {
      const made: JsonRecord = {};
      setOwn(current, part, made);
      current = made;
    }
  }
  setOwn(current, last, value);
}

/** Plain assignment, except that a member named `__proto__` stays data. */
function setOwn(target: JsonRecord, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}
