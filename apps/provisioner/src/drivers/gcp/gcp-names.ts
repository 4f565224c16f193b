/** How what is ours is called in Google Cloud: names and labels have narrow rules there. */
import { sha256 } from '../../escrow/escrow-keys.js';
import type { MachineContext } from '../machine-driver.js';

const LONGEST_NAME = 63;
/** So that two long names that begin alike are two. */
const DIGEST = 10;
const LABEL = /^[a-z0-9_-]{1,63}$/;

/** A name by the rules of RFC 1035, the same wherever it is worked out. */
export function gcpName(name: string): string {
  const wanted = `skyflow-${name}`;
  if (wanted.length <= LONGEST_NAME && /^[a-z0-9-]*[a-z0-9]$/.test(wanted)) return wanted;
  const plain = wanted.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `${plain.slice(0, LONGEST_NAME - DIGEST - 1)}-${sha256(name).slice(0, DIGEST)}`;
}

/** Network tag of the machines of a cluster, and what the names of its firewall rules begin with. */
export const groundName = ({ cluster }: Pick<MachineContext, 'cluster'>): string =>
  gcpName(`${cluster.name}-${cluster.uid.slice(0, 8)}`).slice(0, LONGEST_NAME - '-nodes'.length);

/** A value of a label; another text never has the same one. */
export const labelOf = (text: string): string => (LABEL.test(text) ? text : sha256(text).slice(0, LONGEST_NAME));

/** Request ids must be UUIDs: the same token, the same one. */
export function requestIdOf(token: string): string {
  const hex = sha256(token);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
