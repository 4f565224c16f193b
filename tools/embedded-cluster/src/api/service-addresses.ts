/**
 * Gives services their cluster IP and node ports (and takes no two of either twice), from what the cluster's services have
 * now; nothing is remembered besides where the search begins.
 */
import type { KubeObject, StatusCause } from '@skyflow/contracts';
import { invalid, type ResourceDefinition } from '@skyflow/apimachinery';
import type { Service } from '../model/workloads.js';

const NODE_PORTS = { first: 30_000, last: 32_767 };

export class ServiceAddresses {
  readonly #prefix: string;
  readonly #services: () => readonly Service[];
  #nextHost = 10;
  #nextPort = NODE_PORTS.first;

  /** @param prefix first two octets of the service network, e.g. `10.96`. */
  constructor(prefix: string, services: () => readonly Service[]) {
    this.#prefix = prefix;
    this.#services = services;
  }

  /** @throws StatusError 422 when an address or port that was asked for is taken. */
  assign(object: KubeObject, definition: ResourceDefinition, old?: KubeObject): void {
    const service = object as Service;
    const before = old as Service | undefined;
    const { spec } = service;
    if (spec.type === 'ExternalName') return;
    if (before?.spec.clusterIP !== undefined && (spec.clusterIP ?? '') === '') spec.clusterIP = before.spec.clusterIP;
    const others = this.#services().filter(({ metadata }) => metadata.uid !== service.metadata.uid);
    this.#assignIp(service, others, definition);
    spec.clusterIPs = [spec.clusterIP ?? ''];
    spec['ipFamilies'] ??= ['IPv4'];
    spec['ipFamilyPolicy'] ??= 'SingleStack';
    spec['internalTrafficPolicy'] ??= 'Cluster';
    this.#assignPorts(service, before, others);
  }

  #assignIp(service: Service, others: readonly Service[], definition: ResourceDefinition): void {
    const taken = new Set(others.map(({ spec }) => spec.clusterIP));
    const asked = service.spec.clusterIP ?? '';
    if (asked === 'None') return;
    if (asked === '') {
      service.spec.clusterIP = this.#freeIp(taken);
      return;
    }
    if (!taken.has(asked)) return;
    const cause: StatusCause = {
      reason: 'FieldValueInvalid',
      field: 'spec.clusterIPs',
      message: `Invalid value: ["${asked}"]: failed to allocate IP ${asked}: provided IP is already allocated`,
    };
    throw invalid(definition, service.metadata.name, [cause]);
  }

  #freeIp(taken: ReadonlySet<string | undefined>): string {
    for (;;) {
      const host = this.#nextHost++;
      if (this.#nextHost >= 65_000) this.#nextHost = 10;
      const ip = `${this.#prefix}.${host >> 8}.${host & 255}`;
      if (!taken.has(ip) && (host & 255) !== 0 && (host & 255) !== 255) return ip;
    }
  }

  #assignPorts(service: Service, before: Service | undefined, others: readonly Service[]): void {
    const exposed = service.spec.type === 'NodePort' || service.spec.type === 'LoadBalancer';
    const taken = new Set(others.flatMap(({ spec }) => (spec.ports ?? []).map(({ nodePort }) => nodePort)));
    service.spec.ports = (service.spec.ports ?? []).map((port) => {
      const full = { ...port, protocol: port.protocol ?? 'TCP', targetPort: port.targetPort ?? port.port };
      if (!exposed) return withoutNodePort(full);
      const kept = before?.spec.ports?.find((each) => each.port === port.port)?.nodePort;
      const nodePort = full.nodePort ?? kept ?? this.#freePort(taken);
      taken.add(nodePort);
      return { ...full, nodePort };
    });
  }

  #freePort(taken: ReadonlySet<number | undefined>): number {
    while (taken.has(this.#nextPort)) this.#nextPort++;
    if (this.#nextPort > NODE_PORTS.last) this.#nextPort = NODE_PORTS.first;
    return this.#nextPort++;
  }
}

function withoutNodePort<T extends { nodePort?: number }>(port: T): T {
  const { nodePort: _nodePort, ...rest } = port;
  return rest as T;
}
