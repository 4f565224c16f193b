/** Kubernetes API conventions over a pluggable store. */

export { StatusError, type StatusReason, type StatusDetails, type StatusBody } from './api/status-error.js';
export {
  alreadyExists,
  badRequest,
  conflict,
  continueExpired,
  expired,
  forbidden,
  invalid,
  isStatus,
  modified,
  notFound,
  qualifiedResource,
  versionTooLarge,
} from './api/errors.js';
export {
  EVERYTHING,
  matchesSelectors,
  selectablePaths,
  type Selectors,
  type FieldRequirement,
  type SelectableFields,
} from './api/selectors.js';
export { parseFieldSelector, parseLabelSelector } from './api/selector-parser.js';
export {
  type ResourceDefinition,
  type ResourceStrategy,
  type StrategyContext,
  type ConnectHandler,
} from './api/definition.js';
export { type FieldValidation, type WriteOptions, type WriteResult } from './api/request-options.js';
export {
  type ResourceStore,
  type RequestContext,
  type ListOptions,
  type ListResult,
  type WatchOptions,
  type WatchEvent,
  type Visible,
  type DeleteOptions,
} from './store/resource-store.js';
export { type Backend } from './store/backend.js';
export { MemoryBackend, type MemoryBackendOptions, type MemoryStore } from './store/memory-backend.js';
export { ResourceTable, type ResourceTableOptions } from './store/resource-table.js';
export { finishesDeletion, planDeletion, toTimestamp, type Deletion } from './store/deletion.js';
export { Api, type ApiOptions } from './registry/api.js';
export { Resource } from './registry/resource.js';
export {
  apiVersionOf,
  type Admission,
  type AdmissionRequest,
  type ManagedFieldsMode,
} from './registry/resource-setup.js';
export { namespaceLifecycle } from './registry/namespace-lifecycle.js';
export { type PatchType } from './registry/patching.js';
export {
  LocalClient,
  type ClientScope,
  type ClientWatchEvent,
  type ClientWatchOptions,
  type ResourceClient,
} from './client/local-client.js';
export { SchemaSet, UnknownSchemaError, type SchemaMap } from './schema/schema-set.js';
export { validate, MAX_CAUSES, MAX_DEPTH } from './schema/validate.js';
export { unknownFields, findUnknownFields, describeUnknownField, type UnknownField } from './schema/unknown-fields.js';
export { closestName } from './schema/closest-name.js';
export { prune } from './schema/prune.js';
export { applyDefaults } from './schema/defaults.js';
export { formatPath, type PathSegment } from './schema/field-path.js';
export { jsonPatch, type JsonPatchOperation } from './patch/json-patch.js';
export { mergePatch } from './patch/merge-patch.js';
export { strategicMergePatch } from './patch/strategic-merge-patch.js';
export { applyServerSide, type ApplyRequest, type ApplyResult } from './patch/ownership/apply-server-side.js';
export { recordUpdate, type UpdateRecord } from './patch/ownership/record-update.js';
export { ApiServer } from './server/api-server.js';
export { refuseUpgrade, toStatusError, warningHeaders } from './server/response.js';
export { assertNesting } from './server/request-body.js';
export { LineWriter, TextCache } from './server/watch-stream.js';
export {
  type ApiServerOptions,
  type Decision,
  type Fault,
  type HealthChecks,
  type PastReads,
  type RequestAttributes,
  DEFAULT_LIMITS,
  type ServerLimits,
  type User,
  type Verb,
  type VersionInfo,
} from './server/server-options.js';
export { type ParsedPath, type ResourcePath, parsePath } from './server/request-info.js';
export { forbiddenRequest } from './server/access.js';
export { tableOf, type Table } from './server/table.js';
export { openApiOf } from './server/openapi.js';
export { SpdySession, type SpdySessionOptions } from './spdy/spdy-session.js';
export { type SpdyStream } from './spdy/spdy-stream.js';
export { SpdyError } from './spdy/spdy-error.js';
