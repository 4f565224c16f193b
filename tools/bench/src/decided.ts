/** What a scheduler has decided, and when the log said so. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Entry, decisionSubject } from '@skyflow/contracts';
import type { JetStreamEventLog } from '@skyflow/event-log';

const SETTLE_MS = 120_000;

export class Decided {
  /** Clusters that became READY. */
  ready = 0;
  /** By name of the job, on the clock of `performance.now()`. */
  readonly placedAt = new Map<string, number>();
  private readonly stopping = new AbortController();
  private failed: Error | undefined;

  constructor(log: JetStreamEventLog) {
    this.follow(log).catch((error: unknown) => (this.failed = error as Error));
  }

  stop(): void {
    this.stopping.abort();
  }

  /** @throws Error if it does not come to be, or a job was decided twice or found no room. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    while (!condition()) {
      if (this.failed !== undefined) throw this.failed;
      if (performance.now() > deadline)
        throw new Error(`only ${this.placedAt.size} were placed within ${SETTLE_MS / 1_000} s`);
      await pause(5);
    }
  }

  private async follow(log: JetStreamEventLog): Promise<void> {
    const subjects = [decisionSubject('scheduler')];
    for await (const next of log.follow({ from: 1, subjects, signal: this.stopping.signal })) {
      if (next.type !== 'commits') continue;
      const at = performance.now();
      for (const { commit } of next.commits) for (const entry of commit.entries) this.see(entry, at);
    }
  }

  private see({ type, data }: Entry, at: number): void {
    if (type === 'ClusterHealthDecided') this.ready += data.state === 'READY' ? 1 : 0;
    else if (type === 'PlacementDecided') {
      if (data.unplaced > 0) throw new Error('the clusters are full: their nodes are too small');
      if (this.placedAt.has(data.ref.name)) throw new Error(`${data.ref.name} was decided twice`);
      this.placedAt.set(data.ref.name, at);
    }
  }
}
