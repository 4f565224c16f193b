/** Schemas of OpenAPI 3.0, as Kubernetes and Nest write them, in the words of 3.1 (JSON Schema 2020-12). */

/** A deep copy. `nullable` becomes a type of its own; extensions of ours that mean nothing outside are left out. */
export function asSchema31(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asSchema31);
  if (typeof value !== 'object' || value === null) return value;
  const {
    nullable,
    'x-skyflow-never-absent': _neverAbsent,
    ...rest
  } = value as Record<string, unknown> & { nullable?: unknown };
  const copy = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, asSchema31(member)]));
  // A property may be called "nullable".
  if (typeof nullable !== 'boolean') return nullable === undefined ? copy : { ...copy, nullable: asSchema31(nullable) };
  if (!nullable) return copy;
  if (typeof copy.type === 'string') return { ...copy, type: [copy.type, 'null'] };
  return '$ref' in copy || 'allOf' in copy ? { anyOf: [copy, { type: 'null' }] } : copy;
}
