/**
 * Raises the feature level of the log when everybody who was heard reads a higher one (ADR 38), and knows who holds it back. Every gateway
 * does it: the decision is pure, and the one that appends first names the sequence that the others then miss.
 */
import { FEATURES_SUBJECT, entryVersion, type RawEntry } from '@skyflow/contracts';
import { type Announced, type Holder, type LevelVerdict, featuresOff, judgeLevel, liveOf } from '@skyflow/domain';
import { WrongLastSequenceError, readingLevel, type EventLog } from '@skyflow/event-log';
import { SERVICE_VERSION } from '@skyflow/service';
import { uuidv7 } from 'uuidv7';

export interface LevelKeeperOptions {
  log: EventLog;
  /** `<service>/<instance>` */
  writer: string;
  /** See LevelView. */
  settleMs: number;
  heard: () => readonly Announced[];
  listeningSinceMs: () => number;
  expected: () => readonly string[];
  onRaised: (level: number) => void;
  warn: (line: string) => void;
}

/** What `/status` says of the feature level. */
export interface LevelReport {
  inForce: number;
  /** Of this gateway. */
  reads: number;
  heldBackBy: readonly Holder[];
  off: readonly string[];
}

const LOOK_EVERY_MS = 1_000;
/** Whoever did not look for so long stood still and heard nobody meanwhile: it listens anew. */
const STOOD_STILL_MS = 5 * LOOK_EVERY_MS;

export class LevelKeeper {
  private timer: NodeJS.Timeout | undefined;
  private inForce = 0;
  /** By `performance.now()`: the last look, and the first one since which there was no gap between two. */
  private lookedAt = performance.now();
  private looksSince = this.lookedAt;
  /** What went wrong last, which is said once. */
  private said = '';

  constructor(private readonly options: LevelKeeperOptions) {}

  /** Looks until the level in force is the one that this program reads, or it is stopped. */
  async start(): Promise<void> {
    this.inForce = await this.options.log.featureLevel();
    if (this.inForce < readingLevel()) this.timer = setTimeout(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  async report(): Promise<LevelReport> {
    const inForce = (this.inForce = await this.options.log.featureLevel());
    return { inForce, reads: readingLevel(), heldBackBy: this.judge().heldBackBy, off: featuresOff(inForce) };
  }

  private judge(): LevelVerdict {
    return judgeLevel(this.view());
  }

  private view(): Parameters<typeof judgeLevel>[0] {
    const { settleMs, heard, listeningSinceMs, expected } = this.options;
    const nowMs = Date.now();
    return {
      inForce: this.inForce,
      ours: readingLevel(),
      nowMs,
      listeningSinceMs: Math.max(listeningSinceMs(), nowMs - (performance.now() - this.looksSince)),
      settleMs,
      heard: heard(),
      expected: expected(),
    };
  }

  private async look(): Promise<void> {
    const { log, onRaised, warn } = this.options;
    const now = performance.now();
    if (now - this.lookedAt > STOOD_STILL_MS) this.looksSince = now;
    this.lookedAt = now;
    try {
      this.inForce = await log.featureLevel();
      const { raiseTo } = this.judge();
      if (raiseTo !== undefined && (await this.raise(raiseTo))) {
        this.inForce = await log.featureLevel();
        onRaised(raiseTo);
      }
    } catch (error) {
      const text = `the feature level cannot be raised: ${(error as Error).message}`;
      if (text !== this.said) warn(text);
      this.said = text;
    }
    if (this.timer !== undefined && this.inForce < readingLevel()) {
      this.timer = setTimeout(() => void this.look(), LOOK_EVERY_MS);
    }
  }

  /** False: another gateway was first. */
  private async raise(level: number): Promise<boolean> {
    const { log, writer } = this.options;
    const expected = await log.subjectHead(FEATURES_SUBJECT);
    const heard = liveOf(this.view()).length;
    const data = { level, from: this.inForce, version: SERVICE_VERSION, heard };
    const entry: RawEntry = {
      type: 'FeatureLevelRaised',
      v: entryVersion('FeatureLevelRaised'),
      at: Date.now(),
      actor: 'system:api-gateway',
      corr: uuidv7(),
      data,
    };
    try {
      await log.append(FEATURES_SUBJECT, { id: uuidv7(), writer, entries: [entry] }, expected);
      return true;
    } catch (error) {
      if (error instanceof WrongLastSequenceError) return false;
      throw error;
    }
  }
}
