/** Schemas of Kubernetes' own kinds, and the defaults and rules that a schema cannot say. */
export { nativeSchemas, describedNativeSchemas, findNativeSchema, SchemasNotBuiltError } from './native-schemas.js';
export { nativeCauses } from './rules/native-rules.js';
export { completeDefaults } from './defaults/complete-defaults.js';
