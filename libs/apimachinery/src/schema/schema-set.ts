/**
 * Named schemas, with `$ref` resolved lazily.
 *
 * Promises: resolving the same schema object twice costs one WeakMap look-up and gives the same object, so that callers
 * may cache by it. Nothing is copied but schemas that have keywords beside their `$ref`.
 */
import type { Schema } from '@skyflow/contracts';

export type SchemaMap = Readonly<Record<string, Schema>>;

const REF_PREFIX = '#/components/schemas/';

/** A `$ref` that names no schema of the set: a fault of who built the set, not of a user. */
export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError';
}

export class SchemaSet {
  readonly #byName = new Map<string, Schema>();
  readonly #resolved = new WeakMap<Schema, Schema>();

  /** Later sources win where names repeat. */
  constructor(...sources: readonly SchemaMap[]) {
    for (const source of sources) {
      for (const name of Object.keys(source)) {
        const schema = source[name];
        if (schema !== undefined) this.#byName.set(name, schema);
      }
    }
  }

  get(name: string): Schema | undefined {
    return this.#byName.get(name);
  }

  /** A reference to a schema of this set, for use as a property or as the schema of a resource. */
  static ref(name: string): Schema {
    return { $ref: REF_PREFIX + name };
  }

  names(): string[] {
    return [...this.#byName.keys()];
  }

  /**
   * The schema itself, or what its `$ref` names with the keywords beside the `$ref` laid over it.
   * Throws {@link UnknownSchemaError}.
   */
  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const known = this.#resolved.get(schema);
    if (known !== undefined) return known;
    const resolved = this.#follow(schema);
    this.#resolved.set(schema, resolved);
    return resolved;
  }

  #follow(schema: Schema): Schema {
    const seen = new Set<string>();
    let current = schema;
    let overlay: Schema | undefined;
    while (current.$ref !== undefined) {
      const { $ref, ...beside } = current;
      const next = $ref.startsWith(REF_PREFIX) ? this.#byName.get($ref.slice(REF_PREFIX.length)) : undefined;
      if (next === undefined || seen.has($ref)) {
        const problem = next === undefined ? 'names no schema of this set' : 'refers to itself';
        throw new UnknownSchemaError(
          `schema reference "${$ref}" ${problem}; give SchemaSet the schemas of its group too`,
        );
      }
      seen.add($ref);
      if (Object.keys(beside).length > 0) overlay = { ...beside, ...overlay };
      current = next;
    }
    return overlay === undefined ? current : { ...current, ...overlay };
  }
}
