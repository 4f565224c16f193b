/**
 * Merging of one list in a strategic merge patch: by merge key, or by value for lists of scalars.
 *
 * Order of the result, after strategicpatch's normalizeElementOrder: items that the patch (or its $setElementOrder) names
 * stand in that order; the others keep theirs, and stand before a named item only if they did so before.
 *
 * One thing is better than upstream: where two items share the merge key (port 53 for TCP and UDP), all keys of the list
 * tell them apart, so neither is lost.
 */
import { formatPath, type PathSegment } from '../schema/field-path.js';
import { equalJson, showValue } from '@skyflow/contracts';
import { getField } from '../schema/own-field.js';
import { isJsonObject, type JsonObject } from '../schema/shape.js';
import { malformed } from './strategic-directives.js';

export interface ListMerge {
  path: readonly PathSegment[];
  /** Absent: a list of scalars, merged by value. */
  mergeKey?: string;
  /** From $setElementOrder. */
  order?: readonly unknown[];
  /** From $deleteFromPrimitiveList. */
  remove?: readonly unknown[];
  /** Identity by all keys of the list, where it has more than the merge key. */
  identify?: (item: unknown) => unknown;
  /** Merges a patch item into the current one ({} for a new one). */
  item(current: JsonObject, patch: JsonObject, path: readonly PathSegment[]): JsonObject;
}

export function mergeList(current: readonly unknown[], patch: readonly unknown[], merge: ListMerge): unknown[] {
  const { mergeKey, order } = merge;
  const byKey: Identity = mergeKey === undefined ? (item) => item : (item) => keyOf(item, mergeKey);
  const isAmbiguous = merge.identify !== undefined && (hasTwins(current, byKey) || hasTwins(patch, byKey));
  const identity = isAmbiguous && merge.identify !== undefined ? merge.identify : byKey;
  const merged =
    mergeKey === undefined
      ? mergeScalars(current, patch, merge)
      : mergeByKey(current, patch, { ...merge, mergeKey, identity });
  // Entries of $setElementOrder have the merge key only.
  const ranked = order === undefined ? identity : byKey;
  return inOrder(merged, index(order ?? patch, ranked), index(current, ranked), ranked);
}

type Identity = (item: unknown) => unknown;

/** Of an item, or of an entry of $setElementOrder, which has only the key. */
const keyOf = (item: unknown, mergeKey: string): unknown => (isJsonObject(item) ? getField(item, mergeKey) : undefined);

function mergeScalars(
  current: readonly unknown[],
  patch: readonly unknown[],
  { remove = [], path }: ListMerge,
): unknown[] {
  const bad = patch.find((item) => typeof item === 'object');
  if (bad !== undefined) {
    throw malformed(
      path,
      `has the item ${showValue(bad)}; items of this list have no merge key, so only plain values can be merged`,
    );
  }
  return [...new Set([...current, ...patch])].filter((item) => !remove.includes(item));
}

function mergeByKey(
  current: readonly unknown[],
  patch: readonly unknown[],
  merge: ListMerge & { mergeKey: string; identity: Identity },
): unknown[] {
  const { mergeKey, identity } = merge;
  const items = patch.map((item, i) => readItem(item, mergeKey, [...merge.path, i]));
  const replaces = items.some((item) => item.directive === 'replace');
  const doomed = items.filter((item) => item.directive === 'delete').map((item) => item.key);
  const result: unknown[] = replaces
    ? []
    : current.filter((item) => !doomed.some((key) => equalJson(key, keyOf(item, mergeKey))));
  items.forEach(({ directive, value }, i) => {
    if (directive !== undefined) return;
    const id = identity(value);
    const at = result.findIndex((item) => equalJson(id, identity(item)));
    const old = result[at];
    const path = [...merge.path, i];
    if (at < 0) result.push(merge.item({}, value, path));
    else result[at] = merge.item(isJsonObject(old) ? old : {}, value, path);
  });
  return result;
}

interface PatchItem {
  value: JsonObject;
  key: unknown;
  /** What `$patch` says; undefined: merge. */
  directive?: 'delete' | 'replace';
}

function readItem(item: unknown, mergeKey: string, path: readonly PathSegment[]): PatchItem {
  if (!isJsonObject(item))
    throw malformed(path, `is ${showValue(item)}; items of this list must be objects with "${mergeKey}"`);
  const key = getField(item, mergeKey);
  const directive = item.$patch;
  if (directive === 'replace') return { value: item, key, directive };
  if (key === undefined || key === null) {
    throw malformed(
      path,
      `has no "${mergeKey}"; the items of ${formatPath(path.slice(0, -1))} are merged by it, so each must have one`,
    );
  }
  if (directive === 'delete') return { value: item, key, directive };
  if (directive !== undefined && directive !== 'merge') {
    throw malformed(
      [...path, '$patch'],
      `is ${showValue(directive)}; in a list it must be "delete", "replace" or "merge"`,
    );
  }
  return { value: item, key };
}

function hasTwins(items: readonly unknown[], identity: Identity): boolean {
  const ids = items
    .filter((item) => !isJsonObject(item) || item.$patch === undefined)
    .map((item) => scalar(identity(item)));
  return new Set(ids).size < ids.length;
}

/** Position by identity; keys of other types than scalars are told apart by their JSON. */
function index(items: readonly unknown[], identity: Identity): Map<unknown, number> {
  const positions = new Map<unknown, number>();
  items.forEach((item, i) => {
    const id = scalar(identity(item));
    if (!positions.has(id)) positions.set(id, i);
  });
  return positions;
}

const scalar = (id: unknown): unknown => (typeof id === 'object' ? JSON.stringify(id) : id);

function inOrder(
  merged: readonly unknown[],
  named: ReadonlyMap<unknown, number>,
  before: ReadonlyMap<unknown, number>,
  identity: Identity,
): unknown[] {
  const rank = (positions: ReadonlyMap<unknown, number>, item: unknown): number =>
    positions.get(scalar(identity(item))) ?? -1;
  const ofPatch = merged.filter((item) => rank(named, item) >= 0).sort((a, b) => rank(named, a) - rank(named, b));
  const others = merged.filter((item) => rank(named, item) < 0).sort((a, b) => rank(before, a) - rank(before, b));
  const result: unknown[] = [];
  let i = 0;
  for (const item of ofPatch) {
    const place = rank(before, item);
    while (i < others.length && place >= 0 && rank(before, others[i]) >= 0 && rank(before, others[i]) < place)
      result.push(others[i++]);
    result.push(item);
  }
  return [...result, ...others.slice(i)];
}
