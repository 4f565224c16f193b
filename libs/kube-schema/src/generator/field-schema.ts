/** From a type as client-node writes it to a schema. */
import type { Schema } from '@skyflow/contracts';
import type { ModelField } from './model-source.js';

export const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
export const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

export const refTo = (schemaName: string): Schema => ({ $ref: `#/components/schemas/${schemaName}` });

/** Types that client-node has no model for. */
export const builtInSchemas: Readonly<Record<string, Schema>> = {
  [INT_OR_STRING]: { format: 'int-or-string', 'x-kubernetes-int-or-string': true },
  [QUANTITY]: { type: 'string', format: 'quantity' },
};

const ARRAY = /^Array<(.+)>$/;
const MAP = /^\{ \[key: string\]: (.+); \}$/;

/** `nameOf` gives the schema name of a model. Throws on a type that is not known. */
export function fieldSchema(field: ModelField, nameOf: (model: string) => string): Schema {
  return schemaOf(field.type, field.format, nameOf);
}

function schemaOf(type: string, format: string, nameOf: (model: string) => string): Schema {
  const item = ARRAY.exec(type)?.[1];
  if (item !== undefined) return { type: 'array', items: schemaOf(item, format, nameOf) };
  const value = MAP.exec(type)?.[1];
  if (value !== undefined) return { type: 'object', additionalProperties: schemaOf(value, format, nameOf) };
  switch (type) {
    case 'string':
      return { type: 'string', ...(format === '' ? {} : { format }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return numberSchema(format);
    case 'Date':
    case 'V1MicroTime':
      return { type: 'string', format: 'date-time' };
    case 'IntOrString':
      return refTo(INT_OR_STRING);
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      return refTo(nameOf(type));
  }
}

function numberSchema(format: string): Schema {
  if (format === 'int32' || format === 'int64') return { type: 'integer', format };
  if (format === 'double') return { type: 'number', format };
  throw new Error(`a number has the format "${format}", which is not known`);
}
