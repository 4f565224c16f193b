/** FieldsV1, the wire form of a field set: `{"f:spec":{"f:replicas":{}}}`, with `.` for a node that is a member itself. */
import { isJsonObject, type JsonObject } from '../../schema/shape.js';
import { FieldSet } from './field-set.js';

const SELF = '.';

/** Keys sorted, so that equal sets encode equally. */
export function encodeFields(set: FieldSet): JsonObject {
  const result: JsonObject = {};
  for (const element of [...new Set([...set.members, ...set.children.keys()])].sort()) {
    const child = set.children.get(element);
    if (child === undefined) result[element] = {};
    else result[element] = set.members.has(element) ? { [SELF]: {}, ...encodeFields(child) } : encodeFields(child);
  }
  return result;
}

/** The set; what is not of the form (a client may store anything) is passed over. */
export function decodeFields(fields: unknown): FieldSet {
  const set = new FieldSet();
  if (!isJsonObject(fields)) return set;
  for (const element of Object.keys(fields)) {
    if (!/^[fkvi]:/.test(element)) continue;
    const below = fields[element];
    if (!isJsonObject(below)) continue;
    const child = decodeFields(below);
    if (child.isEmpty || Object.hasOwn(below, SELF)) set.members.add(element);
    if (!child.isEmpty) set.children.set(element, child);
  }
  return set;
}
