/** What the gateway does on its own: the default namespace is there, and large namespaces go piece by piece. Level-triggered. */
import { randomUUID } from 'node:crypto';
import { API_VERSION, commandSubject } from '@skyflow/contracts';
import { DEFAULT_NAMESPACE, type ObjectCommand, timestamp } from '@skyflow/domain';
import type { RecordedCommit } from '@skyflow/event-log';
import type { CommandSink } from './command-sink.js';
import type { ReadModel } from './read-model.js';

const ORIGIN = { actor: 'system:api-gateway', correlationId: 'housekeeping' };
/** Pause before a failed attempt is repeated. */
const RETRY_MS = 2_000;

export interface HousekeepingOptions {
  model: ReadModel;
  sink: CommandSink;
  signal: AbortSignal;
  warn: (error: unknown) => void;
}

export class Housekeeping {
  private running = false;
  private again = false;

  constructor(private readonly options: HousekeepingOptions) {}

  /** To be told of every folded batch. */
  folded(commits: readonly RecordedCommit[]): void {
    const deleting = commits.some(
      ({ subject, commit }) =>
        subject === commandSubject() &&
        commit.entries.some((entry) => entry.type === 'ObjectDeleted' && entry.data.ref.kind === 'Namespace'),
    );
    if (deleting) this.run();
  }

  /** Looks at what is true and does what is missing. */
  run(): void {
    this.again = true;
    if (this.running) return;
    this.running = true;
    void this.loop();
  }

  private async loop(): Promise<void> {
    const { signal, warn } = this.options;
    while (this.again && !signal.aborted) {
      this.again = false;
      try {
        await this.step();
      } catch (error) {
        warn(error);
        this.again = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    this.running = false;
  }

  private async step(): Promise<void> {
    const { model, sink, signal } = this.options;
    const { table } = model.state;
    if (table.get('Namespace', '', DEFAULT_NAMESPACE) === undefined) await sink.submit([defaultNamespace()], ORIGIN);
    for (const { name, deletedAt } of [...table.ordered('Namespace')]) {
      if (deletedAt === 0) continue;
      while (!signal.aborted && (await this.deleteSome(name)) > 0) await model.upToDate(0, signal);
    }
  }

  private async deleteSome(namespace: string): Promise<number> {
    const { model, sink } = this.options;
    const commands: ObjectCommand[] = [];
    for (const { kind, name, uid, deletedAt } of model.state.table.contentsOf(namespace)) {
      if (commands.length >= DELETIONS_PER_COMMIT) break;
      if (deletedAt === 0) commands.push({ verb: 'delete', kind, namespace, name, uid });
    }
    if (commands.length > 0) await sink.submit(commands, ORIGIN);
    return commands.length;
  }
}

const DELETIONS_PER_COMMIT = 2_000;

const defaultNamespace = (): ObjectCommand => ({
  verb: 'create',
  object: {
    apiVersion: API_VERSION,
    kind: 'Namespace',
    metadata: { name: DEFAULT_NAMESPACE, uid: randomUUID(), creationTimestamp: timestamp(Date.now()) },
    spec: {},
  },
});
