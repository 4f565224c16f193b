/** Where the gateway of a cluster listens when nobody says so. */
import { createHash } from 'node:crypto';

export interface GatewayPlace {
  /** Where virtual endpoints and the gateway itself listen; absent: this cluster has none. */
  address: string | undefined;
  /** 0: any. */
  port: number;
  /** `host:port` where others dial it; `none`: they cannot; absent: where it listens. */
  publicPlace: string | undefined;
}

/** Second octets of loopback addresses that neither pods nor services of embedded clusters have. */
const FIRST_OCTET = 208;
const OCTETS = 8;

/**
 * Of a cluster on this machine (its API is on loopback) a loopback address that follows from its uid, so that it stays the same;
 * of any other none: an agent outside of a cluster's network has no address that pods could reach.
 * @param server of the cluster's API.
 */
export function gatewayAddress(given: string | undefined, server: URL, clusterUid: string): string | undefined {
  if (given !== undefined) return given;
  if (process.platform !== 'linux' || !/^(127\.|localhost$|\[::1\]$)/.test(server.hostname)) return undefined;
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(clusterUid).digest();
  return `127.${FIRST_OCTET + (a % OCTETS)}.${b}.${1 + (c % 254)}`;
}
