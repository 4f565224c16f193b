/**
 * Machines that cost money and belong to nobody, and what was left of what they shared: what providers list with the mark of this installation, against what the log knows of.
 * Pure. Machines without the mark, or with another's, are not in the lists and are never touched.
 */
import type { EntryData, OrphanStep } from '@skyflow/contracts';
import { type Pace, pauseMs } from './failures.js';
import type { Orphan, ProvisionedCluster, ProvisioningState, Retained } from './state.js';

/** A machine as its provider lists it, by its tags. */
export interface ListedMachine {
  id: string;
  name: string;
  /** Uid and name of the cluster that it was made for. */
  cluster: string;
  clusterName: string;
  /** No machine, but a part of what machines of a cluster share in the region: a group, a firewall, a key. */
  ground?: true | undefined;
}

/** Region of what a provider has once for all regions. */
export const EVERYWHERE = 'global';

/** All that is alive in a region, or the region could not be asked and has no list. */
export interface RegionList {
  provider: string;
  region: string;
  machines: readonly ListedMachine[];
  /** Not all that machines share could be listed: what is missing may be there. */
  isPartial?: boolean;
}

export interface ReaperLimits {
  /** For so long an orphan is only looked at. */
  graceMs: number;
  /** Ended in one round at most: a fault of ours must not end a fleet. */
  most: number;
  /** Orphans are told of and none is ended. */
  dryRun: boolean;
}

export interface OrphanDraft {
  type: 'OrphanAdvanced';
  data: EntryData<'OrphanAdvanced'>;
}

export const orphanKey = ({ provider, region, id }: Pick<Orphan, 'provider' | 'region' | 'id'>): string =>
  `${provider}/${region}/${id}`;

/** What a list says that the log does not: orphans that are new, and those that are none any more. */
export function orphanChanges(state: ProvisioningState, list: RegionList, epoch: number): OrphanDraft[] {
  const { provider, region } = list;
  const isOwned = ownership(state);
  const listed = new Map(list.machines.map((machine) => [machine.id, machine]));
  const draft = (id: string, step: OrphanStep): OrphanDraft => ({
    type: 'OrphanAdvanced',
    data: { epoch, provider, region, id, step },
  });
  const isNew = (one: ListedMachine): boolean =>
    !isOwned({ provider, region, ...one }) && !state.orphans.has(orphanKey({ provider, region, id: one.id }));
  return [
    ...list.machines.filter(isNew).map(({ id, ...facts }) => draft(id, { type: 'Seen', ...facts })),
    ...[...state.orphans.values()]
      .filter((orphan) => orphan.provider === provider && orphan.region === region)
      .filter(
        (orphan) => isOwned(orphan) || (!listed.has(orphan.id) && !(list.isPartial === true && orphan.ground === true)),
      )
      .map(({ id }) => draft(id, { type: 'Cleared' })),
  ];
}

/** Those whose time has come: alone for the grace, not of a cluster meanwhile; the oldest first, no more than the limit. */
export function orphansToEnd(state: ProvisioningState, nowMs: number, pace: Pace, limits: ReaperLimits): Orphan[] {
  if (limits.dryRun) return [];
  const isOwned = ownership(state);
  return [...state.orphans.values()]
    .filter((orphan) => !isOwned(orphan))
    .filter(({ seenMs }) => nowMs >= seenMs + limits.graceMs)
    .filter(({ failures, sinceMs }) => failures === 0 || nowMs >= sinceMs + pauseMs(failures, pace))
    .sort((a, b) => a.seenMs - b.seenMs || (orphanKey(a) < orphanKey(b) ? -1 : 1))
    .slice(0, limits.most);
}

type Listed = Pick<Orphan, 'provider' | 'region' | 'name' | 'cluster' | 'ground'>;

/** An intent with its name, or for the ground of its cluster there, is in the log and has no end; or it stays when its cluster is deleted. */
function ownership({ clusters, retained }: ProvisioningState): (listed: Listed) => boolean {
  const names = new Set([...clusters.values(), ...retained.values()].flatMap(namesOf));
  return ({ provider, region, name, cluster, ground }) => {
    if (ground !== true) return names.has(name);
    const own = (clusters.get(cluster) ?? retained.get(cluster))?.groundwork;
    return own?.provider === provider && (region === EVERYWHERE || own.region === region);
  };
}

const namesOf = ({ machines }: ProvisionedCluster | Retained): string[] =>
  Array.isArray(machines) ? machines : [...machines.keys()];

export function evolveOrphan(
  orphans: Map<string, Orphan>,
  { provider, region, id, step }: Omit<EntryData<'OrphanAdvanced'>, 'epoch'>,
  at: number,
): void {
  const key = orphanKey({ provider, region, id });
  if (step.type === 'Seen') {
    const { type: _type, ...facts } = step;
    const times = { seenMs: at, sinceMs: at, failures: 0 };
    orphans.set(key, { provider, region, id, ...facts, phase: 'Seen', ...times });
    return;
  }
  const orphan = orphans.get(key);
  if (orphan === undefined) return;
  switch (step.type) {
    case 'DeleteIntended':
      orphan.phase = 'Ending';
      orphan.sinceMs = at;
      break;
    case 'DeleteFailed':
      orphan.failure = step.failure;
      orphan.failures++;
      orphan.sinceMs = at;
      break;
    case 'Cleared':
      orphans.delete(key);
      break;
  }
}
