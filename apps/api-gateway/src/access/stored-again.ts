/** An object of the log, to be written again. */
import type { StoredObject } from '@skyflow/contracts';
import type { ObjectRecord } from '@skyflow/domain';

/** The object as it is stored, with another body. */
export function storedAgain(record: ObjectRecord, body: object): StoredObject {
  const { apiVersion, kind, name, uid, creationTimestamp, meta, managed } = record;
  const open = meta === '' ? {} : (JSON.parse(meta) as object);
  const owned = managed === '' ? {} : { managedFields: JSON.parse(managed) as unknown[] };
  return { apiVersion, kind, metadata: { ...open, ...owned, name, uid, creationTimestamp }, ...body };
}
