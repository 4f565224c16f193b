/** Schemas of Kubernetes' own kinds, and the defaults that a schema cannot say. */
export { nativeSchemas, describedNativeSchemas, findNativeSchema, SchemasNotBuiltError } from './native-schemas.js';
export { completeDefaults } from './defaults/complete-defaults.js';
