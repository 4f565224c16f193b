/** Where an API server gets its stores from. */
import type { ResourceDefinition } from '../api/definition.js';
import type { ResourceStore } from './resource-store.js';

/** The stores of one API server. */
export interface Backend {
  /** The same store for the same resource each time. */
  storeOf(definition: ResourceDefinition): ResourceStore;
}
