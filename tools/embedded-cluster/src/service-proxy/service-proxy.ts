/**
 * kube-proxy for clusters whose pods really run: cluster IPs and node ports of services listen on loopback and balance over
 * the endpoints of their EndpointSlices. Level-triggered: `sync` looks at what is there now. A port without endpoints does
 * not listen, so that a client is refused, as kube-proxy's REJECT rule does.
 */
import type { Outcome, Write } from '../controllers/reconcile.js';
import { isDeleting, sameJson } from '../model/object-facts.js';
import type { Service } from '../model/workloads.js';
import type { ClusterState } from '../engine/cluster-state.js';
import { Forwarder } from './forwarder.js';
import { LABEL_SERVICE_NAME, type ProxyRule, proxyRules } from './proxy-rules.js';

/** Where node ports answer: the nodes of an embedded cluster are this machine. */
const NODE_ADDRESS = '127.0.0.1';
/** A port that is taken is tried again after this long. */
const RETRY_MS = 5_000;

/** By `<address>:<port>`. */
type Listening = Map<string, Forwarder>;

export class ServiceProxy {
  readonly #state: ClusterState;
  readonly #clusterIps: boolean;
  readonly #services = new Map<string, Listening>();

  /** @param clusterIps whether cluster IPs can be listened on; else only node ports are. */
  constructor(state: ClusterState, clusterIps: boolean) {
    this.#state = state;
    this.#clusterIps = clusterIps;
  }

  /** Makes what listens for a service what its rules say. The outcome: its load balancer's address, and what could not listen. */
  async sync(namespace: string | undefined, name: string, nowMs: number): Promise<Outcome> {
    const key = `${namespace ?? ''}/${name}`;
    const service = this.#state.get('Service', namespace, name);
    const rules = service === undefined || isDeleting(service) ? [] : this.#rulesOf(service);
    const listening = this.#services.get(key) ?? new Map<string, Forwarder>();
    const failures = await this.#apply(listening, rules);
    if (listening.size > 0) this.#services.set(key, listening);
    else this.#services.delete(key);
    if (service === undefined) return { writes: [] };
    const writes: Write[] = [
      ...loadBalancerStatus(service),
      ...failures.map((message): Write => ({
        op: 'event',
        about: service,
        event: { type: 'Warning', reason: 'FailedToListen', message, source: 'kube-proxy' },
      })),
    ];
    return failures.length === 0 ? { writes } : { writes, againAtMs: nowMs + RETRY_MS };
  }

  async stop(): Promise<void> {
    const forwarders = [...this.#services.values()].flatMap((listening) => [...listening.values()]);
    this.#services.clear();
    await Promise.all(forwarders.map((forwarder) => forwarder.close()));
  }

  #rulesOf(service: Service): ProxyRule[] {
    const slices = this.#state
      .list('EndpointSlice', service.metadata.namespace)
      .filter(({ metadata }) => metadata.labels?.[LABEL_SERVICE_NAME] === service.metadata.name);
    const rules = proxyRules(service, slices, NODE_ADDRESS);
    return this.#clusterIps ? rules : rules.filter(({ address }) => address === NODE_ADDRESS);
  }

  /** What could not listen, and why. */
  async #apply(listening: Listening, rules: readonly ProxyRule[]): Promise<string[]> {
    const wanted = new Map<string, ProxyRule>(
      rules
        .filter(({ endpoints }) => endpoints.length > 0)
        .map((rule) => [`${rule.address}:${rule.number}`, rule] as const),
    );
    for (const [place, forwarder] of listening) {
      if (wanted.has(place)) continue;
      forwarder.retire();
      listening.delete(place);
    }
    const failures: string[] = [];
    for (const [place, rule] of wanted) {
      const there = listening.get(place);
      if (there !== undefined) {
        there.update(rule);
        continue;
      }
      try {
        listening.set(place, await Forwarder.listen(rule));
      } catch (error) {
        failures.push(`cannot listen on ${place}: ${(error as Error).message}; it is tried again`);
      }
    }
    return failures;
  }
}

/** A load balancer answers at the cluster IP, with the service's own ports; ipMode as KEP-1860 has it. */
function loadBalancerStatus(service: Service): Write[] {
  const { clusterIP } = service.spec;
  const status = (service['status'] ?? {}) as { loadBalancer?: object };
  const isBalanced = service.spec.type === 'LoadBalancer' && !isDeleting(service) && clusterIP !== undefined;
  const loadBalancer = isBalanced ? { ingress: [{ ip: clusterIP, ipMode: 'VIP' }] } : {};
  if (sameJson(status.loadBalancer ?? {}, loadBalancer)) return [];
  return [{ op: 'updateStatus', object: { ...service, status: { ...status, loadBalancer } } }];
}
