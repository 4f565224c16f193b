/**
 * Kubernetes' strategic merge patch: a merge patch that merges lists by key where the schema says so.
 *
 * Understands `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList/<field>` and
 * `$setElementOrder/<field>`. Strategy and merge key come from `x-kubernetes-patch-strategy` and `-merge-key`, else from
 * `x-kubernetes-list-type: map|set` with one key. Semantics follow apimachinery/pkg/util/strategicpatch, also where they
 * surprise: new items come before the ones that only the server has. Neither argument is changed.
 */
import type { Schema } from '@skyflow/contracts';
import { StatusError } from '../api/status-error.js';
import { formatPath, type PathSegment } from '../schema/field-path.js';
import { getField } from '../schema/own-field.js';
import type { SchemaSet } from '../schema/schema-set.js';
import { ANYTHING, fieldSchema, isJsonObject, type JsonObject } from '../schema/shape.js';
import { MAX_PATCH_DEPTH, refuseForbiddenKey } from './merge-patch.js';
import { itemElement } from './ownership/path-element.js';
import { patchStrategy } from './patch-strategy.js';
import { DELETE_FROM_LIST, readDirectives, withoutDirectives, type Directives } from './strategic-directives.js';
import { mergeList, type ListMerge } from './strategic-list.js';

/** The object after the patch. Throws {@link StatusError} 400 for a patch that is none, naming the path. */
export function strategicMergePatch(current: unknown, patch: unknown, schema: Schema, set: SchemaSet): unknown {
  if (!isJsonObject(patch)) {
    throw new StatusError(400, 'BadRequest', 'a strategic merge patch must be an object');
  }
  return new Merge(set).object(isJsonObject(current) ? current : {}, patch, set.resolve(schema), []);
}

class Merge {
  constructor(private readonly set: SchemaSet) {}

  object(current: JsonObject, patch: JsonObject, schema: Schema, path: readonly PathSegment[]): JsonObject {
    if (path.length > MAX_PATCH_DEPTH) {
      throw new StatusError(400, 'BadRequest', `the patch is nested deeper than ${MAX_PATCH_DEPTH} levels`);
    }
    const directives = readDirectives(patch, path);
    if (directives.patch === 'replace') return withoutDirectives(patch) as JsonObject;
    if (directives.patch === 'delete') return {};
    const result = directives.retainKeys === undefined ? { ...current } : retain(current, directives.retainKeys);
    for (const key of Object.keys(patch)) {
      refuseForbiddenKey(key);
      if (key.startsWith('$')) continue;
      this.#field(result, key, patch[key], directives, schema, [...path, key]);
    }
    this.#listDirectives(result, patch, directives, schema, path);
    return result;
  }

  #field(
    result: JsonObject,
    key: string,
    value: unknown,
    directives: Directives,
    schema: Schema,
    path: readonly PathSegment[],
  ): void {
    if (value === null) {
      Reflect.deleteProperty(result, key);
      return;
    }
    const sub = this.set.resolve(fieldSchema(schema, key) ?? ANYTHING);
    const old = getField(result, key);
    if (Array.isArray(value)) {
      result[key] = this.#list(
        Array.isArray(old) ? old : undefined,
        value,
        sub,
        path,
        directives.order.get(key),
        directives.remove.get(key),
      );
    } else if (isJsonObject(value)) {
      const replaces = patchStrategy(sub, this.set).strategies.includes('replace');
      if (replaces || !isJsonObject(old)) {
        const fresh = this.object({}, value, sub, path);
        // A directive to delete what is not there makes nothing.
        if (value.$patch !== 'delete') result[key] = fresh;
        else Reflect.deleteProperty(result, key);
      } else result[key] = this.object(old, value, sub, path);
    } else result[key] = value;
  }

  #list(
    current: readonly unknown[] | undefined,
    patch: readonly unknown[],
    schema: Schema,
    path: readonly PathSegment[],
    order: readonly unknown[] | undefined,
    remove: readonly unknown[] | undefined,
  ): unknown[] {
    const { strategies, mergeKey } = patchStrategy(schema, this.set);
    if (!strategies.includes('merge')) return patch.map(withoutDirectives);
    const items = this.set.resolve(schema.items ?? ANYTHING);
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    const merge: ListMerge = {
      path,
      ...(keys.length > 1 ? { identify: (item) => itemElement(item, schema, this.set) } : {}),
      ...(mergeKey === undefined ? {} : { mergeKey }),
      ...(order === undefined ? {} : { order }),
      ...(remove === undefined ? {} : { remove }),
      item: (old, item, at) => this.object(old, item, items, at),
    };
    return mergeList(current ?? [], patch, merge);
  }

  /** `$setElementOrder` and `$deleteFromPrimitiveList` for lists that the patch does not name otherwise. */
  #listDirectives(
    result: JsonObject,
    patch: JsonObject,
    directives: Directives,
    schema: Schema,
    path: readonly PathSegment[],
  ): void {
    for (const field of new Set([...directives.order.keys(), ...directives.remove.keys()])) {
      refuseForbiddenKey(field);
      const old = getField(result, field);
      if (Object.hasOwn(patch, field) || !Array.isArray(old)) continue;
      const sub = this.set.resolve(fieldSchema(schema, field) ?? ANYTHING);
      const strategy = patchStrategy(sub, this.set);
      const order = directives.order.get(field);
      const remove = directives.remove.get(field);
      if (!strategy.strategies.includes('merge')) {
        if (remove !== undefined) throw notMerged(`${DELETE_FROM_LIST}${field}`, path);
        continue;
      }
      result[field] = this.#list(old, [], sub, [...path, field], order, remove);
    }
  }
}

function retain(current: JsonObject, keys: ReadonlySet<string>): JsonObject {
  const kept: JsonObject = {};
  for (const key of Object.keys(current)) if (keys.has(key)) kept[key] = current[key];
  return kept;
}

const notMerged = (directive: string, path: readonly PathSegment[]): StatusError =>
  new StatusError(
    400,
    'BadRequest',
    `${formatPath([...path, directive])}: the list is replaced as a whole, so nothing can be deleted from it; give the whole list`,
  );
