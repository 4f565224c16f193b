/** The JSON merge patch (RFC 7386) that makes one object of another. */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Undefined: they are the same. A null in the second object cannot be said by a merge patch; it is an absent field there. */
export function mergePatchBetween(from: object, to: object): object | undefined {
  return between(from as Record<string, Json>, to as Record<string, Json>);
}

function between(from: Readonly<Record<string, Json>>, to: Readonly<Record<string, Json>>): object | undefined {
  const patch: [string, Json][] = [];
  for (const key of Object.keys(from)) if (from[key] !== null && isAbsent(to, key)) patch.push([key, null]);
  for (const [key, value] of Object.entries(to)) {
    if (isAbsent(to, key)) continue;
    const old = Object.hasOwn(from, key) ? from[key] : undefined;
    if (isObject(old) && isObject(value)) {
      const inner = between(old, value);
      if (inner !== undefined) patch.push([key, inner as Json]);
    } else if (!isEqual(old, value)) patch.push([key, value]);
  }
  return patch.length === 0 ? undefined : Object.fromEntries(patch);
}

const isAbsent = (object: Readonly<Record<string, Json>>, key: string): boolean =>
  !Object.hasOwn(object, key) || object[key] === null;

const isObject = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isEqual(a: Json | undefined, b: Json): boolean {
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key] ?? null))
    );
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const [left, right] = [a as readonly Json[], b as readonly Json[]];
    return left.length === right.length && left.every((each, index) => isEqual(each, right[index] ?? null));
  }
  return a === b;
}
