/** ALPN names of what two gateways have between them, by what this side does on it. */
import {
  GATEWAY_LANE_PROTOCOL,
  GATEWAY_LANES_PROTOCOL,
  GATEWAY_LANES_REVERSE_PROTOCOL,
  GATEWAY_PROTOCOL,
  GATEWAY_REVERSE_LANE_PROTOCOL,
  GATEWAY_REVERSE_PROTOCOL,
} from '@skyflow/contracts';

/** Whether we open connections on it, or take those that the peer opens. */
export type Part = 'opening' | 'taking';

interface Protocol {
  what: 'session' | 'lane';
  /** Of whoever is dialled; the dialler has the other one. */
  part: Part;
}

const PROTOCOLS: Record<string, Protocol> = {
  [GATEWAY_LANES_PROTOCOL]: { what: 'session', part: 'taking' },
  [GATEWAY_LANES_REVERSE_PROTOCOL]: { what: 'session', part: 'opening' },
  [GATEWAY_LANE_PROTOCOL]: { what: 'lane', part: 'taking' },
  [GATEWAY_REVERSE_LANE_PROTOCOL]: { what: 'lane', part: 'opening' },
  [GATEWAY_PROTOCOL]: { what: 'session', part: 'taking' },
  [GATEWAY_REVERSE_PROTOCOL]: { what: 'session', part: 'opening' },
};

/** What gateways that have no lanes know. */
const WITHOUT_LANES = [GATEWAY_PROTOCOL, GATEWAY_REVERSE_PROTOCOL];

/** Undefined: it is none of ours. */
export const protocolOf = (name: string | false | null): Protocol | undefined => PROTOCOLS[String(name)];

/** That whoever is dialled may choose from; it takes the first that it knows. */
export const servedProtocols = (hasLanes: boolean): string[] => (hasLanes ? Object.keys(PROTOCOLS) : WITHOUT_LANES);

/** Of a session that we dial. One that is answered by the older name alone has a peer without lanes. */
export function sessionProtocols(part: Part, hasLanes: boolean): string[] {
  const [withLanes, without] =
    part === 'opening'
      ? [GATEWAY_LANES_PROTOCOL, GATEWAY_PROTOCOL]
      : [GATEWAY_LANES_REVERSE_PROTOCOL, GATEWAY_REVERSE_PROTOCOL];
  return hasLanes ? [withLanes, without] : [without];
}

/** Of a lane that we dial. */
export const laneProtocol = (part: Part): string =>
  part === 'opening' ? GATEWAY_LANE_PROTOCOL : GATEWAY_REVERSE_LANE_PROTOCOL;

export const speaksLanes = (sessionProtocol: string | false | null): boolean =>
  sessionProtocol === GATEWAY_LANES_PROTOCOL || sessionProtocol === GATEWAY_LANES_REVERSE_PROTOCOL;
