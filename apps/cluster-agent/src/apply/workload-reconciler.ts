/**
 * Makes the cluster match what is desired of one workload or namespace: given only a key, it looks at the desired state and at
 * the cluster, and takes the next step. Nothing is decided before both are known.
 */
import type { ObjectRef } from '@skyflow/contracts';
import {
  isFinished,
  nativeWorkload,
  type DesiredWork,
  type NativeObject,
  type WithdrawnWork,
  namespacesToRemove,
  type AgentState,
} from '@skyflow/domain';
import { KubeApiError, resources, type ReconcileResult, type Reconciler } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import type { ClusterSession } from '../cluster/cluster-session.js';
import { usersOf, type DependencyIndex } from '../desired/dependency-index.js';
import { SecretSealedError, type Unsealer } from '../secrets/unsealer.js';
import type { WorkReporter } from '../report/work-reporter.js';
import { inOrigin } from './in-origin.js';
import type { MissingReferences } from './missing-references.js';
import { ensureNamespace, removeNamespace } from './namespaces.js';
import type { ApplyResult, ObjectApplier } from './object-applier.js';
import type { Obstacles } from './obstacles.js';
import { refusalOf } from './refusals.js';
import { removeWorkload } from './removal.js';

export const workKey = (uid: string): string => `work/${uid}`;
export const namespaceKey = (name: string): string => `namespace/${name}`;

export interface WorkloadReconcilerOptions {
  session: ClusterSession;
  applier: ObjectApplier;
  state: () => AgentState | undefined;
  dependencies: DependencyIndex;
  obstacles: Obstacles;
  missing: MissingReferences;
  reporter: WorkReporter;
  unsealer: Unsealer;
  /** Looks at another workload as well. */
  enqueue: (key: string) => void;
  logger: Logger;
}

/** Native objects remembered; a few KiB each. */
const MOST_NATIVES = 1_000;
const DONE: ReconcileResult = { type: 'done' };
/** Deletions tell of their end by a watch event; this is for the case that they do not. */
const LOOK_AGAIN_MS = 1_000;
/** What the pods refer to and nobody watches may have been made meanwhile. */
const MISSING_MS = 5_000;
/** What is foreign in a namespace that we made may go; nobody watches everything that it could be. */
const NAMESPACE_IN_USE_MS = 30_000;

export class WorkloadReconciler implements Reconciler {
  /** By workload uid: those made lately. */
  private readonly natives = new Map<string, { work: DesiredWork; isReported: boolean; object: NativeObject }>();
  /** Namespaces that stay, and why: said once. */
  private readonly kept = new Map<string, string>();
  /** By workload uid: position of the assignment that was carried out, as far as its trace tells. */
  private readonly told = new Map<string, number>();
  /** By workload uid: position of the assignment that the cluster refused for good. */
  private readonly refused = new Map<string, number>();

  constructor(private readonly options: WorkloadReconcilerOptions) {}

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const state = this.options.state();
    if (state === undefined || !this.options.session.hasSynced) return DONE;
    const [type, name = ''] = key.split('/', 2);
    if (type === 'namespace') return this.namespace(state, name, signal);
    const work = state.desired.work.get(name);
    if (work !== undefined) return this.traced('apply work', state, work, () => this.desired(state, work, signal));
    const withdrawn = state.desired.withdrawn.get(name);
    if (withdrawn !== undefined) {
      return this.traced('remove work', state, withdrawn, () => this.withdrawn(withdrawn, signal));
    }
    const removed = state.removed.get(name);
    return removed === undefined ? DONE : this.late(removed, signal);
  }

  /** In the trace of the assignment until it is done; what is looked at again later is no part of what the user did. */
  private async traced(
    name: string,
    state: AgentState,
    { ref, position }: DesiredWork | WithdrawnWork,
    work: () => Promise<ReconcileResult>,
  ): Promise<ReconcileResult> {
    if (this.told.get(ref.uid) === position) return work();
    return inOrigin(name, state, ref, work);
  }

  private tell({ ref: { uid }, position }: DesiredWork | WithdrawnWork): void {
    if (this.told.size >= MOST_NATIVES) this.told.clear();
    this.told.set(uid, position);
  }

  /**
   * What came back after it was reported as removed: an API server that stood still has carried out a request that nobody waited for
   * any more. The withdrawal in the log still holds.
   */
  private async late(ref: ObjectRef, signal: AbortSignal): Promise<ReconcileResult> {
    const { session, applier, logger } = this.options;
    if (session.workloadsOf(ref.uid).length === 0) return DONE;
    logger.warn({ workload: ref }, 'removed work has come back; it is removed again');
    const removal = await removeWorkload(session, applier, ref, signal);
    return removal.type === 'waiting' ? { type: 'requeue', afterMs: LOOK_AGAIN_MS } : DONE;
  }

  private async desired(state: AgentState, work: DesiredWork, signal: AbortSignal): Promise<ReconcileResult> {
    const { obstacles, reporter } = this.options;
    const { uid } = work.ref;
    if (this.isOver(state, work) || this.isRefused(work)) return DONE;
    try {
      const held = await this.letGo(work, signal);
      if (held !== undefined) return held;
      const result = await this.apply(state, work, signal);
      if (result.type === 'applied') this.tell(work);
      reporter.mark(uid);
      const next = this.follow(work, result);
      if (result.type !== 'applied' || !(await this.options.missing.look(work, signal))) return next;
      return { type: 'requeue', afterMs: MISSING_MS };
    } catch (error) {
      if (error instanceof SecretSealedError) {
        obstacles.set(uid, { phase: 'PENDING', reason: 'SecretSealed', message: error.message });
        return { type: 'retry', atLeastMs: LOOK_AGAIN_MS };
      }
      if (!(error instanceof KubeApiError)) throw error;
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      this.options.logger.warn(
        { workload: work.ref, code: error.code, err: error.message },
        'the cluster refused work',
      );
      obstacles.set(uid, refusal.obstacle);
      if (refusal.retryAfterMs !== undefined) return { type: 'retry', atLeastMs: refusal.retryAfterMs };
      this.refused.set(uid, work.position);
      return DONE;
    }
  }

  /** A batch Job that ended and is gone (by its TTL, or because someone tidied up) must not run again. */
  private isOver(state: AgentState, work: DesiredWork): boolean {
    const { uid } = work.ref;
    const last = this.options.reporter.lastWord(uid) ?? state.reported.get(uid);
    return last !== undefined && isFinished(work, last) && this.options.session.workloadsOf(uid).length === 0;
  }

  private async apply(state: AgentState, work: DesiredWork, signal: AbortSignal): Promise<ApplyResult> {
    const { session, applier, dependencies, unsealer } = this.options;
    if (work.ref.namespace !== undefined) await ensureNamespace(session, work.ref.namespace, signal);
    for (const dependency of work.dependencies) {
      const native = dependencies.nativeOf(state.desired, dependency);
      if (native === undefined) continue;
      const result = await applier.apply(native, signal, (object) => unsealer.reveal(object, work.ref));
      if (result.type === 'applied' || result.type === 'stale') continue;
      // A class of that name is the cluster's own: what runs there goes by the cluster's order.
      if (native.kind === 'PriorityClass' && result.type === 'conflict') continue;
      return result;
    }
    return applier.apply(this.native(work), signal);
  }

  /** Made once per assignment: a workload is looked at several times while it starts. */
  private native(work: DesiredWork): NativeObject {
    const isReported = this.options.reporter.isEndReported(work.ref.uid);
    const made = this.natives.get(work.ref.uid);
    if (made?.work === work && made.isReported === isReported) return made.object;
    const object = nativeWorkload(work, isReported);
    if (this.natives.size >= MOST_NATIVES) this.natives.clear();
    this.natives.set(work.ref.uid, { work, isReported, object });
    return object;
  }

  /** What is wrong with this very assignment will not become right by repeating it. */
  private isRefused({ ref: { uid }, position }: DesiredWork): boolean {
    if (this.refused.get(uid) === position) return true;
    this.refused.delete(uid);
    return false;
  }

  /**
   * A Job that is held on the cluster until the log has how it ended is let go when the log has it, and when it is being deleted
   * without having ended. Undefined: nothing is held.
   */
  private async letGo({ ref: { uid } }: DesiredWork, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { session, applier, reporter } = this.options;
    for (const { resource, object } of session.workloadsOf(uid)) {
      const isDeleted = object.metadata.deletionTimestamp !== undefined;
      if (reporter.isEndReported(uid) || (isDeleted && !reporter.hasEnded(uid))) {
        if ((await applier.release(resource, object, signal)) && isDeleted) return DONE;
      } else if (isDeleted) {
        reporter.mark(uid);
        return { type: 'requeue', afterMs: LOOK_AGAIN_MS };
      }
    }
    return undefined;
  }

  private follow(work: DesiredWork, result: ApplyResult): ReconcileResult {
    const { obstacles, logger } = this.options;
    const { uid } = work.ref;
    switch (result.type) {
      case 'applied':
        obstacles.clear(uid);
        return DONE;
      case 'waiting':
        obstacles.set(uid, { phase: 'PENDING', reason: 'Replacing', message: result.message });
        return { type: 'requeue', afterMs: LOOK_AGAIN_MS };
      case 'stale':
        logger.warn({ workload: work.ref, detail: result.message }, 'work is refused as outdated');
        return DONE;
      case 'conflict':
        obstacles.set(uid, {
          phase: result.by === 'foreign' ? 'FAILED' : 'PENDING',
          reason: 'NameConflict',
          message: result.message,
        });
        return { type: 'retry', atLeastMs: LOOK_AGAIN_MS };
    }
  }

  private async withdrawn(work: WithdrawnWork, signal: AbortSignal): Promise<ReconcileResult> {
    const { session, applier, obstacles, reporter } = this.options;
    const { uid } = work.ref;
    const removal = await removeWorkload(session, applier, work.ref, signal);
    if (removal.type === 'waiting') return { type: 'requeue', afterMs: LOOK_AGAIN_MS };
    this.tell(work);
    await this.releaseDependencies(uid, signal);
    obstacles.clear(uid);
    this.options.missing.forget(uid);
    this.refused.delete(uid);
    return (await reporter.removed(work.ref)) ? DONE : { type: 'retry', atLeastMs: LOOK_AGAIN_MS };
  }

  /** Dependencies that only this workload used go with it; of others it is taken off the list of users. */
  private async releaseDependencies(uid: string, signal: AbortSignal): Promise<void> {
    const { session, applier, dependencies, enqueue } = this.options;
    for (const { cache, resource } of [
      { cache: session.configMaps, resource: resources.configMaps },
      { cache: session.secrets, resource: resources.secrets },
    ]) {
      for (const object of [...cache.store.values()]) {
        if (!usersOf(object).includes(uid)) continue;
        if (dependencies.isUsed(object)) for (const user of dependencies.usersOf(object)) enqueue(workKey(user));
        else await applier.remove(resource, object, 'Background', signal);
      }
    }
    for (const object of [...session.priorityClasses.store.values()]) {
      if (!dependencies.isUsed(object)) await applier.remove(resources.priorityClasses, object, 'Background', signal);
    }
  }

  private async namespace(state: AgentState, name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { session, logger } = this.options;
    if (!namespacesToRemove(state).includes(name)) return DONE;
    const removal = await removeNamespace(session, name, signal);
    if (removal.type === 'gone') {
      this.kept.delete(name);
      return DONE;
    }
    if (removal.type === 'deleted') return { type: 'requeue', afterMs: LOOK_AGAIN_MS * 5 };
    if (this.kept.get(name) !== removal.message) {
      logger.info({ namespace: name, detail: removal.message }, 'the native namespace stays');
    }
    this.kept.set(name, removal.message);
    return removal.type === 'foreign' ? DONE : { type: 'requeue', afterMs: NAMESPACE_IN_USE_MS };
  }
}
