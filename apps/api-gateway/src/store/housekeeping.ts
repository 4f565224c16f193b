/**
 * What the gateway does on its own: the default namespace and roles are there, large namespaces go piece by piece, tokens that are over
 * are swept away. Level-triggered.
 */
import { randomUUID } from 'node:crypto';
import { API_VERSION, type TokenSpec, commandSubject } from '@skyflow/contracts';
import { DEFAULT_NAMESPACE, DEFAULT_ROLES, type ObjectCommand, isTokenOver, timestamp } from '@skyflow/domain';
import type { RecordedCommit } from '@skyflow/event-log';
import type { CommandSink } from './command-sink.js';
import type { ReadModel } from './read-model.js';

const ORIGIN = { actor: 'system:api-gateway', correlationId: 'housekeeping' };
/** How often tokens are swept. */
const SWEEP_MS = 10 * 60_000;
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
  private tried: () => void = () => undefined;
  /** Resolves when it was looked at what is missing for the first time, whatever came of it. */
  readonly firstTry = new Promise<void>((resolve) => (this.tried = resolve));
  private again = false;

  constructor(private readonly options: HousekeepingOptions) {
    const sweep = setInterval(() => this.run(), SWEEP_MS).unref();
    options.signal.addEventListener('abort', () => clearInterval(sweep), { once: true });
  }

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
        this.tried();
      } catch (error) {
        this.tried();
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
    const missing = [
      ...(table.get('Namespace', '', DEFAULT_NAMESPACE) === undefined
        ? [created('Namespace', DEFAULT_NAMESPACE, { spec: {} })]
        : []),
      ...[...DEFAULT_ROLES]
        .filter(([name]) => table.get('Role', '', name) === undefined)
        .map(([name, rules]) => created('Role', name, { rules })),
    ];
    if (missing.length > 0) await sink.submit(missing, ORIGIN);
    await this.sweepTokens();
    for (const { name, deletedAt } of [...table.ordered('Namespace')]) {
      if (deletedAt === 0) continue;
      while (!signal.aborted && (await this.deleteSome(name)) > 0) await model.upToDate(0, signal);
    }
  }

  private async sweepTokens(): Promise<void> {
    const { model, sink } = this.options;
    const now = Date.now();
    const over: ObjectCommand[] = [];
    for (const { name, uid, body } of model.state.table.ordered('Token')) {
      if (over.length >= DELETIONS_PER_COMMIT) break;
      const { spec } = JSON.parse(body) as { spec: TokenSpec };
      const { cluster, clusterUid } = spec;
      const isOrphan =
        clusterUid !== undefined && model.state.table.get('Cluster', '', cluster ?? '')?.uid !== clusterUid;
      if (isOrphan || isTokenOver(spec, now)) over.push({ verb: 'delete', kind: 'Token', name, uid });
    }
    if (over.length > 0) await sink.submit(over, ORIGIN);
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

const created = (kind: string, name: string, body: object): ObjectCommand => ({
  verb: 'create',
  object: {
    apiVersion: API_VERSION,
    kind,
    metadata: { name, uid: randomUUID(), creationTimestamp: timestamp(Date.now()) },
    ...body,
  },
});
