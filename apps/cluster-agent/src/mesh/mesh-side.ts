/**
 * The agent's part in services over clusters. On every cluster: watches the pods that a service selects and reports them as
 * endpoints. On the primary: keeps the native Service and the slices of other clusters' endpoints, and tries whether those are
 * reached; addresses that are not reached are there but take no connections. Works on while the control plane is away.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LogUnavailableError, type Projection } from '@skyflow/event-log';
import { KubeApiError, runReconciler, WorkQueue, type KubeObject, type ReconcileResult } from '@skyflow/kube-client';
import type { DesiredService } from '@skyflow/domain';
import type { ServiceSpec } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import { ensureNamespace } from '../apply/namespaces.js';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { AgentState } from '../desired/agent-state.js';
import type { DesiredChange } from '../desired/desired-source.js';
import type { ObservationWriter } from '../report/observation-writer.js';
import { PathProber } from './path-prober.js';
import { SelectedPods } from './selected-pods.js';
import { NameTakenError, ServiceObjects } from './service-objects.js';
import { ServiceReporter } from './service-reporter.js';

export interface MeshSideOptions {
  session: ClusterSession;
  state: () => AgentState | undefined;
  /** Undefined while the log is not folded: nothing can be reported. */
  reporting: () => Projection<AgentState> | undefined;
  writer: () => ObservationWriter | undefined;
  logger: Logger;
}

const WORKERS = 4;
/** Changes of pods that come together are told together. */
const REPORT_AFTER_MS = 100;
const REPORT_RETRY_MS = 2_000;
const PROBE_EVERY_MS = 2_000;
const LOOK_AGAIN_MS = 1_000;
const REFUSED_MS = 5_000;
const DONE: ReconcileResult = { type: 'done' };

export class MeshSide {
  private readonly queue = new WorkQueue({ capMs: 30_000 });
  private readonly stop = new AbortController();
  private readonly pods: SelectedPods;
  private readonly objects: ServiceObjects;
  private readonly prober = new PathProber();
  private readonly reporter: ServiceReporter;
  /** Aborted to probe at once: endpoints that were never tried take no connections. */
  private probeNow = new AbortController();

  constructor(private readonly options: MeshSideOptions) {
    const { client } = options.session;
    const { signal } = this.stop;
    this.pods = new SelectedPods(client, (uids) => this.reportSoon(uids), signal);
    this.objects = new ServiceObjects(client, (uid) => this.queue.add(applyKey(uid)), signal);
    this.reporter = new ServiceReporter(this.pods, this.prober, options.writer);
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger } = this.options;
    signal.addEventListener('abort', () => this.stop.abort(), { once: true });
    this.enqueueEverything();
    await Promise.all([
      this.probe(signal),
      runReconciler({
        queue: this.queue,
        reconciler: { reconcile: (key, until) => this.reconcile(key, until) },
        workers: WORKERS,
        signal,
        onError: (key, error, retryInMs) => {
          if (!(error instanceof LogUnavailableError)) {
            logger.warn({ key, err: error, retryInMs }, 'a service is tried again');
          }
        },
      }),
    ]);
  }

  desiredChanged({ everything, services }: DesiredChange): void {
    if (everything) this.enqueueEverything();
    else for (const uid of services) this.queue.add(applyKey(uid));
  }

  /** The log can be written again. */
  writerChanged(): void {
    this.reportSoon(this.options.state()?.services.services.keys() ?? []);
  }

  enqueueEverything(): void {
    const { services, withdrawn } = this.options.state()?.services ?? {};
    for (const uid of [...(services?.keys() ?? []), ...(withdrawn?.keys() ?? [])]) this.queue.add(applyKey(uid));
  }

  private reportSoon(uids: Iterable<string>): void {
    for (const uid of uids) this.queue.addAfter(reportKey(uid), REPORT_AFTER_MS);
  }

  private async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const state = this.options.state();
    if (state === undefined) return DONE;
    const [what = '', uid = ''] = key.split('/', 2);
    if (what === 'report') return this.report(uid);
    const service = state.services.services.get(uid);
    if (service !== undefined) return this.desired(service, signal);
    if (!state.services.withdrawn.has(uid)) return DONE;
    this.pods.forget(uid);
    if (!(await this.objects.removeAll(uid, signal))) return { type: 'requeue', afterMs: LOOK_AGAIN_MS };
    return (await this.reporter.removed(uid)) ? DONE : { type: 'retry', atLeastMs: REPORT_RETRY_MS };
  }

  private async report(uid: string): Promise<ReconcileResult> {
    if (this.options.reporting() === undefined) return DONE;
    await this.reporter.report(uid);
    return DONE;
  }

  private async desired(service: DesiredService, signal: AbortSignal): Promise<ReconcileResult> {
    const { uid, namespace = '' } = service.ref;
    const { selector } = service.object['spec'] as ServiceSpec;
    this.pods.follow(uid, namespace, selector);
    this.prober.keep(uid, new Set(service.remote.keys()));
    if (service.primary) return this.primary(service, signal);
    // It was the primary before, perhaps: nothing of that may stay.
    this.reporter.forget(uid);
    await this.objects.removeAll(uid, signal);
    this.reportSoon([uid]);
    return DONE;
  }

  private async primary(service: DesiredService, signal: AbortSignal): Promise<ReconcileResult> {
    const { ref } = service;
    const generation = service.object.metadata.generation ?? 1;
    try {
      await this.objects.known();
      if (ref.namespace !== undefined) await ensureNamespace(this.options.session, ref.namespace, signal);
      const native = await this.objects.applyService(service, signal);
      const usable = (source: string): boolean => this.prober.verdict(ref.uid, source)?.state === 'UP';
      await this.objects.applySlices(service, native, usable, signal);
      const untried = [...service.remote.keys()].some((source) => this.prober.verdict(ref.uid, source) === undefined);
      if (untried) this.probeNow.abort();
      this.reporter.noteNative({ ref, generation, ...addressesOf(native) });
      this.reportSoon([ref.uid]);
      return DONE;
    } catch (error) {
      const reason = error instanceof NameTakenError ? 'NameConflict' : refusalOf(error);
      if (reason === undefined) throw error;
      const { message } = error as Error;
      this.reporter.noteNative({ ref, generation, externalIPs: [], reason, message });
      this.reportSoon([ref.uid]);
      return { type: 'requeue', afterMs: REFUSED_MS };
    }
  }

  /** Tries the paths to all sources again and again; a new verdict changes slices and is reported. */
  private async probe(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const services = [...(this.options.state()?.services.services.values() ?? [])].filter(({ primary }) => primary);
      const local = this.pods.addresses();
      await Promise.all(
        services.flatMap(({ ref, remote }) =>
          [...remote].map(async ([source, endpoints]) => {
            const isNews = await this.prober.probe(ref.uid, source, endpoints, (address) => local.has(address));
            if (!isNews) return;
            this.queue.add(applyKey(ref.uid));
            this.reportSoon([ref.uid]);
          }),
        ),
      );
      const pause = AbortSignal.any([signal, this.probeNow.signal]);
      await delay(PROBE_EVERY_MS, undefined, { signal: pause }).catch(() => undefined);
      this.probeNow = new AbortController();
    }
  }
}

const applyKey = (uid: string): string => `apply/${uid}`;
const reportKey = (uid: string): string => `report/${uid}`;

function addressesOf(native: KubeObject): { clusterIP?: string; externalIPs: string[] } {
  const { clusterIP } = native['spec'] as { clusterIP?: string };
  const { loadBalancer } = (native['status'] ?? {}) as {
    loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] };
  };
  return {
    ...(clusterIP === undefined || clusterIP === '' ? {} : { clusterIP }),
    externalIPs: (loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  };
}

/** What the API will refuse for as long as nothing changes; anything else is tried again by back-off. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof KubeApiError)) return undefined;
  return [400, 403, 409, 422].includes(error.code) ? error.reason || 'Rejected' : undefined;
}
