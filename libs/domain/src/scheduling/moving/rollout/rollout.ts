/**
 * A change of a pod template that goes over the clusters step by step: what is remembered of it, and which version a cluster is to have.
 * Services only: the template of a job that runs to completion cannot be changed.
 */
import type { Position, RolloutStrategy, StoredObject } from '@skyflow/contracts';
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

export const isStepwise = (strategy: RolloutStrategy | undefined): strategy is RolloutStrategy =>
  strategy !== undefined && strategy.type !== 'All';

/** Whether a cluster has, or is to have, the new version. */
export const isReleased = (rollout: Rollout | undefined, cluster: string): boolean =>
  rollout === undefined ||
  (rollout.state !== 'RolledBack' && rollout.released.some((released) => released.cluster === cluster));

export const templateOf = ({ spec }: StoredObject): string =>
  hashText(canonicalJson(isRecord(spec) ? (spec.template ?? null) : null));

/**
 * The rollout after an edit.
 * @param before the version before, and its rollout. A template that was never hashed (no strategy then) changes everywhere at once.
 * @param template of the edited object.
 * @param runs whether any cluster has the version before.
 */
export function rolloutAfterEdit(
  before: { version: Omit<Version, 'template'>; template: string | undefined; rollout: Rollout | undefined },
  template: string,
  runs: boolean,
): Rollout | undefined {
  const { version, rollout } = before;
  if (rollout?.from.template === template || !runs) return undefined;
  if (before.template === undefined || before.template === template) return rollout;
  // Changed again before the last change was everywhere: what was there before that one is what to go back to.
  return { from: rollout?.from ?? { ...version, template: before.template }, state: 'Progressing', released: [] };
}
