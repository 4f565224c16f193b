/** Kubernetes API conventions over a pluggable store. */
export { type KubeObject, type KubeMetadata, type ManagedFieldsEntry, type ObjectKey } from './api/objects.js';
export {
  StatusError,
  type StatusReason,
  type StatusCause,
  type StatusDetails,
  type StatusBody,
} from './api/status-error.js';
export { type Selectors, type LabelRequirement, type FieldRequirement } from './api/selectors.js';
export {
  type ResourceDefinition,
  type ResourceStrategy,
  type StrategyContext,
  type ConnectHandler,
  type Schema,
  type TableColumn,
} from './api/definition.js';
export {
  type Backend,
  type ResourceStore,
  type RequestContext,
  type ListOptions,
  type ListResult,
  type WatchOptions,
  type WatchEvent,
  type DeleteOptions,
} from './store/resource-store.js';
