/** The part of Kubernetes' own schemas that the gateway's kinds need. */
import type { Schema } from '@skyflow/contracts';

const PREFIX = '#/components/schemas/';

/** The named schemas and all that they refer to, in no promised order. @throws Error if one is missing. */
export function schemaClosure(all: Readonly<Record<string, Schema>>, roots: readonly string[]): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (Object.hasOwn(found, name)) continue;
    const schema = all[name];
    if (schema === undefined) throw new Error(`the Kubernetes schemas have no ${name}`);
    found[name] = schema;
    collectRefs(schema, open);
  }
  return found;
}

function collectRefs(value: unknown, refs: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') refs.push(inner.slice(PREFIX.length));
    else collectRefs(inner, refs);
  }
}

/**
 * The schemas without defaults, but for those that identify items of lists (ports without a protocol are TCP ports). The member
 * clusters set defaults themselves; here they would only blow up what is stored and hide what the user wrote.
 */
export function withoutDefaults(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  return strip(schemas, '') as Record<string, Schema>;
}

function strip(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'default' || name === 'protocol');
  return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner, key)]));
}
