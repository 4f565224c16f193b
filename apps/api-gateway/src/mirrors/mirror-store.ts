/**
 * A read-only resource that is not in the log but fetched from elsewhere when someone looks: pods from the agents, nodes from the
 * clusters' statuses. Fetched anew for each read (who reads while a fetch is under way shares the next one), and every second while it
 * is watched; what changed between two looks is what a watch shows. resourceVersions are this process's own.
 */
import {
  type ListOptions,
  type ListResult,
  type ResourceDefinition,
  type ResourceStore,
  ResourceTable,
  StatusError,
  type WatchEvent,
  type WatchOptions,
  apiVersionOf,
} from '@skyflow/apimachinery';
import { equalJson, type KubeObject, type ObjectKey } from '@skyflow/contracts';

export interface MirrorSource {
  /** Everything there is now. `before`: what was there at the last look, for parts that cannot be seen. */
  fetch(before: readonly KubeObject[]): Promise<KubeObject[]>;
}

const LOOK_AGAIN_MS = 1_000;

export class MirrorStore implements ResourceStore {
  private readonly table: ResourceTable;
  private readonly present = new Map<string, KubeObject>();
  /** Rises over restarts too, so that an old watch is told to list again. */
  private version = Date.now() * 100;
  private fetching: Promise<void> | undefined;
  /** Begins when the fetch under way has ended. */
  private following: Promise<void> | undefined;
  private watchers = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param onOnePage for what is looked up anew for each request, as the past is: a later page would have nothing to go on in. */
  constructor(
    private readonly definition: ResourceDefinition,
    private readonly source: MirrorSource,
    private readonly onOnePage = false,
  ) {
    const { kind, selectableFields } = definition;
    this.table = new ResourceTable({
      apiVersion: apiVersionOf(definition),
      kind,
      version: () => this.version,
      floor: this.version,
      ...(selectableFields === undefined ? {} : { selectableFields }),
    });
  }

  async get(key: ObjectKey): Promise<KubeObject | undefined> {
    await this.refresh();
    return this.table.get(key);
  }

  async list(asked: ListOptions): Promise<ListResult> {
    const { limit: _limit, continueToken: _token, ...whole } = asked;
    const options: ListOptions = this.onOnePage ? whole : asked;
    // Later pages are of the look that the first one was of.
    if (options.continueToken === undefined) await this.refresh();
    return this.table.list(options);
  }

  async *watch(options: WatchOptions): AsyncIterable<WatchEvent> {
    await this.refresh();
    this.watchers += 1;
    this.timer ??= setInterval(() => void this.refresh(), LOOK_AGAIN_MS);
    try {
      yield* this.table.watch(options);
    } finally {
      this.watchers -= 1;
      if (this.watchers === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
    }
  }

  create(): Promise<KubeObject> {
    return Promise.reject(this.readOnly());
  }

  update(): Promise<KubeObject> {
    return Promise.reject(this.readOnly());
  }

  delete(): Promise<{ object: KubeObject; gone: boolean }> {
    return Promise.reject(this.readOnly());
  }

  /** What is seen is never older than the call: a fetch that had begun before may have missed what its caller knows to be there. */
  private refresh(): Promise<void> {
    if (this.fetching === undefined) {
      this.fetching = this.fetch().finally(() => (this.fetching = undefined));
      return this.fetching;
    }
    const ended = this.fetching.catch(() => undefined);
    this.following ??= ended.then(() => {
      this.following = undefined;
      return this.refresh();
    });
    return this.following;
  }

  private async fetch(): Promise<void> {
    const objects = await this.source.fetch([...this.present.values()]);
    const gone = new Set(this.present.keys());
    for (const object of objects) {
      const { namespace = '', name } = object.metadata;
      const key = `${namespace}/${name}`;
      gone.delete(key);
      if (equalJson(this.present.get(key), object)) continue;
      this.present.set(key, object);
      this.version += 1;
      this.table.put({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } });
    }
    for (const key of gone) {
      const object = this.present.get(key);
      this.present.delete(key);
      this.version += 1;
      if (object !== undefined) this.table.remove(object.metadata, this.version);
    }
  }

  private readOnly(): StatusError {
    const { plural } = this.definition;
    const message = `${plural} are read-only here: change what they come from, the job, deployment or service, or use the cluster itself`;
    return new StatusError(405, 'MethodNotAllowed', message);
  }
}
