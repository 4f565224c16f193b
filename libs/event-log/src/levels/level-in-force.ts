/**
 * The feature level of a log (ADR 38): the one it was made with, which its stream says, or the last one that it was raised to, which the last
 * commit of its own subject says. Both can be read by programs of any age. It never falls, so what is known once is never too high.
 */
import {
  FEATURE_LEVEL,
  FIRST_LEVEL,
  type FeatureName,
  featureOfEntry,
  features,
  type RawEntry,
} from '@skyflow/contracts';
import { LogSetupError, LogUnavailableError, type CommitDraft, type EventLog } from '../event-log.js';
import { levelNeeded, readingLevel, readingVersion } from './reading-level.js';

/** Metadata of the stream: the level of the program that made it. */
export const BORN_AT = 'skyflow.io/feature-level';

/** Something would be written that not everybody can read yet. It is not stored; later it may be. */
export class FeatureOffError extends LogUnavailableError {
  override readonly name: string = 'FeatureOffError';
}

/** @throws FeatureOffError, LogUnavailableError */
export async function assertOn(log: Pick<EventLog, 'featureLevel'>, name: FeatureName): Promise<void> {
  const level = await log.featureLevel();
  if (features[name].level > level) throw new FeatureOffError(offText(name, level));
}

const offText = (name: FeatureName, inForce: number): string =>
  `feature ${name} is off until all of SkyFlow reads level ${features[name].level}; in force is ${inForce}`;

/** This program is too old for the log, which only a newer one ends. */
export class FeatureLevelError extends LogSetupError {
  override readonly name: string = 'FeatureLevelError';
}

/** @param config of the stream @param last bytes of the last commit on {@link FEATURES_SUBJECT} */
export function levelOf(config: Readonly<Record<string, unknown>>, last: Uint8Array | undefined): number {
  const metadata = (config.metadata ?? {}) as Readonly<Record<string, string>>;
  return Math.max(FIRST_LEVEL, Number(metadata[BORN_AT] ?? FIRST_LEVEL), last === undefined ? 0 : raisedTo(last));
}

/** Read by hand: the level must be readable even where the rest of the commit is not. */
function raisedTo(commit: Uint8Array): number {
  const { entries } = JSON.parse(Buffer.from(commit).toString('utf8')) as { entries: { data: { level?: number } }[] };
  return Math.max(0, ...entries.map(({ data }) => data.level ?? 0));
}

/** Knows the level of a log without asking twice for what cannot change any more. */
export class LevelInForce {
  /** The level in force or, for a moment, less; 0: not asked yet. */
  #known = 0;

  /** @param read asks the log; @throws LogUnavailableError */
  constructor(private readonly read: () => Promise<number>) {}

  /** @throws LogUnavailableError; FeatureLevelError this program is too old */
  async now(): Promise<number> {
    if (this.#known >= readingLevel()) return this.#known;
    const level = await this.read();
    assertNewEnough(level);
    return (this.#known = Math.max(this.#known, level));
  }

  /** @throws FeatureOffError one of the entries needs more than is in force */
  async assertMayWrite(draft: CommitDraft): Promise<void> {
    const needed = draft.entries.reduce((most, entry) => Math.max(most, levelToWrite(entry)), FIRST_LEVEL);
    if (needed <= Math.max(this.#known, FIRST_LEVEL) || needed <= (await this.now())) return;
    const entry = draft.entries.find((each) => levelToWrite(each) === needed) as RawEntry;
    const feature = featureOfEntry(entry.type, entry.data);
    throw new FeatureOffError(
      `entry ${entry.type} cannot be written: ${feature === undefined ? '' : offText(feature, this.#known)}`,
    );
  }
}

/** The entry that raises the level is what makes the rest readable. */
const levelToWrite = (entry: RawEntry): number =>
  entry.type === 'FeatureLevelRaised' ? FIRST_LEVEL : levelNeeded(entry);

/** @throws FeatureLevelError */
export function assertNewEnough(level: number): void {
  if (level <= readingLevel()) return;
  throw new FeatureLevelError(tooOldText(level, readingLevel(), readingVersion()));
}

/** For people. */
export const tooOldText = (inForce: number, reads: number, version: string): string =>
  `version ${version} reads feature level ${reads}, and the log is at level ${inForce}, which never falls: run a version that reads level ${inForce}` +
  `${reads < FEATURE_LEVEL ? ', without SKYFLOW_FEATURE_LEVEL below it' : ''}; to go back to an older version, restore a backup from before the upgrade (docs/operate.md, Upgrade)`;
