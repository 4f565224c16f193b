/**
 * Which feature level this process reads: that of its program, or an older one that it emulates (Kubernetes' `--emulated-version`). One
 * number for the process, as its version is. An entry that needs more cannot be read, as the program of that level could not.
 */
import {
  type Entry,
  FEATURE_LEVEL,
  FIRST_LEVEL,
  UnreadableEntryError,
  featureOfEntry,
  features,
} from '@skyflow/contracts';

let level = FEATURE_LEVEL;
let version = 'of this version';

export const readingLevel = (): number => level;

/** Of the program, for what is said of it. */
export const readingVersion = (): string => version;

/** Called once, before anything is read. @throws RangeError no program of this version can do that. */
export function readAtLevel(of: { level?: number | undefined; version: string }): void {
  const { level: asked = FEATURE_LEVEL } = of;
  if (asked < FIRST_LEVEL || asked > FEATURE_LEVEL) {
    throw new RangeError(`feature level ${asked} is not between ${FIRST_LEVEL} and ${FEATURE_LEVEL}`);
  }
  level = asked;
  version = of.version;
}

/** @throws UnreadableEntryError it needs a higher level */
export function assertReadable(entry: Entry): void {
  const needed = levelNeeded(entry);
  if (needed <= level) return;
  throw new UnreadableEntryError(
    `entry ${entry.type} needs feature level ${needed}, and this program (version ${version}) reads level ${level}; ` +
      'run a version of SkyFlow at least as new as the one that wrote the log',
  );
}

/** What a program must read to read this entry, and what comes after it. */
export function levelNeeded({ type, data }: { type: string; data: unknown }): number {
  if (type === 'FeatureLevelRaised') return (data as { level: number }).level;
  const feature = featureOfEntry(type, data);
  return feature === undefined ? FIRST_LEVEL : features[feature].level;
}
