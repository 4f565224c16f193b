/**
 * Carries out what collectGarbage decides, for what changed and once for everything after a start. Every gateway does; what another
 * has done already is no command any more, or a conflict, which the change that caused it brings up again.
 */
import {
  type ObjectChange,
  type StoredKey,
  type StoredKindOf,
  collectGarbage,
  concernedByChange,
  possibleGarbage,
} from '@skyflow/domain';
import type { CommandSink } from './command-sink.js';
import type { ReadModel } from './read-model.js';

const ORIGIN = { actor: 'system:garbage-collector', correlationId: 'garbage-collection' };
/** Objects that are looked at in one go; their commands are committed together. */
const AT_ONCE = 200;
const OVERTAKEN: ReadonlySet<string> = new Set(['CONFLICT', 'UID_MISMATCH', 'NOT_FOUND']);
/** Pause before a failed attempt is repeated. */
const RETRY_MS = 2_000;

export interface GarbageCollectorOptions {
  model: ReadModel;
  sink: CommandSink;
  kindOf: StoredKindOf;
  signal: AbortSignal;
  warn: (error: unknown) => void;
}

export class GarbageCollector {
  private readonly waiting = new Map<string, StoredKey>();
  private running = false;
  private started = false;

  constructor(private readonly options: GarbageCollectorOptions) {
    options.model.onChanges((changes) => this.changed(changes));
  }

  /** From now on, with all that there is. */
  start(): void {
    this.started = true;
    this.add(possibleGarbage(this.options.model.state));
  }

  private changed(changes: readonly ObjectChange[]): void {
    // What is folded before the start is looked at by it.
    if (!this.started) return;
    const { model, kindOf } = this.options;
    for (const change of changes) this.add(concernedByChange(model.state, change, kindOf));
  }

  private add(keys: readonly StoredKey[]): void {
    for (const key of keys) this.waiting.set(`${key.kind}/${key.namespace}/${key.name}`, key);
    if (this.waiting.size > 0 && !this.running) void this.run();
  }

  private async run(): Promise<void> {
    const { model, signal, warn } = this.options;
    this.running = true;
    // Never from within the fold's own call.
    await Promise.resolve();
    while (this.waiting.size > 0 && !this.isStopped()) {
      const batch = [...this.waiting].slice(0, AT_ONCE);
      for (const [text] of batch) this.waiting.delete(text);
      try {
        await Promise.all(batch.map(([, key]) => this.collect(key)));
        await model.upToDate(0, signal);
      } catch (error) {
        if (this.isStopped()) break;
        warn(error);
        for (const [text, key] of batch) this.waiting.set(text, key);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    this.running = false;
  }

  private isStopped(): boolean {
    return this.options.signal.aborted;
  }

  /** A refused command is no failure: what it was decided from has changed, and the change is looked at. */
  private async collect(key: StoredKey): Promise<void> {
    const { model, sink, kindOf, warn } = this.options;
    const commands = collectGarbage(model.state, key, kindOf);
    const outcomes = await Promise.all(commands.map((command) => sink.submit([command], ORIGIN)));
    for (const outcome of outcomes) {
      if ('rejected' in outcome && !OVERTAKEN.has(outcome.rejected)) warn(new Error(outcome.message));
    }
  }
}
