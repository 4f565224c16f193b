/** A log whose faults a test switches: appends that fail, that are stored though their answer is lost, that wait. */
import {
  LogUnavailableError,
  type Appended,
  type Checkpoint,
  type CheckpointKey,
  type CommitDraft,
  type EventLog,
  type Followed,
  type FollowOptions,
  type Horizon,
  type LogAge,
  type ReadOptions,
  type RecordedCommit,
  type SubjectHead,
} from '../event-log.js';

/** `fail`: not stored. `lose-answer`: stored, the caller is told LogUnavailable. */
export type AppendFault = 'fail' | 'lose-answer';

export class FaultyEventLog implements EventLog {
  readonly #log: EventLog;
  readonly #faults: AppendFault[] = [];
  #gate: PromiseWithResolvers<undefined> | undefined;
  #down = false;
  #beforeAnswer: ((seq: number) => Promise<unknown>) | undefined;
  /** Every call of `append`, in order. */
  readonly appends: { subject: string; draft: CommitDraft; expected: SubjectHead }[] = [];

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** The next appends fail in these ways, one each. */
  failNext(...faults: AppendFault[]): void {
    this.#faults.push(...faults);
  }

  /** Takes back what `failNext` still has in store. */
  clearFaults(): void {
    this.#faults.length = 0;
  }

  /** While down, appends and head reads are refused as unavailable. */
  set down(value: boolean) {
    this.#down = value;
  }

  /** Appends wait until `release`. */
  hold(): void {
    this.#gate ??= Promise.withResolvers<undefined>();
  }

  release(): void {
    this.#gate?.resolve(undefined);
    this.#gate = undefined;
  }

  /** What is stored is answered for when this has resolved: a reader may be faster than the answer. */
  answersAfter(event: (seq: number) => Promise<unknown>): void {
    this.#beforeAnswer = event;
  }

  featureLevel(): Promise<number> {
    return this.#log.featureLevel();
  }

  async append(subject: string, draft: CommitDraft, expected: SubjectHead): Promise<Appended> {
    this.appends.push({ subject, draft, expected });
    await this.#gate?.promise;
    this.#refuseIfDown();
    const fault = this.#faults.shift();
    if (fault === 'fail') throw new LogUnavailableError('injected: the append failed');
    const appended = await this.#log.append(subject, draft, expected);
    await this.#beforeAnswer?.(appended.seq);
    if (fault === 'lose-answer') throw new LogUnavailableError('injected: the answer was lost');
    return appended;
  }

  async subjectHead(subject: string): Promise<SubjectHead> {
    this.#refuseIfDown();
    return this.#log.subjectHead(subject);
  }

  head(): Promise<number> {
    return this.#log.head();
  }

  first(): Promise<number> {
    this.#refuseIfDown();
    return this.#log.first();
  }

  horizon(): Promise<Horizon | undefined> {
    return this.#log.horizon();
  }

  age(): Promise<LogAge> {
    return this.#log.age();
  }

  checkpoint(key: CheckpointKey): Promise<Checkpoint | undefined> {
    return this.#log.checkpoint(key);
  }

  kept(name: string): Promise<unknown> {
    return this.#log.kept(name);
  }

  sequenceAt(timeMs: number): Promise<number> {
    return this.#log.sequenceAt(timeMs);
  }

  read(options?: ReadOptions): AsyncIterable<RecordedCommit> {
    return this.#log.read(options);
  }

  follow(options: FollowOptions): AsyncIterable<Followed> {
    return this.#log.follow(options);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #refuseIfDown(): void {
    if (this.#down) throw new LogUnavailableError('injected: the log is down');
  }
}
