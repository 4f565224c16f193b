/** `metadata.managedFields` decoded: who owns which fields, by identity of the manager. */
import type { ManagedFieldsEntry } from '@skyflow/contracts';
import { FieldSet } from './field-set.js';
import { decodeFields, encodeFields } from './fields-v1.js';

export interface ManagerFields {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  time?: string;
  fields: FieldSet;
}

export type Managers = Map<string, ManagerFields>;

/** Most Update managers that an object keeps; older ones are merged into {@link ANCIENT}. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = 'ancient-changes';

/** An applier is the same whatever version it applies; an updater is another one in each version. */
export function managerId(entry: Pick<ManagerFields, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const version = entry.operation === 'Apply' ? '' : entry.apiVersion;
  return JSON.stringify([entry.operation, entry.manager, version, entry.subresource ?? '']);
}

export function decodeManagers(entries: readonly ManagedFieldsEntry[]): Managers {
  const managers: Managers = new Map();
  for (const entry of entries) {
    const { fieldsV1, fieldsType: _, ...rest } = entry;
    const id = managerId(entry);
    const known = managers.get(id);
    const fields = decodeFields(fieldsV1);
    managers.set(id, { ...rest, fields: known === undefined ? fields : known.fields.union(fields) });
  }
  return managers;
}

/** Sorted as apiserver sorts: Apply before Update, then by time, manager, version, subresource. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...capped(managers).values()]
    .filter((entry) => !entry.fields.isEmpty)
    .sort((a, b) => compareKeys(sortKeys(a), sortKeys(b)))
    .map(({ manager, operation, apiVersion, time, subresource, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFields(fields),
      ...(subresource === undefined ? {} : { subresource }),
    }));
}

const sortKeys = (entry: ManagerFields): string[] => [
  entry.operation,
  entry.time ?? '',
  entry.manager,
  entry.apiVersion,
  entry.subresource ?? '',
];

function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [i, key] of a.entries()) {
    const other = b[i] ?? '';
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}

/** apimachinery's capManagers: the oldest updaters of each version become one. */
function capped(managers: Managers): Managers {
  const updaters = [...managers].filter(([, entry]) => entry.operation === 'Update' && !entry.fields.isEmpty);
  const excess = updaters.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return managers;
  const result = new Map(managers);
  const oldest = updaters.sort(([, a], [, b]) => compareKeys(sortKeys(a), sortKeys(b))).slice(0, excess + 1);
  for (const [id, entry] of oldest) {
    result.delete(id);
    const { subresource: _, ...rest } = entry;
    const ancient = { ...rest, manager: ANCIENT };
    const ancientId = managerId(ancient);
    const known = result.get(ancientId)?.fields ?? new FieldSet();
    result.set(ancientId, { ...ancient, fields: known.union(entry.fields) });
  }
  return result;
}
