/** The resources of one API server, by group, version and plural. Made cheaply: a resource costs nothing until it is used. */
import type { ResourceDefinition } from '../api/definition.js';
import type { SchemaSet } from '../schema/schema-set.js';
import type { Backend } from '../store/backend.js';
import type { ResourceStore } from '../store/resource-store.js';
import { Resource } from './resource.js';
import type { Admission, ManagedFieldsMode } from './resource-setup.js';

export interface ApiOptions {
  definitions: readonly ResourceDefinition[];
  backend: Backend;
  /** Schemas that the definitions' schemas refer to. */
  schemas: SchemaSet;
  /** Milliseconds since the epoch. Default Date.now. */
  nowMs?: () => number;
  /** Default 'always', as Kubernetes. */
  managedFields?: ManagedFieldsMode;
  /** In order. */
  admission?: readonly Admission[];
  /** In order, after validation: they see valid objects only, and of updates only those that change something. */
  validatingAdmission?: readonly Admission[];
}

export class Api {
  readonly definitions: readonly ResourceDefinition[];
  readonly schemas: SchemaSet;
  readonly nowMs: () => number;
  readonly #options: ApiOptions;
  readonly #index: ReadonlyMap<string, ResourceDefinition>;
  readonly #resources = new Map<ResourceDefinition, Resource>();

  constructor(options: ApiOptions) {
    this.#options = options;
    this.definitions = options.definitions;
    this.schemas = options.schemas;
    this.nowMs = options.nowMs ?? Date.now;
    this.#index = indexOf(options.definitions);
  }

  /** Undefined if no such resource is served. */
  find(group: string, version: string, plural: string): Resource | undefined {
    const definition = this.#index.get(`${group}/${version}/${plural}`);
    return definition === undefined ? undefined : this.resource(definition);
  }

  resource(definition: ResourceDefinition): Resource {
    let resource = this.#resources.get(definition);
    if (resource === undefined) {
      resource = this.resourceOver(definition, this.#options.backend.storeOf(definition));
      this.#resources.set(definition, resource);
    }
    return resource;
  }

  /** The resource over another store than the backend's: over a state of the past. */
  resourceOver(definition: ResourceDefinition, store: ResourceStore): Resource {
    return new Resource({
      definition,
      store,
      schemas: this.schemas,
      nowMs: this.nowMs,
      managedFields: this.#options.managedFields ?? 'always',
      admission: this.#options.admission ?? [],
      validatingAdmission: this.#options.validatingAdmission ?? [],
    });
  }
}

const indexes = new WeakMap<readonly ResourceDefinition[], ReadonlyMap<string, ResourceDefinition>>();

/** Shared by all servers of the same definitions. */
function indexOf(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, ResourceDefinition> {
  let index = indexes.get(definitions);
  if (index === undefined) {
    index = new Map(definitions.map((each) => [`${each.group}/${each.version}/${each.plural}`, each]));
    indexes.set(definitions, index);
  }
  return index;
}
