/** What a run tells while it goes on, appended in order and in pieces: a line each would be an fsync each. */
import type { ClusterStep } from '@skyflow/contracts';
import type { Append } from './effects-options.js';

const EVERY_MS = 500;
const MOST_LINES = 200;

export class RunJournal {
  private pending: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private told: string | undefined;
  private last: Promise<void> = Promise.resolve();
  private failed: Error | undefined;

  constructor(
    private readonly run: number,
    private readonly append: Append,
  ) {}

  lines(lines: readonly string[]): void {
    this.pending.push(...lines);
    if (this.pending.length >= MOST_LINES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  stage(stage: string): void {
    if (stage === this.told) return;
    this.told = stage;
    this.step({ type: 'RunProgressed', run: this.run, stage });
  }

  /** After the lines before it. */
  step(step: ClusterStep): void {
    this.flush();
    this.enqueue(step);
  }

  /** Resolves when all of it is in the log. @throws what kept it from being so. */
  async close(): Promise<void> {
    this.flush();
    await this.last;
    if (this.failed !== undefined) throw this.failed;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.pending;
    this.pending = [];
    if (lines.length > 0) this.enqueue({ type: 'Logged', run: this.run, lines });
  }

  private enqueue(step: ClusterStep): void {
    this.last = this.last
      .then(() => (this.failed === undefined ? this.append({ step }) : undefined))
      .catch((error: unknown) => void (this.failed = error as Error));
  }
}
