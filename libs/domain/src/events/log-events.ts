/** What entries of the log say about an object, as people read it: Kubernetes Events of SkyFlow's own. Pure. */
import { type EntryData, type ObjectRef, type Position, type RawEntry, isWorkloadKind } from '@skyflow/contracts';

export interface LogEvent {
  ref: ObjectRef;
  /** Milliseconds since the epoch. */
  at: number;
  /** Of the entry. */
  position: Position;
  /** Several of one entry are told apart by it. */
  index: number;
  type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  reason: string;
  message: string;
  /** Who said so: a user, or `system:<service>`. */
  actor: string;
  /** Set when it is about one cluster's share. */
  cluster?: string;
}

type Saying = Pick<LogEvent, 'ref' | 'type' | 'reason' | 'message' | 'cluster'>;

/** Whoever may read events of a namespace is told of these; of users, roles, tokens and secrets nothing is said. */
const isTold = ({ kind }: ObjectRef): boolean => isWorkloadKind(kind) || kind === 'Service' || kind === 'Cluster';

/** None for entries that say nothing to people. @param subject of the commit: the cluster of an observation is in it */
export function logEvents(entry: RawEntry, position: Position, subject: string): LogEvent[] {
  const cluster = /^sky\.obs\.(.+)$/.exec(subject)?.[1];
  const told = sayings(entry, cluster).filter(({ ref }) => isTold(ref));
  return told.map((saying, index) => ({
    ...saying,
    at: entry.at,
    position,
    index,
    actor: entry.actor,
  }));
}

function sayings({ type, data, actor }: RawEntry, cluster: string | undefined): Saying[] {
  switch (type) {
    case 'ObjectCreated':
      return [byUser((data as EntryData<'ObjectCreated'>).object, 'Created', `created by ${actor}`)];
    case 'ObjectUpdated':
      return [byUser((data as EntryData<'ObjectUpdated'>).object, 'Updated', `changed by ${actor}`)];
    case 'ObjectDeleted': {
      const { ref, force } = data as EntryData<'ObjectDeleted'>;
      const how = force === true ? ', without waiting for clusters' : '';
      return [{ ref, type: 'Normal', reason: 'Deleted', message: `deleted by ${actor}${how}` }];
    }
    case 'PlacementDecided':
      return [placed(data as EntryData<'PlacementDecided'>)];
    case 'EvictionDecided':
      return evicted(data as EntryData<'EvictionDecided'>);
    case 'ClusterHealthDecided': {
      const { cluster: name, uid, state, message } = data as EntryData<'ClusterHealthDecided'>;
      const isWell = state === 'READY';
      const reason = `Cluster${state[0] ?? ''}${state.slice(1).toLowerCase()}`;
      return [
        { ref: { kind: 'Cluster', name, uid }, type: isWell ? 'Normal' : 'Warning', reason, message, cluster: name },
      ];
    }
    case 'WorkObserved':
      return cluster === undefined ? [] : [observed(data as EntryData<'WorkObserved'>, cluster)];
    case 'WorkRemoved': {
      if (cluster === undefined) return [];
      const { ref } = data as EntryData<'WorkRemoved'>;
      return [{ ref, type: 'Normal', reason: 'Removed', message: `nothing of it is left in ${cluster}`, cluster }];
    }
    default:
      return [];
  }
}

interface Stored {
  kind: string;
  metadata: { name: string; namespace?: string | undefined; uid?: unknown };
}

function byUser({ kind, metadata }: Stored, reason: string, message: string): Saying {
  const { name, namespace, uid } = metadata;
  const ref: ObjectRef = {
    kind,
    name,
    uid: typeof uid === 'string' ? uid : '',
    ...(namespace === undefined ? {} : { namespace }),
  };
  return { ref, type: 'Normal', reason, message };
}

function placed({ ref, placements, unplaced, reason, message }: EntryData<'PlacementDecided'>): Saying {
  const where = placements.map(({ cluster, replicas }) => `${cluster} ${replicas}`).join(', ');
  const there = where === '' ? 'no replica is placed' : `replicas placed: ${where}`;
  const waiting = unplaced === 0 ? '' : `; ${unplaced} wait`;
  const why = message === undefined ? '' : `: ${message}`;
  return {
    ref,
    type: unplaced === 0 ? 'Normal' : 'Warning',
    reason: unplaced === 0 ? 'Placed' : (reason ?? 'Waiting'),
    message: `${there}${waiting}${why}`,
  };
}

const evicted = ({ cluster, message, shares }: EntryData<'EvictionDecided'>): Saying[] =>
  shares.map(({ ref, replicas, to }) => ({
    ref,
    type: 'Warning',
    reason: 'Evicted',
    message: `${replicas} replicas have to leave ${cluster}${to === undefined ? '' : ` for ${to}`}: ${message}`,
    cluster,
  }));

function observed(data: EntryData<'WorkObserved'>, cluster: string): Saying {
  const { ref, phase, replicas, ready, running, succeeded, failed, reason, message } = data;
  const counts = [`${running} of ${replicas} running`, `${ready} ready`];
  if (succeeded > 0) counts.push(`${succeeded} succeeded`);
  if (failed > 0) counts.push(`${failed} failed`);
  const why = message === undefined ? '' : `: ${message}`;
  const isTrouble = phase === 'FAILED' || (phase === 'PENDING' && reason !== undefined);
  return {
    ref,
    type: isTrouble ? 'Warning' : 'Normal',
    reason: reason ?? `${phase[0] ?? ''}${phase.slice(1).toLowerCase()}`,
    message: `${cluster}: ${counts.join(', ')}${why}`,
    cluster,
  };
}
