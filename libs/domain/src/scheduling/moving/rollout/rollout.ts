/**
 * A change of a pod template on its way over the clusters, where a strategy says how: what is remembered of it, and which version a
 * cluster is to have.
 * Services only: the template of a job that runs to completion cannot be changed.
 */
import type { Position, StoredObject } from '@skyflow/contracts';
import { canonicalJson, hashText } from '../../fingerprint.js';
import { isRecord } from '../../pod-spec.js';

/** A version of a workload: its generation, and where its object is in the log. */
export interface Version {
  generation: number;
  position: Position;
  /** Of the pod template. */
  template: string;
}

export interface ReleasedCluster {
  cluster: string;
  state: 'Updating' | 'Ready' | 'Failed';
  /** When it was given the new version, ms since the epoch. */
  sinceMs: number;
  /** Since when all its replicas are ready. */
  readyMs?: number | undefined;
}

export interface Rollout {
  /** What clusters have that the new version has not been given to; all of them, when it is rolled back. */
  from: Version;
  state: 'Progressing' | 'Stopped' | 'RolledBack';
  released: readonly ReleasedCluster[];
  /** The log says that it goes on. */
  announced?: true;
}

/** Whether its next step is still to be decided, or where it stands has to be said again. */
export const goesOn = (rollout: Rollout | undefined): boolean =>
  rollout !== undefined && (rollout.state === 'Progressing' || rollout.announced !== true);

/** Whether a cluster has, or is to have, the new version. */
export const isReleased = (rollout: Rollout | undefined, cluster: string): boolean =>
  rollout === undefined ||
  (rollout.state !== 'RolledBack' && rollout.released.some((released) => released.cluster === cluster));

export const templateOf = ({ spec }: StoredObject): string =>
  hashText(canonicalJson(isRecord(spec) ? (spec.template ?? null) : null));

/**
 * The rollout after an edit.
 * @param before the version before, and its rollout. A template that was never hashed (no strategy then) changes everywhere at once.
 * @param edit the template now, whether any cluster has the version before, and when it was made, ms since the epoch.
 */
export function rolloutAfterEdit(
  before: { version: Omit<Version, 'template'>; template: string | undefined; rollout: Rollout | undefined },
  edit: { template: string; runs: boolean; atMs: number },
): Rollout | undefined {
  const { version, rollout } = before;
  const { template, runs, atMs } = edit;
  if (rollout?.from.template === template || !runs) return undefined;
  if (before.template === undefined || before.template === template) return rollout && goneOn(rollout, atMs);
  // Changed again before the last change was everywhere: what was there before that one is what to go back to.
  return { from: rollout?.from ?? { ...version, template: before.template }, state: 'Progressing', released: [] };
}

/** Something else was edited, a pause for instance: clusters get their time anew, and where it stands is said again. */
function goneOn({ from, state, released }: Rollout, atMs: number): Rollout {
  const anew = released.map((each) => (each.state === 'Updating' ? { ...each, sinceMs: atMs } : each));
  return { from, state, released: anew };
}
