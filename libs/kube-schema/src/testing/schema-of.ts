/** The schema that a test needs: it is there, or the test is wrong. */
import type { Schema } from '@skyflow/contracts';
import { findNativeSchema } from '../native-schemas.js';

/** Schema of a native kind. Throws where the kind is not native. */
export function schemaOf(object: { apiVersion: string; kind: string }): Schema {
  const schema = findNativeSchema(object);
  if (schema === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not a native kind`);
  return schema;
}
