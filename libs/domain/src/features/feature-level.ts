/**
 * The feature level in force (ADR 38): what all live programs read. It rises when every one of them has been heard at a higher level and
 * nobody below it for some time, and never falls. Pure; who was heard, and when, is told.
 */
import {
  FIRST_LEVEL,
  type Entry,
  type Feature,
  type FeatureName,
  features as allFeatures,
  featureNames,
} from '@skyflow/contracts';

/** A process that said which level it reads. */
export interface Announced {
  /** `scheduler`, `agent of east`. */
  readonly who: string;
  readonly instance: string;
  /** Absent: it does not say. */
  readonly version?: string;
  readonly level: number;
  readonly lastHeardMs: number;
}

export interface LevelView {
  readonly inForce: number;
  /** Highest level that the program which looks reads. */
  readonly ours: number;
  readonly nowMs: number;
  readonly listeningSinceMs: number;
  /** Whoever was not heard for so long is gone, and only who has listened for so long knows who is there. */
  readonly settleMs: number;
  readonly heard: readonly Announced[];
  /** Who is there as far as the log knows, and must be heard: agents of clusters. */
  readonly expected: readonly string[];
}

/** Who keeps the level from rising to ours, and why. */
export interface Holder {
  readonly who: string;
  readonly instance?: string;
  readonly version?: string;
  readonly level?: number;
  readonly why: string;
}

export interface LevelVerdict {
  /** Undefined: it stays. */
  readonly raiseTo?: number;
  /** What keeps it from ours; empty: it is there, or gets there now. */
  readonly heldBackBy: readonly Holder[];
}

export function judgeLevel(view: LevelView): LevelVerdict {
  const { inForce, ours, nowMs, listeningSinceMs, settleMs } = view;
  if (inForce >= ours) return { heldBackBy: [] };
  const live = liveOf(view);
  const older = live.filter(({ level }) => level < ours).map(holderOf);
  const silent = silentOf(view, live);
  const heldBackBy = [...older, ...silent].sort(byName);
  const waitsMs = listeningSinceMs + settleMs - nowMs;
  if (waitsMs > 0 && heldBackBy.length === 0) {
    const why = `everybody reads level ${ours}; it is in force when that has been so for another ${Math.ceil(waitsMs / 1000)} s`;
    return { heldBackBy: [{ who: 'time', why }] };
  }
  const lowest = Math.min(ours, ...live.map(({ level }) => level));
  const rises = waitsMs <= 0 && silent.length === 0 && lowest > inForce;
  return { ...(rises ? { raiseTo: lowest } : {}), heldBackBy };
}

/** Those that are not taken to be gone. */
export const liveOf = ({ heard, nowMs, settleMs }: LevelView): Announced[] =>
  heard.filter(({ lastHeardMs }) => nowMs - lastHeardMs < settleMs);

function silentOf({ expected }: LevelView, live: readonly Announced[]): Holder[] {
  const known = new Set(live.map(({ who }) => who));
  return expected
    .filter((who) => !known.has(who))
    .map((who) => ({ who, why: 'is not heard, so nobody knows what it reads: start it, or delete its cluster' }));
}

const holderOf = ({ who, instance, version, level }: Announced): Holder => ({
  who,
  instance,
  ...(version === undefined ? {} : { version }),
  level,
  why: `reads level ${level}: replace it with the new version, or take SKYFLOW_FEATURE_LEVEL away if it is set there`,
});

const byName = (a: Holder, b: Holder): number => {
  const [left, right] = [`${a.who} ${a.instance ?? ''}`, `${b.who} ${b.instance ?? ''}`];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** The level after an entry. */
export const evolveLevel = (level: number, entry: Entry): number =>
  entry.type === 'FeatureLevelRaised' ? Math.max(level, entry.data.level) : level;

/** Features that are off at a level, by name. */
export const featuresOff = (
  level: number,
  known: Readonly<Record<string, Feature>> = allFeatures,
  names: readonly FeatureName[] = featureNames,
): FeatureName[] => names.filter((name) => (known[name]?.level ?? FIRST_LEVEL) > level);

/** For who asked for a feature that is off: which, who holds it back, the way out. */
export function featureRefusal(name: FeatureName, inForce: number, heldBackBy: readonly Holder[]): string {
  const { level, what } = allFeatures[name];
  const [first, ...others] = heldBackBy;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const who = first === undefined ? 'it is about to be raised; try again' : `${holderText(first)}${more}`;
  return `feature ${name} (${what}) is off until all of SkyFlow reads level ${level}; in force is ${inForce}: ${who}. skyctl version shows who reads what`;
}

export const holderText = ({ who, version, why }: Holder): string =>
  who === 'time' ? why : `${who}${version === undefined ? '' : ` (version ${version})`} ${why}`;
