/** What changed between two objects, as field sets. After structured-merge-diff's typed/compare.go. */
import { equalJson, type Schema } from '@skyflow/contracts';
import { getField } from '../../schema/own-field.js';
import type { SchemaSet } from '../../schema/schema-set.js';
import { ANYTHING, fieldSchema, isJsonObject, itemSchema, type JsonObject } from '../../schema/shape.js';
import { FieldSet } from './field-set.js';
import { itemsByElement, partsOf, type Parts } from './granularity.js';
import { fieldElement, type PathElement } from './path-element.js';

/** No field is in more than one of the three. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

export function compareFields(before: unknown, after: unknown, schema: Schema, set: SchemaSet): Comparison {
  const walk = new Walk(set);
  walk.value(before, after, schema, true);
  return walk.result;
}

class Walk {
  readonly result: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  readonly #path: PathElement[] = [];

  constructor(private readonly set: SchemaSet) {}

  /** `there`: the value is never absent, so what counts as added is what is in it. */
  value(before: unknown, after: unknown, unresolved: Schema, there: boolean): void {
    // Objects share what a patch has not touched.
    if (before === after) return;
    const schema = this.set.resolve(unresolved);
    const old = before === undefined ? undefined : partsOf(before, schema, this.set);
    const now = after === undefined ? undefined : partsOf(after, schema, this.set);
    const kind = now?.kind ?? old?.kind;
    if (kind === 'leaf' || (old !== undefined && now !== undefined && old.kind !== now.kind)) {
      this.#leaf(before, after, old, now, schema);
      return;
    }
    if (isEmpty(before) && isEmpty(after)) {
      if (!there) this.#leaf(before, after, undefined, undefined, schema);
      return;
    }
    this.#parts(old, now, schema, there || (before !== undefined && after !== undefined));
    if (before === undefined && !there) this.result.added.insert(this.#path);
    if (after === undefined && !there) this.result.removed.insert(this.#path);
  }

  #leaf(before: unknown, after: unknown, old: Parts | undefined, now: Parts | undefined, schema: Schema): void {
    if (before === undefined) this.result.added.insert(this.#path);
    else if (after === undefined) this.result.removed.insert(this.#path);
    else if (!equalJson(before, after)) this.result.modified.insert(this.#path);
    // A value that changed its type takes what was in it along.
    if (old !== undefined && old.kind !== 'leaf') this.#parts(old, undefined, schema, false);
    if (now !== undefined && now.kind !== 'leaf') this.#parts(undefined, now, schema, false);
  }

  #parts(old: Parts | undefined, now: Parts | undefined, schema: Schema, there: boolean): void {
    if (old?.kind === 'items' || now?.kind === 'items') {
      this.#items(old?.kind === 'items' ? old : NO_ITEMS, now?.kind === 'items' ? now : NO_ITEMS, schema);
    } else {
      this.#fields(old?.kind === 'fields' ? old.object : {}, now?.kind === 'fields' ? now.object : {}, schema, there);
    }
  }

  /** `there`: the object was before, be it empty. */
  #fields(old: JsonObject, now: JsonObject, schema: Schema, there: boolean): void {
    const each = (key: string, after: unknown): void => {
      const field = fieldSchema(schema, key) ?? ANYTHING;
      this.#path.push(fieldElement(key));
      this.value(getField(old, key), after, field, there && field['x-skyflow-never-absent'] === true);
      this.#path.pop();
    };
    for (const key of Object.keys(now)) each(key, now[key]);
    for (const key of Object.keys(old)) if (!Object.hasOwn(now, key)) each(key, undefined);
  }

  #items(old: Items, now: Items, schema: Schema): void {
    const before = itemsByElement(old.items, old.elements);
    const after = itemsByElement(now.items, now.elements);
    const duplicated = new Set([...duplicates(old.elements), ...duplicates(now.elements)]);
    for (const element of new Set([...before.keys(), ...after.keys()])) {
      this.#path.push(element);
      if (duplicated.has(element)) this.#duplicated(element, old, now);
      else this.value(before.get(element), after.get(element), itemSchema(schema), false);
      this.#path.pop();
    }
  }

  /** Items of one identity that stand more than once are owned as one. */
  #duplicated(element: PathElement, old: Items, now: Items): void {
    const before = old.items.filter((_, i) => old.elements[i] === element);
    const after = now.items.filter((_, i) => now.elements[i] === element);
    if (before.length === 0) this.result.added.insert(this.#path);
    else if (after.length === 0) this.result.removed.insert(this.#path);
    else if (!equalJson(before, after)) this.result.modified.insert(this.#path);
  }
}

type Items = Extract<Parts, { kind: 'items' }>;
const NO_ITEMS: Items = { kind: 'items', items: [], elements: [] };

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0);

function duplicates(elements: readonly PathElement[]): PathElement[] {
  const seen = new Set<PathElement>();
  return elements.filter((element) => seen.size === seen.add(element).size);
}
