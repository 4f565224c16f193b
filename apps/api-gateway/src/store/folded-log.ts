/** The log, folded: reads come from the model, writes go to the command log. Without HTTP. */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ObjectsState } from '@skyflow/domain';
import { type BatchListener, Projection } from '@skyflow/event-log';
import { StoreOptions } from '../gateway-options.js';
import { STEP_MS } from '../past/past-states.js';
import { CommandLog } from './command-log.js';
import { gatewayFold } from './gateway-fold.js';
import { LatestHead } from './latest-head.js';
import { observedSpans } from './observed-spans.js';
import { ReadModel } from './read-model.js';

/** A last snapshot that takes longer is given up; the next start folds a little more. */
const SNAPSHOT_WITHIN_MS = 1_500;

@Injectable()
export class FoldedLog implements OnApplicationShutdown {
  readonly model: ReadModel;
  readonly projection: Projection<ObjectsState>;
  readonly commands: CommandLog;
  private readonly ending = new AbortController();
  private readonly listeners: BatchListener[] = [];
  private readonly atStart: (() => Promise<void> | void)[] = [];
  private started = false;

  constructor({ log, heartbeats, snapshots, writer, warn }: StoreOptions) {
    const latest = new LatestHead({
      head: () => log.head(),
      fold: () => this.projection,
      isReachable: () => heartbeats.isConnected,
      stopping: this.stopping,
    });
    this.model = new ReadModel({ liveness: () => heartbeats.liveness(), latest });
    this.projection = new Projection({
      log,
      fold: gatewayFold((state) => this.model.begin(state)),
      ...(snapshots === undefined ? {} : { snapshots: { store: snapshots, warn, stepMs: STEP_MS } }),
    });
    this.commands = new CommandLog({
      log,
      state: this.projection,
      model: this.model,
      writer,
      unreachable: () => (heartbeats.isConnected ? undefined : 'the connection to NATS is lost'),
    });
  }

  /** Aborts when nothing is read or written any more: after the requests under way. */
  get stopping(): AbortSignal {
    return this.ending.signal;
  }

  /** Why nothing can be served yet; undefined: it can. */
  get starting(): string | undefined {
    return this.started ? undefined : `folding the log, at sequence ${String(this.projection.seq)}`;
  }

  /** Calls back with each batch of commits that the model has. */
  onFolded(listener: BatchListener): void {
    this.listeners.push(listener);
  }

  /** Calls back once, when the log is folded; the start waits for it. */
  onStart(run: () => Promise<void> | void): void {
    this.atStart.push(run);
  }

  /** Folds the log and resolves when caught up. Rejects when the log cannot be folded. */
  async start(): Promise<void> {
    this.projection.onBatch((commits) => {
      this.model.advance(this.projection.state, this.projection.seq);
      if (this.projection.caughtUp) observedSpans(commits);
      for (const listener of this.listeners) listener(commits);
    });
    await this.projection.start();
    this.model.advance(this.projection.state, this.projection.seq);
    for (const run of this.atStart) await run();
    this.started = true;
  }

  /** Lets writes under way finish, and takes a snapshot. */
  async onApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await this.commands.close();
    const late = new Promise<void>((resolve) => setTimeout(resolve, SNAPSHOT_WITHIN_MS).unref());
    await Promise.race([this.projection.close(), late]);
  }
}
