/**
 * What the log says about one object, entry by entry, as people read it: who did what when, and why. Values that are secret are not in it:
 * of a change only the fields are named, and short values only where they cannot be secret.
 */
import type { Entry, StoredObject } from '@skyflow/contracts';

/** Whose history it is. */
export interface HistorySubject {
  readonly kind: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

export interface HistoryLine {
  /** Created, Changed, Deleted, Placed, …: one word. */
  readonly what: string;
  readonly detail: string;
  /** uid of the object that it is about: a later object of the same name has another. */
  readonly uid: string;
}

/** Folded over the entries: what an update changed is told from the object before. */
export interface HistoryState {
  object: StoredObject | undefined;
  /** Placements of the last decision, to tell what a decision changed. */
  placements: string;
}

export const initialHistory = (): HistoryState => ({ object: undefined, placements: '' });

/** Fields named at most. */
const FIELDS = 6;
const VALUE_LENGTH = 40;

/** The line of an entry, or undefined if it is not about the subject or says nothing new. Changes `state`. */
export function historyLine(
  state: HistoryState,
  subject: HistorySubject,
  entry: Entry,
  cluster: string | undefined,
): HistoryLine | undefined {
  switch (entry.type) {
    case 'ObjectCreated':
    case 'ObjectUpdated':
      return isOf(subject, refOfObject(entry.data.object)) ? written(state, entry.type, entry.data.object) : undefined;
    case 'ObjectDeleted': {
      const { ref, force } = entry.data;
      if (!isOf(subject, ref)) return undefined;
      return { what: 'Deleted', detail: force === true ? 'at once, without waiting for clusters' : '', uid: ref.uid };
    }
    case 'ObjectReleased':
      return isOf(subject, entry.data.ref)
        ? { what: 'Gone', detail: 'nothing of it is left on any cluster', uid: entry.data.ref.uid }
        : undefined;
    case 'PlacementDecided':
      return isOf(subject, entry.data.ref) ? placed(state, entry.data) : undefined;
    case 'EvictionDecided': {
      const { cluster: from, message, shares } = entry.data;
      const share = shares.find(({ ref }) => isOf(subject, ref));
      if (share === undefined) return undefined;
      const to = share.to === undefined ? '' : ` to ${share.to}`;
      const detail = `${String(share.replicas)} from ${from}${to}: ${message}`;
      return { what: 'Evicted', detail, uid: share.ref.uid };
    }
    case 'RolloutAdvanced': {
      const { ref, state: reached, message } = entry.data;
      return isOf(subject, ref) ? { what: 'Rollout', detail: `${reached}: ${message}`, uid: ref.uid } : undefined;
    }
    case 'WorkObserved': {
      if (!isOf(subject, entry.data.ref)) return undefined;
      const { phase, replicas, ready, running, succeeded, failed, reason, message } = entry.data;
      const counts = [`${ready}/${replicas} ready`, `${running} running`];
      if (succeeded > 0) counts.push(`${succeeded} succeeded`);
      if (failed > 0) counts.push(`${failed} failed`);
      const why = message ?? reason;
      const detail = `${cluster ?? ''} ${phase}: ${counts.join(', ')}${why === undefined ? '' : ` (${why})`}`;
      return { what: 'Observed', detail: detail.trim(), uid: entry.data.ref.uid };
    }
    case 'WorkRemoved':
      return isOf(subject, entry.data.ref)
        ? { what: 'Removed', detail: `from ${cluster ?? 'a cluster'}`, uid: entry.data.ref.uid }
        : undefined;
    case 'ClusterHealthDecided': {
      const { cluster: name, uid, state: health, message } = entry.data;
      return isOf(subject, { kind: 'Cluster', name })
        ? { what: 'Health', detail: `${health}: ${message}`, uid }
        : undefined;
    }
    default:
      return undefined;
  }
}

type Ref = { kind: string; namespace?: string | undefined; name: string };

const isOf = ({ kind, namespace, name }: HistorySubject, ref: Ref): boolean =>
  ref.kind === kind && ref.name === name && (ref.namespace ?? '') === namespace;

const refOfObject = ({ kind, metadata }: StoredObject): Ref => ({
  kind,
  namespace: metadata.namespace,
  name: metadata.name,
});

function written(state: HistoryState, type: 'ObjectCreated' | 'ObjectUpdated', object: StoredObject): HistoryLine {
  const before = state.object;
  state.object = object;
  const { uid } = object.metadata;
  if (type === 'ObjectCreated' || before === undefined) {
    return { what: type === 'ObjectCreated' ? 'Created' : 'Changed', detail: '', uid };
  }
  const changes = changedFields(before, object, mayShow(object.kind));
  const more = changes.length - FIELDS;
  const detail = changes.slice(0, FIELDS).join('; ') + (more > 0 ? `; and ${String(more)} more` : '');
  return { what: 'Changed', detail, uid };
}

function placed(
  state: HistoryState,
  data: Extract<Entry, { type: 'PlacementDecided' }>['data'],
): HistoryLine | undefined {
  const places = data.placements.map(({ cluster, replicas }) => `${cluster}: ${String(replicas)}`);
  const waiting =
    data.unplaced > 0 ? [`${String(data.unplaced)} wait${data.message === undefined ? '' : `: ${data.message}`}`] : [];
  const detail = [...places, ...waiting].join(', ');
  if (detail === state.placements) return undefined;
  state.placements = detail;
  return { what: data.placements.length > 0 ? 'Placed' : 'Waits', detail, uid: data.ref.uid };
}

/** Whether values of this kind may be told: not of Secrets, nor of users and tokens. */
const mayShow = (kind: string): boolean => !['Secret', 'User', 'Token'].includes(kind);

function changedFields(before: object, after: object, values: boolean): string[] {
  const changes: string[] = [];
  compare(before, after, '', (path, old, next) => {
    if (IGNORED.test(path)) return;
    const shown = values && isShort(old) && isShort(next);
    changes.push(shown ? `${path}: ${show(old)} → ${show(next)}` : path);
  });
  return changes;
}

/** Kept by the system itself. */
const IGNORED =
  /^metadata\.(managedFields|generation|resourceVersion|creationTimestamp|uid)\b|last-applied-configuration/;

function compare(
  before: unknown,
  after: unknown,
  path: string,
  tell: (path: string, before: unknown, after: unknown) => void,
): void {
  if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      const next = Array.isArray(before) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      compare(own(before, key), own(after, key), next, tell);
    }
    return;
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) tell(path, before, after);
}

/** Not what every object inherits: a field may be called `toString`. */
const own = (object: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isShort = (value: unknown): boolean => !isObject(value) && show(value).length <= VALUE_LENGTH;
const show = (value: unknown): string => (value === undefined ? '(none)' : JSON.stringify(value));
