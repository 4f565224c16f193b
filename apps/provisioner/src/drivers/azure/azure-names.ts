/** How what is ours is called in Azure. */
import { sha256 } from '../../escrow/escrow-keys.js';
import type { MachineContext } from '../machine-driver.js';

/** Of a virtual machine with Linux. */
const LONGEST_NAME = 64;
/** So that two long names that begin alike are two. */
const DIGEST = 10;

/** A name of a machine, the same wherever it is worked out. */
export function azureName(name: string): string {
  if (name.length <= LONGEST_NAME && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name)) return name;
  const plain = name.replaceAll(/[^a-z0-9]+/gi, '-').replace(/^-/, 'x');
  return `${plain.slice(0, LONGEST_NAME - DIGEST - 1)}-${sha256(name).slice(0, DIGEST)}`;
}

/** Everything of a cluster is in this group, and goes with it. */
export const groupName = ({ cluster }: Pick<MachineContext, 'cluster'>): string =>
  `skyflow-${azureName(`${cluster.name}-${cluster.uid.slice(0, 8)}`)}`;

/** Zones are numbers in Azure; offers name them so that they are one in the world: `westeurope-1`. */
export const zoneName = (region: string, zone: string): string => `${region}-${zone}`;
export const zoneNumber = (zone: string): string => zone.slice(zone.lastIndexOf('-') + 1);

export const tagsOf = (
  { cluster, owner }: Pick<MachineContext, 'cluster' | 'owner'>,
  more: Record<string, string> = {},
): Record<string, string> => ({
  'skyflow-owner': owner,
  'skyflow-cluster': cluster.uid,
  'skyflow-cluster-name': cluster.name,
  ...more,
});
