/** What must hold of a configuration before it can be applied. */
import { invalidCause, type KubeObject, requiredCause, type Schema, type StatusCause } from '@skyflow/contracts';
import { StatusError } from '../../api/status-error.js';
import { formatPath, type PathSegment } from '../../schema/field-path.js';
import type { SchemaSet } from '../../schema/schema-set.js';
import { ANYTHING, fieldSchema, isJsonObject, itemSchema } from '../../schema/shape.js';
import { MAX_CAUSES, MAX_DEPTH } from '../../schema/validate.js';
import { formatElements, itemElement } from './path-element.js';

const MAX_MANAGER_LENGTH = 128;

/** Throws {@link StatusError} 400 or 422. */
export function checkApplied(applied: KubeObject, manager: string, schema: Schema, set: SchemaSet): void {
  if (applied.metadata.managedFields !== undefined) {
    throw new StatusError(
      400,
      'BadRequest',
      'metadata.managedFields must be nil: an applied configuration says what is wanted, not who owns it; remove the field',
    );
  }
  const causes = managerCauses(manager);
  collect(applied, schema, set, [], causes);
  if (causes.length === 0) return;
  const [first] = causes;
  const text = causes.map((cause) => `${cause.field ?? ''}: ${cause.message}`).join(', ');
  throw new StatusError(422, 'Invalid', causes.length === 1 && first !== undefined ? text : `[${text}]`, { causes });
}

function managerCauses(manager: string): StatusCause[] {
  if (manager === '')
    return [requiredCause('fieldManager', 'is required for apply patch; give it as ?fieldManager=<name>')];
  if (manager.length <= MAX_MANAGER_LENGTH) return [];
  return [invalidCause('fieldManager', manager, `must not be longer than ${MAX_MANAGER_LENGTH} characters`)];
}

/** Items of keyed lists and sets must have an identity, and no two the same. */
function collect(value: unknown, unresolved: Schema, set: SchemaSet, path: PathSegment[], causes: StatusCause[]): void {
  if (typeof value !== 'object' || value === null || path.length > MAX_DEPTH || causes.length >= MAX_CAUSES) return;
  const schema = set.resolve(unresolved);
  if (Array.isArray(value)) {
    const seen = new Map<string, number>();
    value.forEach((item: unknown, i) => {
      path.push(i);
      const cause = itemCause(item, i, schema, set, seen, path);
      if (cause !== undefined) causes.push(cause);
      collect(item, itemSchema(schema), set, path, causes);
      path.pop();
    });
  } else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      path.push(key);
      collect(value[key], fieldSchema(schema, key) ?? ANYTHING, set, path, causes);
      path.pop();
    }
  }
}

function itemCause(
  item: unknown,
  index: number,
  list: Schema,
  set: SchemaSet,
  seen: Map<string, number>,
  path: readonly PathSegment[],
): StatusCause | undefined {
  const listType = list['x-kubernetes-list-type'];
  if (listType !== 'map' && listType !== 'set') return undefined;
  const element = itemElement(item, list, set);
  if (element === undefined) {
    const keys = list['x-kubernetes-list-map-keys']?.join(', ') ?? '';
    const rule =
      listType === 'set' ? 'must be a plain value' : `must be an object with ${keys}, by which items are told apart`;
    return invalidCause(formatPath(path), item, rule);
  }
  const first = seen.get(element);
  seen.set(element, first ?? index);
  if (first === undefined) return undefined;
  return {
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${formatElements([element])}: item ${first} has the same identity`,
    field: formatPath(path),
  };
}
