/** What is known of a service of which nothing has been decided or seen yet. */
import type { ObjectRef, StoredObject } from '@skyflow/contracts';
import type { ServiceRecord } from './state.js';

/** @param position of the log at which it came to be. */
export const untouchedRecord = (
  object: StoredObject,
  position: number,
): Omit<ServiceRecord, 'object' | 'spec' | 'derived' | 'generation' | 'deleting'> => ({
  ref: refOf(object),
  createdAt: position,
  chosen: undefined,
  chosenBecause: undefined,
  participants: new Map(),
  observed: new Map(),
  native: undefined,
  paths: new Map(),
  status: '',
  origin: {},
});

function refOf({ kind, metadata: { namespace, name, uid } }: StoredObject): ObjectRef {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
}
