/**
 * ReplicaSets of Deployments, read-only, derived from the fold whenever someone looks. Their resourceVersion is their Deployment's, so
 * reads see every write that this gateway acknowledged, and a watch resumes where any other does.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  equalJson,
  type KubeObject,
  type ObjectKey,
  parseResourceVersion,
  toResourceVersion,
} from '@skyflow/contracts';
import { type ObjectChange, type ObjectRecord, deploymentOfReplicaSet, replicaSetsOf } from '@skyflow/domain';
import {
  type ListOptions,
  type ListResult,
  type RequestContext,
  type ResourceStore,
  StatusError,
  type WatchEvent,
  type WatchOptions,
  badRequest,
  matchesSelectors,
} from '@skyflow/apimachinery';
import { encodeToken, listPage } from '../store/list-page.js';
import { type History, watchObjects } from '../store/object-watch.js';
import type { ReadModel } from '../store/read-model.js';

const DEPLOYMENT = 'Deployment';
const BEFORE_ALL = { namespace: '', name: '' };
/** Others get their turn while a long list is made. */
const DEPLOYMENTS_PER_TURN = 250;

type Filter = Pick<ListOptions, 'namespace' | 'selectors' | 'visible'>;

export class ReplicaSetStore implements ResourceStore {
  /** What each change did to the ReplicaSets is worked out once for all readers. */
  private readonly events = new WeakMap<ObjectChange, readonly WatchEvent[]>();

  constructor(
    private readonly model: ReadModel,
    private readonly history: History,
  ) {}

  async get(
    { namespace = '', name }: ObjectKey,
    { signal }: RequestContext,
    options?: { atLeast?: string },
  ): Promise<KubeObject | undefined> {
    await this.upToDate(options?.atLeast, signal);
    const deployment = deploymentOfReplicaSet(name);
    if (deployment === undefined) return undefined;
    const record = this.model.state.table.get(DEPLOYMENT, namespace, deployment);
    return record && this.of(record).find(({ metadata }) => metadata.name === name);
  }

  /** Pages end between any two ReplicaSets: `skip` of a token says how many of the first Deployment were on the page before. */
  async list(options: ListOptions, { signal }: RequestContext): Promise<ListResult> {
    await this.upToDate(options.atLeast ?? options.exactly, signal);
    const { namespace, exactly, limit: asked = 0 } = options;
    const limit = asked <= 0 ? Infinity : asked;
    const where = namespace === undefined ? {} : { namespace };
    let { token, skip } = decodeToken(options.continueToken);
    const items: KubeObject[] = [];
    for (;;) {
      const from = token === undefined ? (exactly === undefined ? {} : { exactly }) : { continueToken: token };
      const { records, position, continueToken } = listPage(
        this.model,
        DEPLOYMENT,
        { ...where, ...from, limit: DEPLOYMENTS_PER_TURN },
        undefined,
      );
      const resourceVersion = toResourceVersion(position);
      let before = token ?? encodeToken({ position, after: BEFORE_ALL });
      for (const record of records) {
        const all = this.of(record).filter((object) => matches(object, options));
        const shown = all.slice(skip, skip + limit - items.length);
        items.push(...shown);
        const end = skip + shown.length;
        if (end < all.length) return { items, resourceVersion, continueToken: encode(before, end) };
        before = encodeToken({ position, after: record });
        skip = 0;
      }
      if (continueToken === undefined) return { items, resourceVersion };
      token = continueToken;
      await nextTurn();
    }
  }

  watch(options: WatchOptions, _context: RequestContext): AsyncIterable<WatchEvent> {
    const watched = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      storedKind: DEPLOYMENT,
      project: (change: ObjectChange) => this.eventsOf(change).filter(({ object }) => matches(object, options)),
      current: () => [...this.current(options)],
    };
    return watchObjects(this.model, watched, options, this.history);
  }

  create = (): Promise<KubeObject> => Promise.reject(readOnly());
  update = (): Promise<KubeObject> => Promise.reject(readOnly());
  delete = (): Promise<{ object: KubeObject; gone: boolean }> => Promise.reject(readOnly());

  private *current(options: WatchOptions): Iterable<KubeObject> {
    for (const record of this.model.state.table.ordered(DEPLOYMENT, options.namespace)) {
      for (const object of this.of(record)) if (matches(object, options)) yield object;
    }
  }

  private eventsOf(change: ObjectChange): readonly WatchEvent[] {
    let events = this.events.get(change);
    if (events === undefined) this.events.set(change, (events = this.changed(change)));
    return events;
  }

  private changed({ record, previous, type, position }: ObjectChange): readonly WatchEvent[] {
    const before = new Map((previous === undefined ? [] : this.of(previous)).map((each) => [each.metadata.name, each]));
    const now = type === 'DELETED' ? [] : this.of(record);
    const written = now.flatMap((object): WatchEvent[] => {
      const old = before.get(object.metadata.name);
      before.delete(object.metadata.name);
      if (old === undefined) return [{ type: 'ADDED', object }];
      return equalJson(withoutVersion(old), withoutVersion(object)) ? [] : [{ type: 'MODIFIED', object }];
    });
    const gone = [...before.values()].map((object): WatchEvent => {
      const metadata = { ...object.metadata, resourceVersion: toResourceVersion(position) };
      return { type: 'DELETED', object: { ...object, metadata } };
    });
    return [...gone, ...written];
  }

  private of(record: ObjectRecord): KubeObject[] {
    return replicaSetsOf(record, this.model.basis()) as unknown as KubeObject[];
  }

  private async upToDate(atLeast: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    await this.model.upToDate(atLeast === undefined ? 0 : (parseResourceVersion(atLeast) ?? 0), signal);
  }
}

function matches(object: KubeObject, { namespace, selectors, visible }: Filter): boolean {
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  const key = { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
  return (visible === undefined || visible(key)) && matchesSelectors(selectors, object);
}

const withoutVersion = ({ metadata: { resourceVersion: _version, ...metadata }, ...object }: KubeObject): object => ({
  ...object,
  metadata,
});

const encode = (token: string, skip: number): string =>
  Buffer.from(JSON.stringify({ t: token, s: skip })).toString('base64url');

/** @throws StatusError 400 for a token that is none of ours. */
function decodeToken(text: string | undefined): { token?: string; skip: number } {
  if (text === undefined) return { skip: 0 };
  try {
    const { t, s } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    if (typeof t === 'string' && typeof s === 'number' && Number.isInteger(s) && s >= 0) return { token: t, skip: s };
  } catch {
    // Refused below, like any text that is no token of ours.
  }
  throw badRequest(
    'continue key is not valid: pass metadata.continue of the page before unchanged, or start a new list',
  );
}

function readOnly(): StatusError {
  const text = 'replicasets are read-only here: change the deployment that they are of';
  return new StatusError(405, 'MethodNotAllowed', text);
}
