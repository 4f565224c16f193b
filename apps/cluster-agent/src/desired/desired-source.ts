/**
 * The agent's state from wherever it can be had: from the log while NATS is there, from the file of the last time until then, so
 * that an agent that is restarted while the control plane is away goes on with its work.
 *
 * Promised: a state that is still being folded is never shown; what is shown only goes forward within one log.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { observationSubject, workSubject } from '@skyflow/contracts';
import { serviceOf, workloadOf, agentFold, type AgentState } from '@skyflow/domain';
import {
  FileSnapshotStore,
  Projection,
  type EventLog,
  type RecordedCommit,
  type SnapshotStore,
} from '@skyflow/event-log';
import type { Logger } from '@skyflow/service';

export interface DesiredSourceOptions {
  cluster: string;
  /** Folder of the snapshot; absent: none is kept, and nothing is known until NATS is there. */
  directory?: string | undefined;
  logger: Logger;
  signal: AbortSignal;
}

/** What changed in the log: workloads by uid, namespaces, or everything (another state took the place of the one before). */
export interface DesiredChange {
  everything: boolean;
  uids: Set<string>;
  namespaces: Set<string>;
  /** Services by uid. */
  services: Set<string>;
  /** Exported Services by `namespace/name`. */
  exports: Set<string>;
}

const change = (everything: boolean): DesiredChange => ({
  everything,
  ...{ uids: new Set(), namespaces: new Set(), services: new Set(), exports: new Set() },
});

/** A snapshot is written this long after the first change that is not in one. */
const SNAPSHOT_AFTER_MS = 1_000;

export class DesiredSource {
  private readonly store: SnapshotStore | undefined;
  private readonly listeners: ((change: DesiredChange) => void)[] = [];
  private offline: AgentState | undefined;
  private live: Projection<AgentState> | undefined;
  private saving: Promise<void> | undefined;

  constructor(private readonly options: DesiredSourceOptions) {
    const { directory, logger } = options;
    this.store =
      directory === undefined
        ? undefined
        : new FileSnapshotStore(directory, { warn: (line) => logger.warn({ detail: line }, 'snapshot') });
  }

  /** Undefined: nothing is known yet, so nothing may be done. */
  get state(): AgentState | undefined {
    return this.live?.state ?? this.offline;
  }

  /** The state from the log; undefined while only that of the last time is known. Reports can only be made from this one. */
  get projection(): Projection<AgentState> | undefined {
    return this.live;
  }

  /** Stream sequence of the last work commit that is folded; 0: none. */
  get workSeq(): number {
    return this.live?.subjectHead(workSubject(this.options.cluster)).seq ?? 0;
  }

  onChange(listener: (change: DesiredChange) => void): void {
    this.listeners.push(listener);
  }

  /** Whether the log is folded, or is within so long. */
  async isFolded(withinMs: number): Promise<boolean> {
    const folded = new Promise<void>((resolve) => this.onChange(() => resolve()));
    if (this.live !== undefined) return true;
    const { signal } = this.options;
    await Promise.race([folded, delay(withinMs, undefined, { signal }).catch(() => undefined)]);
    return this.projection !== undefined;
  }

  /** Takes what the last process of this cluster knew. */
  async loadOffline(): Promise<void> {
    for await (const { pieces } of this.store?.list() ?? []) {
      try {
        const known = await agentFold.decode(pieces);
        if (this.live !== undefined) return;
        this.offline = known;
        this.options.logger.info({ workloads: this.offline.desired.work.size }, 'last known desired state loaded');
        this.tell(change(true));
        return;
      } catch (error) {
        this.options.logger.warn({ err: error }, 'a snapshot of the desired state could not be read');
      }
    }
  }

  /** Follows the log; resolves when caught up. Afterwards `done` of the projection tells of its end. */
  async follow(log: EventLog): Promise<Projection<AgentState>> {
    const { cluster, logger, signal } = this.options;
    const projection = new Projection({
      log,
      fold: agentFold,
      cluster,
      subjects: [workSubject(cluster), observationSubject(cluster)],
      signal,
      ...(this.store === undefined
        ? {}
        : {
            snapshots: {
              store: this.store,
              everyEntries: Number.POSITIVE_INFINITY,
              everyMs: Number.POSITIVE_INFINITY,
              warn: (line: string) => logger.warn({ detail: line }, 'snapshot'),
            },
          }),
    });
    projection.onBatch((commits) => {
      if (this.live !== projection) return;
      this.tell(changeOf(commits));
      this.saveSoon(projection);
    });
    await projection.start();
    this.live = projection;
    this.offline = undefined;
    this.tell(change(true));
    this.saveSoon(projection);
    return projection;
  }

  /** Waits for a snapshot that is being written. */
  async close(): Promise<void> {
    await this.saving;
  }

  private tell(change: DesiredChange): void {
    for (const listener of this.listeners) listener(change);
  }

  private saveSoon(projection: Projection<AgentState>): void {
    if (this.store === undefined) return;
    this.saving ??= this.save(this.store, projection).finally(() => (this.saving = undefined));
  }

  private async save(store: SnapshotStore, projection: Projection<AgentState>): Promise<void> {
    const { cluster, logger, signal } = this.options;
    await delay(SNAPSHOT_AFTER_MS, undefined, { signal }).catch(() => undefined);
    const subjects = [workSubject(cluster), observationSubject(cluster)];
    const heads = subjects.map((subject) => [subject, projection.subjectHead(subject)] as const);
    const last = heads.find(([, head]) => head.seq === projection.seq)?.[1];
    if (last === undefined || last.seq === 0) return;
    const header = {
      foldVersion: agentFold.version,
      seq: last.seq,
      hash: last.hash,
      heads: Object.fromEntries(heads.filter(([, head]) => head.seq > 0)),
    };
    try {
      await store.save(header, agentFold.encode(projection.state));
    } catch (error) {
      logger.warn({ err: error }, 'the desired state could not be saved');
    }
  }
}

function changeOf(commits: readonly RecordedCommit[]): DesiredChange {
  const changed = change(false);
  for (const { commit } of commits) {
    for (const entry of commit.entries) {
      const service = serviceOf(entry);
      if (service !== undefined) changed.services.add(service);
      if (entry.type === 'ExportAssigned' || entry.type === 'ExportWithdrawn') {
        changed.exports.add(`${entry.data.namespace}/${entry.data.name}`);
      }
      const ref = workloadOf(entry);
      if (ref !== undefined) changed.uids.add(ref.uid);
      // What was removed may have been the last thing that kept a namespace.
      if (entry.type === 'ServiceRemoved' && entry.data.ref.namespace !== undefined) {
        changed.namespaces.add(entry.data.ref.namespace);
      }
      if (entry.type === 'WorkRemoved' && ref?.namespace !== undefined) changed.namespaces.add(ref.namespace);
      if (entry.type === 'NamespaceWithdrawn') changed.namespaces.add(entry.data.namespace);
    }
  }
  return changed;
}
