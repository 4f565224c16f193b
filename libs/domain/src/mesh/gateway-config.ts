/** What the gateway of a cluster is to do, from what its agent was told and which pods are here. Pure. */
import type { Endpoint, GatewayConfig, GatewayExport, GatewayListener, ServiceSpec } from '@skyflow/contracts';
import type { DesiredServices } from './desired.js';

export interface GatewayInputs {
  cluster: string;
  /** Where its virtual endpoints listen. */
  address: string;
  identity: GatewayConfig['identity'];
  /** Pods of a service on this cluster; undefined: not known yet. */
  podsOf: (service: string) => readonly Endpoint[] | undefined;
}

export function gatewayConfig({ services, peers }: DesiredServices, inputs: GatewayInputs): GatewayConfig {
  const { cluster, address, identity, podsOf } = inputs;
  const known = new Set(peers.map((peer) => peer.cluster));
  const listeners = new Map<number, GatewayListener>();
  const exports: GatewayExport[] = [];
  for (const [uid, { ref, object, remote, consumers }] of services) {
    const { spread, sessionAffinity } = (object['spec'] ?? {}) as Partial<ServiceSpec>;
    // Only as many ports take connections as the cluster is to weigh: behind each are all pods, so that none is idle.
    const isShared = spread === 'clusters' && sessionAffinity !== 'ClientIP';
    for (const [peer, { plane, endpoints }] of remote) {
      if (plane !== 'gateway' || !known.has(peer)) continue;
      const all = isShared ? endpoints.filter(({ ready }) => ready).map((each) => each.uid) : [];
      for (const endpoint of endpoints) {
        for (const { name, port } of endpoint.leases ?? []) {
          const there = listeners.get(port);
          if (there === undefined) {
            listeners.set(port, {
              address,
              port,
              peer,
              service: uid,
              servicePort: name,
              pods: all.length > 0 ? all : [endpoint.uid],
            });
          } else if (all.length === 0) there.pods.push(endpoint.uid);
        }
      }
    }
    const to = consumers.filter((each) => known.has(each));
    if (to.length > 0) {
      const pods = (podsOf(uid) ?? []).map((endpoint) => ({
        uid: endpoint.uid,
        name: endpoint.pod,
        ports: Object.fromEntries(endpoint.ports.map(({ name, port }) => [name, placeOf(endpoint.address, port)])),
      }));
      exports.push({ service: uid, name: `${ref.namespace ?? ''}/${ref.name}`, to, pods });
    }
  }
  return { cluster, identity, peers: [...peers], listeners: [...listeners.values()], exports };
}

const placeOf = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
