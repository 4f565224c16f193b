/** Lays an overlay over generated schemas, in place; a type or field that is not there is an error, so tables cannot rot. */
import type { Schema } from '@skyflow/contracts';
import type { Overlay } from './overlay.js';

export function applyOverlay(schemas: Record<string, Schema>, overlay: Overlay): void {
  for (const [type, { $type, ...fields }] of Object.entries(overlay.types)) {
    const name = `${overlay.packageName}.${type}`;
    const schema = schemas[name];
    if (schema?.properties === undefined) throw new Error(`overlay names ${name}, which client-node does not have`);
    const properties = { ...schema.properties };
    for (const [field, extra] of Object.entries(fields)) {
      const property = properties[field];
      if (property === undefined) throw new Error(`overlay names ${name}.${field}, which client-node does not have`);
      // A quantity is a reference, where client-node has a string.
      properties[field] = extra.$ref === undefined ? { ...property, ...extra } : { ...extra };
    }
    schemas[name] = { ...schema, properties, ...$type };
  }
}
