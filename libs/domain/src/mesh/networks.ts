/**
 * Which addresses another cluster's pods may have here. In the flat plane an agent tells addresses that packets are sent to: none but those of the
 * networks that its cluster has, or whoever can change a pod's status there could send our traffic anywhere (CVE-2021-25740).
 */
import type { Endpoint, LinkEvidence } from '@skyflow/contracts';
import { isInside, overlapOf } from './cidr.js';
import type { MeshCluster, MeshState } from './state.js';

/** The way out where nothing, or too little, is declared. */
const WAY_OUT = 'set SKYFLOW_POD_CIDRS of its agent where its nodes do not say which addresses pods have';

const NODE_PROBES = 'deploy/agent/node-probe.yaml runs a probe on each; without, flat is for whoever asks for it';

export interface Admitted {
  endpoints: Endpoint[];
  /** Set where some were refused. */
  refusal: string | undefined;
}

/** The endpoints of a source of which every address is in its networks. */
export function admittedEndpoints(source: MeshCluster | undefined, endpoints: readonly Endpoint[]): Admitted {
  const networks = [...(source?.gateway?.networks?.pods ?? []), ...(source?.gateway?.networks?.nodes ?? [])];
  const foreign = ({ address, otherAddress }: Endpoint): boolean =>
    ![address, ...(otherAddress === undefined ? [] : [otherAddress])].every((each) => isInside(each, networks));
  const [refused] = endpoints.filter(foreign);
  if (refused === undefined) return { endpoints: [...endpoints], refusal: undefined };
  const name = source?.name ?? '';
  const refusal =
    networks.length === 0
      ? `${name} has not said which networks its pods are in; ${WAY_OUT}`
      : `${refused.address} of ${refused.pod} is not in the networks of ${name} (${networks.join(', ')}); ${WAY_OUT}`;
  return { endpoints: endpoints.filter((endpoint) => !foreign(endpoint)), refusal };
}

/** Whether pods of one cluster reach those of another one at their own addresses, and the other way, as both tried. */
export function reachEvidence(state: MeshState, from: string, to: string): LinkEvidence[] {
  const tried = (one: string, other: string, check: 'pods' | 'back'): LinkEvidence => {
    const said = state.clusters.get(one)?.reaches.get(other);
    if (said === undefined) return { check, message: `${one} has not tried yet to reach pods of ${other}` };
    return { check, ok: said.ok, message: `${one} to ${other}: ${said.message}` };
  };
  return [tried(from, to, 'pods'), tried(to, from, 'back')];
}

/** The same from nodes, which only probes on them can tell. */
export function nodeEvidence(state: MeshState, from: string, to: string): LinkEvidence[] {
  const tried = (one: string, other: string, check: 'nodes' | 'nodesBack'): LinkEvidence => {
    const said = state.clusters.get(one)?.reaches.get(other)?.nodes;
    if (said === undefined) return { check, message: `nothing is tried from nodes of ${one}: ${NODE_PROBES}` };
    return { check, ...(said.ok === undefined ? {} : { ok: said.ok }), message: `${one} to ${other}: ${said.message}` };
  };
  return [tried(from, to, 'nodes'), tried(to, from, 'nodesBack')];
}

/**
 * The first of what was looked at that does not say that two clusters reach each other by themselves; undefined: all do. Of nodes it must be
 * proved for every type: kube-proxy opens nothing itself, but kubelets, host-network pods and whoever works on a node are clients of ClusterIPs
 * with the node's address, as are clients of ports of nodes.
 */
export function missingProof(state: MeshState, from: string, to: string): LinkEvidence | undefined {
  return [networkEvidence(state, from, to), ...reachEvidence(state, from, to), ...nodeEvidence(state, from, to)].find(
    ({ ok }) => ok !== true,
  );
}

/** Whether pods of two clusters can have addresses of their own to each other, by what both say of their networks. */
export function networkEvidence(state: MeshState, from: string, to: string): LinkEvidence {
  const [ours, theirs] = [from, to].map((name) => state.clusters.get(name)?.gateway?.networks);
  const check = 'networks';
  for (const [name, networks] of [
    [from, ours],
    [to, theirs],
  ] as const) {
    if ((networks?.pods.length ?? 0) === 0)
      return { check, message: `${name} has not said which networks its pods are in` };
  }
  const all = (networks: typeof ours): string[] => [...(networks?.pods ?? []), ...(networks?.services ?? [])];
  const overlap = overlapOf(all(ours), all(theirs));
  if (overlap !== undefined) {
    return { check, ok: false, message: `${overlap[0]} of ${from} and ${overlap[1]} of ${to} overlap` };
  }
  const words = (networks: typeof ours): string => (networks?.pods ?? []).join(', ');
  return { check, ok: true, message: `${words(ours)} of ${from} and ${words(theirs)} of ${to} are disjoint` };
}
