/**
 * The scheduler while it holds the lease. Two loops, each asleep until the fold moves:
 *
 * - decisions: health, rounds, releases → sky.evt.scheduler, until there is nothing to decide;
 * - work: what decisions imply → sky.work.<cluster>, all clusters at once, until nothing is lacking.
 *
 * What comes while an append is under way is decided together in the next. Every decision is made on a state that has folded
 * everything before it on its subject, and is given up when a newer epoch has started: `run` then ends with SteppedDownError.
 * An unreachable log is waited for, with jittered back-off, as long as the lease lasts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { AppendRefusedError, LogUnavailableError } from '@skyflow/event-log';
import { WakeUp } from '@skyflow/service';
import type { ActiveOptions } from './active-options.js';
import { DecisionRounds } from './decision-rounds.js';
import { OvertakenError, SteppedDownError } from './errors.js';
import { Alarm } from './alarm.js';
import { WorkRounds } from './work-rounds.js';

/** Health is looked at this often, and at once when a heartbeat brings news. */
const HEALTH_CHECK_MS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** How long appends under way are waited for when the lease ends. */
const DRAIN_MS = 1_000;

export class ActiveScheduler {
  private readonly decisionWake = new WakeUp();
  private readonly workWake = new WakeUp();
  private readonly decisions: DecisionRounds;
  private readonly work: WorkRounds;

  constructor(private readonly options: ActiveOptions) {
    const assertActive = (): void => {
      const { epoch } = options.projection.state;
      if (epoch > options.epoch) throw new SteppedDownError(options.epoch, epoch);
    };
    this.work = new WorkRounds({ ...options, assertActive });
    this.decisions = new DecisionRounds({ ...options, assertActive, underWay: this.work.underWay });
  }

  /** Resolves when the signal aborts; rejects when a newer epoch has started. */
  async run(signal: AbortSignal): Promise<void> {
    const { projection, heartbeats } = this.options;
    const failed = new AbortController();
    const until = AbortSignal.any([signal, failed.signal]);
    const stopListening = projection.onBatch(() => {
      this.decisionWake.call();
      this.workWake.call();
    });
    heartbeats.onHeard = (heartbeat) => {
      if (this.decisions.isNews(heartbeat)) this.decisionWake.call();
    };
    const timer = setInterval(() => this.decisionWake.call(), HEALTH_CHECK_MS);
    const alarm = new Alarm(() => this.decisionWake.call());
    // A turn in which there was nothing to do is none.
    const judge = (didSomething: boolean) => (didSomething ? 'done' : 'nothing');
    const isExpected = (error: unknown): boolean => error instanceof OvertakenError;
    const timed = { signal: until, judge, isExpected } as const;
    const { operation } = this.options.metrics;
    const decide = async (): Promise<boolean> => {
      const decided = await operation('decide', () => this.decisions.run(until), timed);
      alarm.set(this.decisions.nextDueMs());
      return decided;
    };
    const endAll = (error: unknown): never => {
      failed.abort(error);
      throw error;
    };
    try {
      await Promise.all([
        this.loop(this.decisionWake, decide, until).catch(endAll),
        this.loop(this.workWake, () => operation('issue', () => this.work.run(until), timed), until).catch(endAll),
      ]);
    } finally {
      clearInterval(timer);
      alarm.set(undefined);
      stopListening();
      heartbeats.onHeard = () => undefined;
      await this.work.close(DRAIN_MS);
    }
  }

  /** Runs `step` whenever woken until it says that nothing is left, over outages of the log. */
  private async loop(wake: WakeUp, step: () => Promise<boolean>, until: AbortSignal): Promise<void> {
    const { logger } = this.options.context;
    let pauseMs = FIRST_PAUSE_MS;
    while (!until.aborted) {
      try {
        const didSomething = await step();
        pauseMs = FIRST_PAUSE_MS;
        if (!didSomething) await wake.sleep(until);
      } catch (error) {
        if (error instanceof OvertakenError || isOver(until)) continue;
        if (!(error instanceof LogUnavailableError || error instanceof AppendRefusedError)) throw error;
        logger.warn({ err: error, pauseMs }, 'cannot append; trying again');
        await pause(pauseMs * (0.5 + Math.random()), undefined, { signal: until }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }
}

/** Asked after an await: the signal may have aborted meanwhile. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;
