/** Tells the log what is new about services on this cluster: endpoints, the native Service, paths. What is as reported is not told again. */
import type { Endpoint, EntryData, StoredObject } from '@skyflow/contracts';
import {
  dropsMost,
  endpointsHash,
  pathText,
  podEndpoints,
  selectionOf,
  type DesiredService,
  type NodesVerdict,
  type ReportedService,
  type AgentState,
} from '@skyflow/domain';
import type { Observation, ObservationWriter } from '../report/observation-writer.js';
import type { GatewaySide } from './gateway/gateway-side.js';
import type { PeerReach } from './peer-reach.js';
import type { PathProber } from './path-prober.js';
import type { SelectedPod, SelectedPods } from './selected-pods.js';

export interface ServiceReporterOptions {
  pods: SelectedPods;
  prober: PathProber;
  gateway: GatewaySide;
  state: () => AgentState | undefined;
  writer: () => ObservationWriter | undefined;
}

export class ServiceReporter {
  /** What the cluster last said of native Services, by uid of the service. */
  private readonly natives = new Map<string, EntryData<'ServiceObserved'>>();

  constructor(private readonly options: ServiceReporterOptions) {}

  /** The endpoints of a service on this cluster; undefined: not known yet. */
  endpointsOf(uid: string): Endpoint[] | undefined {
    const object = this.options.state()?.services.services.get(uid)?.object;
    const pods = this.options.pods.of(uid);
    return object === undefined || pods === undefined ? undefined : endpointsOf(object, pods);
  }

  /**
   * @param isSettling whether something is yet to be said of services from before this agent; of the gateway then what was said last.
   * @throws LogUnavailableError the log is away; tell again later.
   */
  async reportGateway(isSettling: () => boolean): Promise<void> {
    const { gateway, writer } = this.options;
    await writer()?.write(({ services }) => {
      const last = services.gateway;
      const now = gateway.observation ?? last;
      if (now === undefined) return [];
      const { settling: _before, ...seen } = now;
      const data = { ...seen, ...(isSettling() ? { settling: true as const } : {}) };
      return JSON.stringify(data) === JSON.stringify(last) ? [] : [{ type: 'GatewayObserved', data }];
    });
  }

  /**
   * @param nodesReach what nodes found of a cluster; undefined: nothing is tried from nodes.
   * @throws LogUnavailableError the log is away; tell again later.
   */
  async reportReaches(reach: PeerReach, nodesReach: (peer: string) => NodesVerdict | undefined): Promise<void> {
    await this.options.writer()?.write(({ services }) =>
      services.peers.flatMap(({ cluster: peer }): Observation[] => {
        const verdict = reach.verdict(peer);
        if (verdict === undefined) return [];
        const nodes = nodesReach(peer);
        const data = { peer, ...verdict, ...(nodes === undefined ? {} : { nodes }) };
        return services.reaches.get(peer) === JSON.stringify(data) ? [] : [{ type: 'ReachObserved', data }];
      }),
    );
  }

  noteNative(native: EntryData<'ServiceObserved'>): void {
    this.natives.set(native.ref.uid, native);
  }

  forget(uid: string): void {
    this.natives.delete(uid);
  }

  /**
   * False: most endpoints are gone, and a list of its own does not say so; look again. @throws LogUnavailableError the log is away; tell
   * again later; KubeApiError.
   */
  async report(uid: string, signal: AbortSignal): Promise<boolean> {
    const before = this.options.state()?.services.reported.get(uid)?.total ?? 0;
    const now = this.endpointsOf(uid);
    if (now !== undefined && dropsMost(before, now.length)) {
      const object = this.options.state()?.services.services.get(uid)?.object;
      const listed = await this.options.pods.listed(uid, signal);
      if (object === undefined || listed === undefined) return true;
      if (dropsMost(endpointsOf(object, listed).length, now.length)) return false;
    }
    await this.options.writer()?.write((state) => this.news(state, uid));
    return true;
  }

  /** Whether this agent knows of the service what there is to be told: its pods, the native Service, and of paths that were up whether they are. */
  knows(uid: string): boolean {
    const { state, pods, prober } = this.options;
    const { services } = state() ?? {};
    const service = services?.services.get(uid);
    if (service === undefined) return true;
    if (selectionOf(service.object) !== undefined && pods.of(uid) === undefined) return false;
    if (!service.primary) return true;
    const { paths = {} } = services?.reported.get(uid) ?? {};
    const isTried = [...service.remote].every(
      ([source, { endpoints }]) =>
        paths[source] === undefined ||
        !endpoints.some(({ ready, ports }) => ready && ports.length > 0) ||
        (prober.verdict(uid, source)?.state ?? 'UNKNOWN') !== 'UNKNOWN',
    );
    return isTried && this.natives.has(uid);
  }

  /** False: the log cannot be written now. @throws LogUnavailableError */
  async removed(uid: string): Promise<boolean> {
    const writer = this.options.writer();
    if (writer === undefined) return false;
    this.natives.delete(uid);
    await writer.write(({ services }) => {
      const ref = services.withdrawn.get(uid);
      return ref === undefined ? [] : [{ type: 'ServiceRemoved', data: { ref } }];
    });
    return true;
  }

  private news({ services }: AgentState, uid: string): Observation[] {
    const service = services.services.get(uid);
    if (service === undefined) return [];
    const reported = services.reported.get(uid) ?? { paths: {} };
    return [
      ...this.endpointNews(service, reported),
      ...this.nativeNews(service, reported),
      ...this.pathNews(service, reported),
    ];
  }

  private endpointNews({ ref, object }: DesiredService, { endpoints: before }: ReportedService): Observation[] {
    const pods = this.options.pods.of(ref.uid);
    if (pods === undefined) return [];
    const endpoints = endpointsOf(object, pods);
    return endpointsHash(endpoints) === before ? [] : [{ type: 'EndpointsObserved', data: { ref, endpoints } }];
  }

  private nativeNews({ ref, primary }: DesiredService, { native: before }: ReportedService): Observation[] {
    const native = primary ? this.natives.get(ref.uid) : undefined;
    if (native === undefined || JSON.stringify(native) === JSON.stringify(before)) return [];
    return [{ type: 'ServiceObserved', data: native }];
  }

  private pathNews({ ref, primary, remote }: DesiredService, { paths }: ReportedService): Observation[] {
    if (!primary) return [];
    return [...remote.keys()].flatMap((source): Observation[] => {
      const verdict = this.options.prober.verdict(ref.uid, source);
      if (verdict === undefined || verdict.state === 'UNKNOWN') return [];
      const failing = [...this.options.prober.failing(ref.uid, source)].sort();
      const { state, message, plane, isOfPod: ofPod } = verdict;
      const data = { ref, source, state, message, plane, ofPod, ...(failing.length === 0 ? {} : { failing }) };
      return pathText(data) === paths[source] ? [] : [{ type: 'PathObserved', data }];
    });
  }
}

const endpointsOf = (object: StoredObject, pods: readonly SelectedPod[]): Endpoint[] =>
  podEndpoints(pods, selectionOf(object)?.ports ?? []);
