/** One served resource over the log: reads from the fold, writes as commands. Reads see every write that this gateway acknowledged. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type KubeObject,
  type ObjectKey,
  parseResourceVersion,
  type Position,
  type StoredObject,
  toResourceVersion,
} from '@skyflow/contracts';
import {
  type ObjectChange,
  type ObjectCommand,
  type ObjectRecord,
  QuotaClaims,
  type StatusBasis,
  answeredRecord,
  decideObjects,
  idempotencyKey,
  isRejection,
  updatedRecord,
} from '@skyflow/domain';
import {
  type DeleteOptions,
  type ListOptions,
  type ListResult,
  type RequestContext,
  type ResourceDefinition,
  type ResourceStore,
  StatusError,
  type WatchEvent,
  type WatchOptions,
  alreadyExists,
  notFound,
} from '@skyflow/apimachinery';
import type { CommandSink, CommittedCommand } from './command-sink.js';
import { deletedRecord } from './deleted-record.js';
import type { Face } from './face.js';
import { listPage } from './list-page.js';
import { type History, watchObjects } from './object-watch.js';
import type { ReadModel } from './read-model.js';
import { type RecordFilter, recordFilter } from './record-filter.js';
import { rejectionError } from './rejections.js';

/** Objects of a list that are made in one turn of the event loop: 5 ms or so. */
const ITEMS_PER_TURN = 500;
const WRITE_VERBS: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
const NOTHING: readonly WatchEvent[] = [];

type Named = Pick<StoredObject['metadata'], 'name' | 'namespace'>;

export abstract class LogStoreParts {
  abstract readonly model: ReadModel;
  abstract readonly sink: CommandSink;
  abstract readonly history: History;
}

export class LogStore implements ResourceStore {
  /** Events of watches are made once for all readers. */
  private readonly shown = new WeakMap<ObjectChange, KubeObject>();
  /** What leaves a selector is shown as it last matched. */
  private readonly departed = new WeakMap<ObjectChange, KubeObject>();

  constructor(
    private readonly definition: ResourceDefinition,
    private readonly face: Face,
    private readonly parts: LogStoreParts,
  ) {}

  async get(key: ObjectKey, context: RequestContext, options?: { atLeast?: string }): Promise<KubeObject | undefined> {
    const record = await this.latest(key, context, options?.atLeast);
    return record && this.show(record);
  }

  async list(options: ListOptions, context: RequestContext): Promise<ListResult> {
    const { model } = this.parts;
    const isLatest = await this.upToDate(options.atLeast ?? options.exactly, context);
    if (!isLatest && isWrite(context)) throw model.notKnown();
    const page = listPage(model, this.face.kind, options, this.filter(options));
    return {
      items: await this.showAll(page.records),
      resourceVersion: toResourceVersion(page.position),
      ...(page.continueToken === undefined ? {} : { continueToken: page.continueToken }),
      ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
    };
  }

  async create(object: KubeObject, context: RequestContext): Promise<KubeObject> {
    const [created] = await this.createMany([object], context);
    return created as KubeObject;
  }

  async createMany(objects: readonly KubeObject[], context: RequestContext): Promise<KubeObject[]> {
    const names = new Set<string>();
    const commands = objects.map((object, index): ObjectCommand => {
      const stored = this.face.fromApi(object);
      const name = `${stored.metadata.namespace ?? ''}/${stored.metadata.name}`;
      if (names.has(name)) throw alreadyExists(this.definition, stored.metadata.name);
      names.add(name);
      return { verb: 'create', object: stored, ...keyOf(context, objects.length > 1 ? index : undefined) };
    });
    const committed = await this.submit(commands, context);
    return committed.map((each, index) => this.createdObject(commands[index] as ObjectCommand, each));
  }

  async update(
    object: KubeObject,
    context: RequestContext,
    options: { expectedResourceVersion?: string; subresource?: string },
  ): Promise<KubeObject> {
    const stored = this.face.fromApi(object);
    const asked = options.subresource === 'status' ? await this.withStatus(stored, context) : stored;
    const wanted = this.face.keep?.(asked, this.find(asked.metadata)) ?? asked;
    const expect = expectation(options.expectedResourceVersion);
    const command: ObjectCommand = {
      verb: 'update',
      object: wanted,
      ...(expect === undefined ? {} : { expect }),
      ...keyOf(context),
    };
    const [committed] = await this.submit([command], context);
    const { before, position, at, entries } = committed as CommittedCommand;
    const entry = entries[0];
    if (before === undefined || position === undefined || entry?.type !== 'ObjectUpdated') {
      return this.require(wanted.metadata);
    }
    return this.show(updatedRecord(before, entry.data.object, position, at, this.parts.model.state));
  }

  async assertWritable(
    verb: 'create' | 'update',
    objects: readonly KubeObject[],
    context: RequestContext,
  ): Promise<void> {
    await this.upToDate(undefined, context);
    let claims = QuotaClaims.none();
    for (const object of objects) {
      const stored = this.face.fromApi(object);
      const decision = decideObjects(this.parts.model.state, { verb, object: stored }, claims);
      if (isRejection(decision)) throw rejectionError(this.definition, stored.metadata.name, decision);
      claims = claims.with(stored.metadata.namespace, decision.claim);
    }
  }

  /** Decisions and reports change the version, but do not make a user's change stale. */
  isCurrent({ metadata }: KubeObject, resourceVersion: string): boolean {
    const record = this.find(metadata);
    const position = parseResourceVersion(resourceVersion);
    if (record === undefined || position === undefined || record.uid !== metadata.uid) return false;
    return record.specPosition <= position && position <= this.parts.model.position;
  }

  async delete(
    key: ObjectKey,
    context: RequestContext,
    { preconditions, gracePeriodSeconds, propagationPolicy }: DeleteOptions,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    if ((await this.latest(key, context)) === undefined) throw notFound(this.definition, key.name);
    const expect = expectation(preconditions?.resourceVersion);
    const command: ObjectCommand = {
      verb: 'delete',
      kind: this.face.kind,
      ...(key.namespace === undefined ? {} : { namespace: key.namespace }),
      name: key.name,
      ...(preconditions?.uid === undefined ? {} : { uid: preconditions.uid }),
      ...(expect === undefined ? {} : { expect }),
      ...(gracePeriodSeconds === 0 ? { force: true } : {}),
      ...(propagationPolicy === undefined ? {} : { propagation: propagationPolicy }),
      ...keyOf(context),
    };
    const [committed] = await this.submit([command], context);
    const { before, position, at, entries } = committed as CommittedCommand;
    if (before === undefined) throw notFound(this.definition, key.name);
    const [entry] = entries;
    if (position === undefined || entry?.type !== 'ObjectDeleted') return { object: this.show(before), gone: false };
    const { record, gone } = deletedRecord(before, entry.data, position, at);
    return { object: this.show(record), gone };
  }

  /** Others get their turn while a long list is made; records do not change meanwhile. */
  private async showAll(records: readonly ObjectRecord[]): Promise<KubeObject[]> {
    const basis = this.parts.model.basis();
    const items: KubeObject[] = [];
    for (const record of records) {
      items.push(this.face.toApi(record, basis));
      if (items.length % ITEMS_PER_TURN === 0) await nextTurn();
    }
    return items;
  }

  watch(options: WatchOptions, _context: RequestContext): AsyncIterable<WatchEvent> {
    const { model, history } = this.parts;
    const { group, version, kind } = this.definition;
    const watched = {
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind,
      storedKind: this.face.kind,
      project: this.projection(options),
      current: this.current.bind(this),
    };
    return watchObjects(model, watched, options, history);
  }

  /** Which there are is settled at the call; they are made one by one as they are read, for there may be a hundred thousand. */
  private current(options: WatchOptions): Iterable<KubeObject> {
    const { model } = this.parts;
    const matches = this.filter(options);
    const records: ObjectRecord[] = [];
    for (const record of model.state.table.ordered(this.face.kind, options.namespace)) {
      if (matches === undefined || matches(record)) records.push(record);
    }
    return this.made(records, model.basis());
  }

  private *made(records: readonly ObjectRecord[], basis: StatusBasis): Iterable<KubeObject> {
    for (const record of records) yield this.face.toApi(record, basis);
  }

  /** What a reader with these options sees of a change. */
  private projection(options: WatchOptions): (change: ObjectChange) => readonly WatchEvent[] {
    const { namespace } = options;
    const matches = this.filter(options) ?? (() => true);
    return (change) => {
      const { record, previous, type } = change;
      if (namespace !== undefined && record.namespace !== namespace) return NOTHING;
      const before = previous !== undefined && matches(previous);
      const now = type !== 'DELETED' && matches(record);
      if (now) return [{ type: before ? 'MODIFIED' : 'ADDED', object: this.shownAt(change, record, this.shown) }];
      if (!before) return NOTHING;
      const departed = type === 'DELETED' ? record : { ...previous, position: change.position };
      return [{ type: 'DELETED', object: this.shownAt(change, departed, this.departed) }];
    };
  }

  private shownAt(change: ObjectChange, record: ObjectRecord, made: WeakMap<ObjectChange, KubeObject>): KubeObject {
    let object = made.get(change);
    if (object === undefined) {
      object = this.face.toApi(record, { ...this.parts.model.basis(), sights: change.sights });
      // Frozen objects are serialised once for all watchers.
      Object.freeze(object);
      made.set(change, object);
    }
    return object;
  }

  /** Undefined: everything matches. */
  private filter(options: Pick<ListOptions, 'selectors' | 'visible'>): RecordFilter | undefined {
    return recordFilter({ definition: this.definition, face: this.face, show: this.show.bind(this) }, options);
  }

  private find({ namespace = '', name }: Named): ObjectRecord | undefined {
    const record = this.parts.model.state.table.get(this.face.kind, namespace, name);
    return record !== undefined && this.face.shows(record) ? record : undefined;
  }

  private show(record: ObjectRecord): KubeObject {
    return this.face.toApi(record, this.parts.model.basis());
  }

  /** The object as it is now. @throws StatusError 404 */
  private async require(key: Named): Promise<KubeObject> {
    await this.parts.model.upToDate();
    const record = this.find(key);
    if (record === undefined) throw notFound(this.definition, key.name);
    return this.show(record);
  }

  private createdObject(command: ObjectCommand, committed: CommittedCommand): KubeObject {
    const { position, at, entries, ref } = committed;
    const entry = entries[0];
    if (position !== undefined && entry?.type === 'ObjectCreated') {
      const stored = entry.data.object;
      return this.face.created(stored, answeredRecord(stored, position, at), this.parts.model.basis());
    }
    const record = this.find(ref);
    if (record?.uid === ref.uid) return this.show(record);
    const text = `this request was carried out before (${ref.kind} "${ref.name}", uid ${ref.uid}); the object has been deleted since`;
    throw new StatusError(410, 'Gone', text, { name: ref.name, kind: command.verb });
  }

  /** The stored object with only its status (and the managedFields that tell of it) replaced. */
  private async withStatus(wanted: StoredObject, context: RequestContext): Promise<StoredObject> {
    const record = await this.latest(wanted.metadata, context);
    if (record === undefined) throw notFound(this.definition, wanted.metadata.name);
    const live = this.face.fromApi(this.show(record));
    return { ...live, ...('status' in wanted ? { status: wanted.status } : {}) };
  }

  private async submit(commands: readonly ObjectCommand[], context: RequestContext): Promise<CommittedCommand[]> {
    const outcome = await this.parts.sink.submit(commands, {
      actor: context.user.name,
      correlationId: context.requestId,
      ...(context.trace === undefined ? {} : { trace: context.trace }),
    });
    if (Array.isArray(outcome)) return outcome;
    const command = commands[outcome.index] as ObjectCommand;
    const name = command.verb === 'delete' ? command.name : command.object.metadata.name;
    throw rejectionError(this.definition, name, outcome);
  }

  /** @throws StatusError 503 to a write, where there is none and there may be one that is not known here */
  private async latest(key: Named, context: RequestContext, atLeast?: string): Promise<ObjectRecord | undefined> {
    const isLatest = await this.upToDate(atLeast, context);
    const record = this.find(key);
    if (record === undefined && !isLatest && isWrite(context)) throw this.parts.model.notKnown();
    return record;
  }

  private upToDate(atLeast: string | undefined, { signal }: RequestContext): Promise<boolean> {
    return this.parts.model.upToDate(atLeast === undefined ? 0 : (parseResourceVersion(atLeast) ?? 0), signal);
  }
}

/** A version that is none of ours was never current. */
function expectation(resourceVersion: string | undefined): Position | undefined {
  return resourceVersion === undefined ? undefined : (parseResourceVersion(resourceVersion) ?? 0);
}

const isWrite = ({ verb }: RequestContext): boolean => verb !== undefined && WRITE_VERBS.has(verb);

function keyOf({ idempotencyKey: key, user }: RequestContext, index?: number): { key?: string } {
  if (key === undefined) return {};
  return { key: idempotencyKey(user.name, index === undefined ? key : `${key}/${index}`) };
}
