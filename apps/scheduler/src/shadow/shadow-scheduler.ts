/**
 * A scheduler that only watches: it decides each round of the log again with its own code, right after it was recorded, and counts
 * and keeps where it would have decided otherwise. It holds no lease and writes nothing. Run a new version, or another configuration, like
 * this beside the one that decides, before it takes over.
 */
import type { Meter } from '@opentelemetry/api';
import { type StoredObject, sequenceOf } from '@skyflow/contracts';
import {
  type Mismatch,
  type OtherConfiguration,
  SCHEDULING_CODE,
  Verification,
  schedulingStateFold,
} from '@skyflow/domain';
import type { EntryContext, Fold } from '@skyflow/event-log';
import type { Logger } from '@skyflow/service';

/** Differences that are kept for the report, newest last. */
const KEPT = 100;

export interface ShadowFindings {
  /** The code that shadows, and the configuration that it has instead. */
  by: string;
  /** First commit whose decisions it compares. */
  from: number;
  rounds: number;
  decisions: number;
  /** Decisions that it would have made otherwise. */
  differences: number;
  /** The newest of them. */
  newest: readonly Mismatch[];
  /** Versions of the code that decided. */
  codes: readonly string[];
}

export class Shadow {
  readonly verification: Verification;
  private readonly kept: Mismatch[] = [];
  private readonly by: string;
  private from = 1;

  /**
   * @param clusters gives the Cluster objects as the log's checkpoint has them; asked where history was purged and `other` says something
   *   of clusters.
   * @param other the configuration that it decides with; absent: that of the log.
   */
  constructor(
    private readonly logger: Logger,
    private readonly clusters: () => Promise<StoredObject[]>,
    private readonly other?: { from: string; configuration: OtherConfiguration },
  ) {
    this.verification = new Verification(other?.configuration);
    const objects = other === undefined ? '' : ` with ${String(other.configuration.size)} objects of ${other.from}`;
    this.by = SCHEDULING_CODE + objects;
  }

  /**
   * As a fold of the whole log. It takes no snapshots, as what it holds is the way to the last basis; but where history was purged it goes
   * on from what the log's checkpoint has for a scheduler.
   */
  readonly fold: Fold<Shadow> = {
    version: schedulingStateFold.version,
    initial: () => this,
    decode: async (pieces) => {
      const state = await schedulingStateFold.decode(pieces);
      this.verification.begin(state, this.other?.configuration.hasClusters === true ? await this.clusters() : []);
      this.from = sequenceOf(state.position) + 1;
      this.logger.info({ from: this.from }, 'older history was purged: decisions are compared from this commit on');
      return this;
    },
    evolve: (shadow, entry, context: EntryContext) => {
      const mismatch = shadow.verification.take(entry, context);
      if (mismatch !== undefined) shadow.keep(mismatch);
      return shadow;
    },
  };

  get report(): ShadowFindings {
    const { rounds, decisions, mismatches: differences, codes } = this.verification.report;
    return { by: this.by, from: this.from, rounds, decisions, differences, newest: this.kept, codes };
  }

  observe(meter: Meter): void {
    const count = (name: string, description: string, read: (of: ShadowFindings) => number): void => {
      meter.createObservableCounter(name, { description }).addCallback((result) => result.observe(read(this.report)));
    };
    count(
      'skyflow_scheduler_shadow_decisions_total',
      'Decisions of the log that the shadow decided again.',
      (of) => of.decisions,
    );
    count(
      'skyflow_scheduler_shadow_differences_total',
      'Decisions that the shadow would have made otherwise.',
      (of) => of.differences,
    );
  }

  private keep(mismatch: Mismatch): void {
    this.kept.push(mismatch);
    if (this.kept.length > KEPT) this.kept.shift();
    const { ref, basis, code } = mismatch.recorded;
    const { path, recorded, decided } = mismatch.difference;
    this.logger.warn(
      { ref, basis, code, position: mismatch.position, path, recorded, decided },
      'would have decided otherwise',
    );
  }
}
