/** All resources of the Kubernetes-style API: those stored in the log, and those that a capability's module adds with a store of its own. */
import { Injectable } from '@nestjs/common';
import { type Admission, type ResourceDefinition, type ResourceStore, apiVersionOf } from '@skyflow/apimachinery';
import { StoreOptions } from '../gateway-options.js';
import { gatewayDefinitions, gatewayFaces } from '../kinds/definitions.js';
import { gatewaySchemas } from '../kinds/skyflow-schemas.js';
import { LogBackend } from '../store/log-backend.js';
import type { LogStoreParts } from '../store/log-store.js';
import type { ReadModel } from '../store/read-model.js';

/** State of the past that a store reads. */
export interface StateOfThen {
  model: ReadModel;
  /** Last commit of then. */
  seq: number;
}

/** A resource that is not stored in the log as it is served. */
export interface ServedResource {
  definition: ResourceDefinition;
  store: ResourceStore;
  /** The same resource as it was (`?at=`); absent: it is not in the log, so its past is not known. */
  pastOf?: (then: StateOfThen) => ResourceStore;
}

const nameOf = ({ group, kind }: ResourceDefinition): string => `${group}/${kind}`;
const byName = (a: ResourceDefinition, b: ResourceDefinition): number => (nameOf(a) < nameOf(b) ? -1 : 1);

@Injectable()
export class ServedResources {
  readonly schemas = gatewaySchemas();
  readonly admission: Admission[] = [];
  readonly validatingAdmission: Admission[] = [];
  private readonly stored: readonly ResourceDefinition[];
  private readonly others = new Map<ResourceDefinition, ServedResource>();
  private all: readonly ResourceDefinition[];
  private readonly storedKinds: ReadonlyMap<string, string>;
  private readonly faces: ReturnType<typeof gatewayFaces>;

  constructor({ keyring }: StoreOptions) {
    this.faces = gatewayFaces(keyring);
    this.stored = gatewayDefinitions(this.schemas, () => this.all);
    this.all = this.stored;
    this.storedKinds = new Map(
      this.stored.map((each) => [
        `${apiVersionOf(each)}/${each.kind}`,
        this.faces.get(nameOf(each))?.kind ?? each.kind,
      ]),
    );
  }

  /** In the order of discovery, the same in every process. Complete when all modules are built. */
  get definitions(): readonly ResourceDefinition[] {
    return this.all;
  }

  add(...resources: readonly ServedResource[]): void {
    for (const resource of resources) this.others.set(resource.definition, resource);
    this.all = [...this.stored, ...[...this.others.keys()].sort(byName)];
  }

  find(group: string, kind: string): ResourceDefinition | undefined {
    return this.definitions.find((each) => each.group === group && each.kind === kind);
  }

  /** The kind under which the log has what is served; undefined: it is not stored in the log. */
  storedKind = (apiVersion: string, kind: string): string | undefined => this.storedKinds.get(`${apiVersion}/${kind}`);

  backend(parts: LogStoreParts): LogBackend {
    const stores = [...this.others.values()].map(({ definition, store }) => [definition, store] as const);
    return new LogBackend(parts, this.faces, new Map(stores));
  }

  /** The store of a resource over a state of the past; undefined: it is not in the log. */
  pastOf(
    definition: ResourceDefinition,
    then: StateOfThen,
    { sink, history }: LogStoreParts,
  ): ResourceStore | undefined {
    const other = this.others.get(definition);
    if (other !== undefined) return other.pastOf?.(then);
    return new LogBackend({ sink, history, model: then.model }, this.faces).storeOf(definition);
  }
}
