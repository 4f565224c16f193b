/**
 * The mesh-controller while it holds the lease: for each service about which something changed, what is decided about it goes to
 * sky.evt.mesh and what clusters must have of it to their work subjects.
 *
 * Level-triggered: what to append is worked out when its commit is made up, from a state that has folded the whole subject, so
 * that deciding again gives nothing. Ends with an error when a newer epoch has started; waits out an unreachable log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { workSubject, type EntryData, type RawEntry, entryVersion } from '@skyflow/contracts';
import {
  type LeaseTerms,
  type MeshDecision,
  type MeshState,
  type MeshWork,
  type ServiceRecord,
  type ExportWork,
  decideExport,
  decideService,
  featuresOff,
  liveTrace,
  missingExportWork,
  missingWork,
} from '@skyflow/domain';
import { AppendRefusedError, LogUnavailableError, type Overlay, SubjectWriter } from '@skyflow/event-log';
import { WakeUp, type DeciderParts, type ServiceContext } from '@skyflow/service';
import { type Span, followSpan } from '@skyflow/telemetry';
import { uuidv7 } from 'uuidv7';

export interface ActiveMeshOptions extends Pick<DeciderParts<MeshState>, 'log' | 'projection' | 'writer'> {
  context: Pick<ServiceContext, 'name' | 'instance' | 'logger' | 'metrics'>;
  /** Of the lease under which it decides. */
  epoch: number;
}

const ACTOR = 'system:mesh-controller';
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const DRAIN_MS = 1_000;

export class ActiveMesh {
  private readonly wake = new WakeUp();
  private readonly writers = new Map<string, SubjectWriter>();
  /** By cluster: ports that the commit being made up has promised and the state does not know yet. */
  private readonly promised = new Map<string, Set<number>>();

  constructor(private readonly options: ActiveMeshOptions) {}

  /** Resolves when the signal aborts; rejects when a newer epoch has started. */
  async run(signal: AbortSignal): Promise<void> {
    const { projection, context } = this.options;
    const stopListening = projection.onBatch(() => this.wake.call());
    for (const uid of projection.state.services.keys()) projection.state.due.add(uid);
    for (const key of projection.state.exports.keys()) projection.state.dueExports.add(key);
    let pauseMs = FIRST_PAUSE_MS;
    try {
      while (!signal.aborted) {
        const due = this.takeDue();
        if (due.services.length + due.exports.length === 0) {
          await this.wake.sleep(signal);
          continue;
        }
        try {
          await context.metrics.operation('reconcile', () => this.settle(due, signal), { signal });
          pauseMs = FIRST_PAUSE_MS;
        } catch (error) {
          for (const uid of due.services) projection.state.due.add(uid);
          for (const key of due.exports) projection.state.dueExports.add(key);
          if (isOver(signal)) return;
          if (!(error instanceof LogUnavailableError)) throw error;
          context.logger.warn({ err: error, pauseMs }, 'cannot append; trying again');
          await pause(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
        }
      }
    } finally {
      stopListening();
      await Promise.all([...this.writers.values()].map((writer) => writer.close(DRAIN_MS)));
    }
  }

  /** The services and exports to look at; the fold adds to the sets again. */
  private takeDue(): Due {
    const { due, dueExports } = this.options.projection.state;
    const taken = { services: [...due], exports: [...dueExports] };
    due.clear();
    dueExports.clear();
    return taken;
  }

  private async settle({ services, exports }: Due, signal: AbortSignal): Promise<void> {
    const { log, projection } = this.options;
    projection.state.off = new Set(featuresOff(await log.featureLevel()));
    // They are due again when the level rises.
    const written = projection.state.off.has('MultiClusterServices') ? [] : exports;
    const ofExports = written.flatMap((key) => [
      this.append(this.options.writer, key, () => this.decisionsOnExport(key)),
      ...[...this.exportWork(key).keys()].map((cluster) =>
        this.append(this.writerOf(cluster), key, () => this.exportWorkOn(key, cluster)),
      ),
    ]);
    const ofServices = services.flatMap((uid) => {
      const clusters = this.clustersOf(uid);
      return [
        this.append(this.options.writer, uid, () => this.decisionOn(uid, clusters.length > 0), 'decide service'),
        ...clusters.map((cluster) =>
          this.append(this.writerOf(cluster), uid, () => this.workOn(uid, cluster), 'assign service'),
        ),
      ];
    });
    const outcomes = await Promise.allSettled([...ofExports, ...ofServices]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
    const seq = Math.max(0, ...outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0)));
    if (seq > 0) await projection.waitFor(seq, { signal });
  }

  /**
   * Sequence of what was appended; 0: nothing was to be.
   * @param does what, in the trace of what was done with the service last
   */
  private async append(
    writer: SubjectWriter,
    uid: string,
    entriesOf: () => RawEntry[],
    does = 'decide export',
  ): Promise<number> {
    const span = this.spanOf(uid, does);
    const trace = span.traceparent;
    try {
      const outcome = await writer.submit(() => {
        this.assertActive();
        const entries = entriesOf().map((entry) => (trace === undefined ? entry : { ...entry, trace }));
        return { entries, result: entries.length };
      });
      if (!outcome.ok || outcome.result === 0) return 0;
      // One that led to nothing is not ended, and so not told of.
      span.end();
      return outcome.seq;
    } catch (error) {
      span.fail(error);
      span.end();
      if (!(error instanceof AppendRefusedError)) throw error;
      // The log will not take it, however often: said once, others go on; the next change of the service tries again.
      this.options.context.logger.error({ err: error, service: uid }, 'the log refuses what a service needs');
      return 0;
    }
  }

  private spanOf(uid: string, name: string): Span {
    const { ref, origin = {} } = this.options.projection.state.services.get(uid) ?? {};
    return followSpan(name, liveTrace(origin, Date.now()), {
      kind: 'producer',
      attributes: {
        'skyflow.object.kind': ref?.kind,
        'skyflow.object.namespace': ref?.namespace,
        'skyflow.object.name': ref?.name,
      },
    });
  }

  private clustersOf(uid: string): string[] {
    const service = this.options.projection.state.services.get(uid);
    if (service === undefined) return [];
    return [...this.missingWork(service).keys()];
  }

  /** @param isUnderWay whether something is being written for clusters: a service that is let go of meanwhile would leave it there */
  private decisionOn(uid: string, isUnderWay: boolean): RawEntry[] {
    const { projection, epoch } = this.options;
    const service = projection.state.services.get(uid);
    const decision = service === undefined ? undefined : decideService(projection.state, service, epoch);
    if (decision?.type === 'ObjectReleased' && isUnderWay) {
      projection.state.due.add(uid);
      return [];
    }
    return decision === undefined ? [] : [entryOf(decision)];
  }

  private workOn(uid: string, cluster: string): RawEntry[] {
    const service = this.options.projection.state.services.get(uid);
    if (service === undefined) return [];
    return (this.missingWork(service).get(cluster) ?? []).map(entryOf);
  }

  private decisionsOnExport(key: string): RawEntry[] {
    const { projection, epoch } = this.options;
    const book = projection.state.exports.get(key);
    return book === undefined ? [] : decideExport(projection.state, book, epoch, Date.now()).map(entryOf);
  }

  private exportWork(key: string): Map<string, ExportWork> {
    const { projection, epoch } = this.options;
    const book = projection.state.exports.get(key);
    return book === undefined
      ? new Map<string, ExportWork>()
      : missingExportWork(projection.state, book, epoch, Date.now());
  }

  private exportWorkOn(key: string, cluster: string): RawEntry[] {
    const work = this.exportWork(key).get(cluster);
    return work === undefined ? [] : [entryOf(work)];
  }

  private missingWork(service: ServiceRecord): Map<string, MeshWork[]> {
    const { projection, epoch } = this.options;
    return missingWork(projection.state, service, epoch, (cluster) => this.termsOf(cluster));
  }

  private termsOf(cluster: string): LeaseTerms {
    return { nowMs: Date.now(), taken: new Set(this.promised.get(cluster)) };
  }

  private writerOf(cluster: string): SubjectWriter {
    let writer = this.writers.get(cluster);
    if (writer === undefined) {
      const { log, projection, context } = this.options;
      writer = new SubjectWriter({
        log,
        subject: workSubject(cluster),
        writer: `${context.name}/${context.instance}`,
        state: projection,
        overlay: this.overlayOf(cluster),
      });
      this.writers.set(cluster, writer);
    }
    return writer;
  }

  private overlayOf(cluster: string): Overlay {
    const promised = new Set<number>();
    this.promised.set(cluster, promised);
    return {
      clear: () => promised.clear(),
      add: (entries) => {
        for (const { type, data } of entries) {
          if (type !== 'EndpointsAssigned') continue;
          const { endpoints } = data as EntryData<'EndpointsAssigned'>;
          for (const { leases = [] } of endpoints) for (const { port } of leases) promised.add(port);
        }
      },
    };
  }

  private assertActive(): void {
    const newer = this.options.projection.state.epochs.mesh;
    if (newer <= this.options.epoch) return;
    throw new Error(`epoch ${newer} has started; this mesh-controller had ${this.options.epoch} and decides no more`);
  }
}

/** uids of services, keys of exports. */
interface Due {
  services: string[];
  exports: string[];
}

const entryOf = ({ type, data }: MeshDecision | MeshWork | ExportWork): RawEntry => ({
  type,
  v: entryVersion(type),
  at: Date.now(),
  actor: ACTOR,
  corr: uuidv7(),
  data,
});

/** Asked after an await: the signal may have aborted meanwhile. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;
