/** Realistic manifests of native kinds, and edits of them by path, for tests of whatever takes Kubernetes objects. */
export { deployment, indexedJob, statefulSet, service, others, type Manifest } from './manifests.js';
export { valueAt, withValueAt } from './edit.js';
export { schemaOf } from './schema-of.js';
