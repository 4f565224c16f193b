/**
 * The agent's part in services over clusters. On every cluster: watches the pods that a service selects and reports them as
 * endpoints. On the primary: keeps the native Service and the slices of other clusters' endpoints, and tries whether those are
 * reached; addresses that are not reached are there but take no connections. Works on while the control plane is away.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LogUnavailableError, type Projection } from '@skyflow/event-log';
import { KubeApiError, runReconciler, WorkQueue, type KubeObject, type ReconcileResult } from '@skyflow/kube-client';
import { readyCount, selectionOf, type AgentState, type DesiredService, type RemoteEndpoints } from '@skyflow/domain';
import { HEADLESS, type GatewayTraffic, type MeshReply, type Plane, type ServiceSpec } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import { inOrigin } from '../apply/in-origin.js';
import { ensureNamespace } from '../apply/namespaces.js';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { DesiredChange } from '../desired/desired-source.js';
import type { ObservationWriter } from '../report/observation-writer.js';
import type { GatewayPlace } from './gateway/gateway-address.js';
import { GatewaySide } from './gateway/gateway-side.js';
import { ExportedServices } from './exported-services.js';
import { clusterNetworks, type ClusterNetworks, type GivenNetworks } from './cluster-networks.js';
import { MemberMcs } from './member-mcs.js';
import { meshReport } from './mesh-report.js';
import { flatProbe, gatewayProbe } from './path-attempts.js';
import { NodeReach } from './node-reach.js';
import { PathProber } from './path-prober.js';
import { PeerReach } from './peer-reach.js';
import { ServiceSpread } from './service-spread.js';
import { SelectedPods } from './selected-pods.js';
import { NameTakenError, type Reach, ServiceObjects } from './service-objects.js';
import { ServiceReporter } from './service-reporter.js';
import { Settling } from './settling.js';

export interface MeshSideOptions {
  session: ClusterSession;
  state: () => AgentState | undefined;
  /** Undefined while the log is not folded: nothing can be reported. */
  reporting: () => Projection<AgentState> | undefined;
  writer: () => ObservationWriter | undefined;
  cluster: string;
  /** uid of the Cluster object. */
  clusterUid: string;
  gateway: GatewayPlace;
  /** Networks of the cluster, as far as its operator says. */
  networks: GivenNetworks;
  /** `<namespace>/<name>` of the Secret for probes on nodes; absent: there are none. */
  nodeProbeSecret?: string | undefined;
  /** Where its authorities are kept. */
  directory: string | undefined;
  logger: Logger;
}

const WORKERS = 4;
/** Changes of pods that come together are told together. */
const REPORT_AFTER_MS = 100;
const REPORT_RETRY_MS = 2_000;
const PROBE_EVERY_MS = 2_000;
/** While it is not known of a path whether it is up. */
const UNSETTLED_MS = 300;
const LOOK_AGAIN_MS = 1_000;
const REFUSED_MS = 5_000;
const DONE: ReconcileResult = { type: 'done' };

export class MeshSide {
  private readonly queue = new WorkQueue({ capMs: 30_000 });
  private readonly stop = new AbortController();
  private readonly pods: SelectedPods;
  private readonly objects: ServiceObjects;
  private readonly prober = new PathProber();
  private readonly spread = new ServiceSpread();
  private readonly reporter: ServiceReporter;
  private readonly settling = new Settling();
  private readonly gateway: GatewaySide;
  private readonly mcs: MemberMcs;
  private readonly exported: ExportedServices;
  private readonly reaches = new PeerReach();
  /** By uid of a service: position of what was carried out, as far as its trace tells. */
  private readonly told = new Map<string, number>();
  private readonly nodes: NodeReach | undefined;
  /** Aborted to probe at once: endpoints that were never tried take no connections. */
  private probeNow = new AbortController();

  constructor(private readonly options: MeshSideOptions) {
    const { client } = options.session;
    const { signal } = this.stop;
    this.pods = new SelectedPods(client, (uids) => this.podsChanged(uids), signal);
    this.objects = new ServiceObjects(client, (uid) => this.queue.add(applyKey(uid)), signal);
    this.gateway = new GatewaySide({
      cluster: options.cluster,
      clusterUid: options.clusterUid,
      place: options.gateway,
      directory: options.directory,
      state: () => options.state()?.services,
      podsOf: (uid) => this.reporter.endpointsOf(uid),
      networks: () => this.networks(),
      hasNodeProbes: options.nodeProbeSecret !== undefined,
      onChange: () => this.gatewayChanged(),
      logger: options.logger,
    });
    this.mcs = new MemberMcs({
      client,
      onChange: (key) => this.queue.add(exportKey(key)),
      logger: options.logger,
    });
    this.exported = new ExportedServices({
      client,
      mcs: this.mcs,
      state: options.state,
      writer: options.writer,
      onChange: (key) => this.queue.add(exportKey(key)),
      signal,
    });
    const { nodeProbeSecret: secret, session, logger } = options;
    this.nodes = secret === undefined ? undefined : new NodeReach({ secret, session, gateway: this.gateway, logger });
    this.reporter = new ServiceReporter({
      pods: this.pods,
      prober: this.prober,
      gateway: this.gateway,
      state: options.state,
      writer: options.writer,
    });
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger } = this.options;
    signal.addEventListener('abort', () => this.stop.abort(), { once: true });
    this.enqueueEverything();
    // Before anything else is told: that what was said before this agent is to be confirmed.
    this.queue.add(GATEWAY_KEY);
    // Nodes come after services: what networks there are is told then.
    void this.options.session.nodes.whenSynced(signal).then(
      () => this.queue.add(GATEWAY_KEY),
      () => undefined,
    );
    await Promise.all([
      this.probe(signal),
      this.reaches.run({
        peers: () => this.options.state()?.services.peers ?? [],
        reach: (cluster, inside) => this.gateway.reach(cluster, inside),
        onNews: () => this.queue.add(REACH_KEY),
        signal,
      }),
      this.nodes?.run({
        peers: () => this.options.state()?.services.peers ?? [],
        onNews: () => this.queue.add(REACH_KEY),
        signal,
      }),
      this.mcs.run(signal),
      this.gateway.run(signal),
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

  desiredChanged({ everything, services, exports }: DesiredChange): void {
    if (everything) this.enqueueEverything();
    else for (const uid of services) this.queue.add(applyKey(uid));
    if (everything || exports.size > 0) this.exported.follow();
    for (const key of exports) this.queue.add(exportKey(key));
    // Peers may have changed and no service of this cluster.
    void this.gateway.sync();
  }

  /** What the gateway here has carried, as it last said. */
  get traffic(): readonly GatewayTraffic[] {
    return this.gateway.traffic;
  }

  /** What the mesh is here. @param tries also connect to endpoints of other clusters now. */
  report(tries: boolean): Promise<Omit<MeshReply, 'cluster'>> {
    return meshReport(this.gateway, this.options.state()?.services.services.values() ?? [], tries);
  }

  /** The log can be written again. */
  writerChanged(): void {
    this.reportSoon(this.options.state()?.services.services.keys() ?? []);
    for (const key of this.exported.keys()) this.queue.add(exportKey(key));
    this.queue.add(GATEWAY_KEY);
    this.queue.add(REACH_KEY);
  }

  /** The last word of an agent that stops: what it has said is not watched over any more. */
  async leave(): Promise<void> {
    if (!this.mayReport() || this.options.state()?.services.services.size === 0) return;
    this.settling.leave();
    await this.reporter.reportGateway(() => true).catch(() => undefined);
  }

  enqueueEverything(): void {
    const { services, withdrawn } = this.options.state()?.services ?? {};
    for (const uid of [...(services?.keys() ?? []), ...(withdrawn?.keys() ?? [])]) this.queue.add(applyKey(uid));
    this.exported.follow();
    for (const key of this.exported.keys()) this.queue.add(exportKey(key));
  }

  private networks(): ClusterNetworks | undefined {
    const { nodes } = this.options.session;
    return nodes.hasSynced ? clusterNetworks(nodes.store.values(), this.options.networks) : undefined;
  }

  private podsChanged(uids: ReadonlySet<string>): void {
    this.reportSoon(uids);
    for (const uid of uids) {
      const service = this.options.state()?.services.services.get(uid);
      const { spread = 'pods', exported } = (service?.object['spec'] ?? {}) as Partial<ServiceSpec>;
      // How many pods of other clusters help depends on how many there are here; or those here are in slices of ours, too.
      if (service?.primary === true && (spread !== 'pods' || exported !== undefined)) this.queue.add(applyKey(uid));
    }
    // Whoever may reach these pods is let in to the new ones at once.
    void this.gateway.sync();
  }

  /** Virtual endpoints are there, or are not any more: slices follow at once, and the log hears of it. */
  private gatewayChanged(): void {
    this.enqueueEverything();
    this.queue.add(GATEWAY_KEY);
    this.probeNow.abort();
  }

  private reportSoon(uids: Iterable<string>): void {
    for (const uid of uids) this.queue.addAfter(reportKey(uid), REPORT_AFTER_MS);
  }

  private async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const state = this.options.state();
    if (state === undefined) return DONE;
    const [what = '', uid = ''] = key.split('/', 2);
    if (what === 'report') return this.tell(uid, signal);
    if (what === 'export') {
      return this.export(key.slice(what.length + 1), state, signal);
    }
    if (key === REACH_KEY) {
      if (this.mayReport()) await this.tellReaches();
      return DONE;
    }
    if (key === GATEWAY_KEY) {
      if (this.mayReport()) await this.reporter.reportGateway(() => !this.settling.isOver);
      return DONE;
    }
    const service = state.services.services.get(uid);
    if (service !== undefined) return this.traced('apply service', state, service, () => this.desired(service, signal));
    const withdrawn = state.services.withdrawn.get(uid);
    if (withdrawn === undefined) return DONE;
    return this.traced('remove service', state, { ref: withdrawn }, () => this.withdrawn(uid, signal));
  }

  /** In the trace of what it was told, until that is done; what is looked at again later is no part of what the user did. */
  private async traced(
    name: string,
    state: AgentState,
    { ref, position }: Pick<DesiredService, 'ref'> & Partial<Pick<DesiredService, 'position'>>,
    work: () => Promise<ReconcileResult>,
  ): Promise<ReconcileResult> {
    if (position !== undefined && this.told.get(ref.uid) === position) return work();
    const result = await inOrigin(name, state, ref, work);
    if (result.type === 'done' && position !== undefined) this.told.set(ref.uid, position);
    return result;
  }

  private async withdrawn(uid: string, signal: AbortSignal): Promise<ReconcileResult> {
    this.told.delete(uid);
    this.settled(uid);
    this.pods.forget(uid);
    this.spread.forget(uid);
    await this.mcs.hideImport(uid, signal);
    if (!(await this.objects.removeAll(uid, signal))) return { type: 'requeue', afterMs: LOOK_AGAIN_MS };
    return (await this.reporter.removed(uid)) ? DONE : { type: 'retry', atLeastMs: REPORT_RETRY_MS };
  }

  /** @param key `namespace/name`. */
  private async export(key: string, { services }: AgentState, signal: AbortSignal): Promise<ReconcileResult> {
    this.exported.follow();
    const { conditions } = services.exports.get(key) ?? {};
    if (conditions !== undefined) await this.mcs.say(key, conditions, signal);
    if (this.mayReport()) await this.exported.report(key);
    return DONE;
  }

  /** Whether the log can be told something. What it knew of services when it was first read is to be confirmed or corrected. */
  private mayReport(): boolean {
    const live = this.options.reporting();
    if (live !== undefined) this.settling.begin(live.state.services.services.keys());
    return live !== undefined;
  }

  private settled(uid: string): void {
    if (this.settling.done(uid)) this.queue.add(GATEWAY_KEY);
  }

  private async tellReaches(): Promise<void> {
    await this.reporter.reportReaches(this.reaches, (peer) => this.nodes?.verdict(peer));
  }

  private async tell(uid: string, signal: AbortSignal): Promise<ReconcileResult> {
    if (!this.mayReport()) return DONE;
    const isTold = await this.reporter.report(uid, signal);
    if (!isTold) return { type: 'retry', atLeastMs: REPORT_AFTER_MS };
    if (this.settling.has(uid) && this.reporter.knows(uid)) this.settled(uid);
    return DONE;
  }

  private async desired(service: DesiredService, signal: AbortSignal): Promise<ReconcileResult> {
    const { uid, namespace = '' } = service.ref;
    const { type } = service.object['spec'] as ServiceSpec;
    if (type !== 'ExternalName') {
      this.gateway.need();
      if (this.gateway.observation !== undefined) this.queue.add(GATEWAY_KEY);
    }
    const selection = selectionOf(service.object);
    if (selection === undefined) this.pods.forget(uid);
    else this.pods.follow(uid, namespace, selection.selector);
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
      this.reporter.noteNative({ ref, generation, ...addressesOf(native) });
      this.reportSoon([ref.uid]);
      const { clusterIP = HEADLESS } = addressesOf(native);
      await this.showImport(service, clusterIP === HEADLESS ? [] : [clusterIP], signal);
      const { exported } = service.object['spec'] as ServiceSpec;
      // Told of pods here as soon as those are known; until then what is there stays.
      if (exported !== undefined && this.reporter.endpointsOf(ref.uid) === undefined) return DONE;
      // Before the slices name them, virtual endpoints must listen; and another plane must have been tried, or it would be believed for the last one.
      await this.proveAnew(service, 'flat');
      await this.gateway.sync();
      await this.proveAnew(service, 'gateway');
      const againMs = await this.objects.applySlices(service, native, this.reach(service), signal);
      const untried = [...service.remote.keys()].some((source) => this.prober.verdict(ref.uid, source) === undefined);
      if (untried) this.probeNow.abort();
      return againMs === undefined ? DONE : { type: 'requeue', afterMs: againMs };
    } catch (error) {
      const reason = error instanceof NameTakenError ? 'NameConflict' : refusalOf(error);
      if (reason === undefined) throw error;
      const { message } = error as Error;
      this.reporter.noteNative({ ref, generation, externalIPs: [], reason, message });
      this.reportSoon([ref.uid]);
      return { type: 'requeue', afterMs: REFUSED_MS };
    }
  }

  /** An agent that may not write ServiceImports connects to them all the same. */
  private async showImport(service: DesiredService, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      await this.mcs.showImport(service, addresses, signal);
    } catch (error) {
      if (!(error instanceof KubeApiError && error.code === 403)) throw error;
      const detail = 'the rights of deploy/agent/rbac.yaml have it';
      this.options.logger.warn({ err: error, detail }, 'a ServiceImport cannot be written');
    }
  }

  private reach(service: DesiredService): Reach {
    const { uid } = service.ref;
    const { exported } = service.object['spec'] as ServiceSpec;
    const here = exported === undefined ? undefined : this.reporter.endpointsOf(uid);
    return {
      own: here === undefined ? undefined : { cluster: this.options.cluster, endpoints: here },
      usable: (source) => {
        const path = this.prober.verdict(uid, source);
        return path?.state === 'UP' && path.plane === service.remote.get(source)?.plane;
      },
      isGivenUp: (source) => this.prober.verdict(uid, source)?.isGivenUp === true,
      gateway: this.gateway.address,
      failedPorts: this.gateway.failedPorts,
      failing: (source) => this.prober.failing(uid, source),
      spread: (reached) => this.spread.limit(service, readyCount(this.reporter.endpointsOf(uid) ?? []), reached),
    };
  }

  /** One round over a plane to which sources of the service have just changed. */
  private async proveAnew({ ref: { uid }, remote }: DesiredService, plane: Plane): Promise<void> {
    const changed = [...remote].filter(
      ([source, each]) => each.plane === plane && this.prober.isOfOther(uid, source, plane),
    );
    const local = this.pods.addresses();
    await Promise.all(changed.map(([source, each]) => this.tryPath(uid, source, each, local)));
    if (changed.length > 0) this.reportSoon([uid]);
  }

  /** True: there is news. */
  private tryPath(
    uid: string,
    source: string,
    { plane, endpoints }: RemoteEndpoints,
    local: ReadonlySet<string>,
  ): Promise<boolean> {
    const by = plane === 'flat' ? flatProbe((address) => local.has(address)) : gatewayProbe(this.gateway, source);
    return this.prober.probe(uid, source, endpoints, by);
  }

  /** Tries the paths to all sources again and again; a new verdict changes slices and is reported. */
  private async probe(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const services = [...(this.options.state()?.services.services.values() ?? [])].filter(({ primary }) => primary);
      const local = this.pods.addresses();
      await Promise.all(
        services.flatMap(({ ref, remote }) =>
          [...remote].map(async ([source, each]) => {
            if (!(await this.tryPath(ref.uid, source, each, local))) return;
            this.queue.add(applyKey(ref.uid));
            this.reportSoon([ref.uid]);
          }),
        ),
      );
      const pause = AbortSignal.any([signal, this.probeNow.signal]);
      // Gateways that are just being dialled are tried again soon, as pods wait for it; and what has failed once, as clients do.
      const pauseMs = this.prober.isUnsettled ? UNSETTLED_MS : PROBE_EVERY_MS;
      await delay(pauseMs, undefined, { signal: pause }).catch(() => undefined);
      this.probeNow = new AbortController();
    }
  }
}

const GATEWAY_KEY = 'gateway/';
const REACH_KEY = 'reach/';
const applyKey = (uid: string): string => `apply/${uid}`;
/** @param key `namespace/name`. */
const exportKey = (key: string): string => `export/${key}`;
const reportKey = (uid: string): string => `report/${uid}`;

function addressesOf(native: KubeObject): { clusterIP?: string; ipFamilies?: string[]; externalIPs: string[] } {
  const { clusterIP, ipFamilies } = native['spec'] as { clusterIP?: string; ipFamilies?: string[] };
  const { loadBalancer } = (native['status'] ?? {}) as {
    loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] };
  };
  return {
    ...(clusterIP === undefined || clusterIP === '' ? {} : { clusterIP }),
    ...(ipFamilies === undefined ? {} : { ipFamilies }),
    externalIPs: (loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  };
}

/** What the API will refuse for as long as nothing changes; anything else is tried again by back-off. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof KubeApiError)) return undefined;
  return [400, 403, 409, 422].includes(error.code) ? error.reason || 'Rejected' : undefined;
}
