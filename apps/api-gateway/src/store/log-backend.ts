/** The stores of the gateway: every served resource over the one log. */
import type { Backend, ResourceDefinition, ResourceStore } from '@skyflow/apimachinery';
import { type Face, plainFace } from './face.js';
import { LogStore, type LogStoreParts } from './log-store.js';

export class LogBackend implements Backend {
  private readonly stores = new Map<ResourceDefinition, LogStore>();

  /** @param faces by `<group>/<kind>`; resources that are not there are stored as they are. */
  constructor(
    private readonly parts: LogStoreParts,
    private readonly faces: ReadonlyMap<string, Face> = new Map(),
    /** Stores of resources that are not in the log. */
    private readonly others: ReadonlyMap<ResourceDefinition, ResourceStore> = new Map(),
  ) {}

  storeOf(definition: ResourceDefinition): ResourceStore {
    const other = this.others.get(definition);
    if (other !== undefined) return other;
    let store = this.stores.get(definition);
    if (store === undefined) {
      const face = this.faces.get(`${definition.group}/${definition.kind}`) ?? plainFace(definition.kind);
      store = new LogStore(definition, face, this.parts);
      this.stores.set(definition, store);
    }
    return store;
  }
}
