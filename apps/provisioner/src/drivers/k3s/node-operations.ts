/**
 * What is done on a node of a cluster that is there: snapshots of etcd, the way back to one, new certificates. Shell that may be repeated
 * (docs.k3s.io/cli/etcd-snapshot, docs.k3s.io/cli/certificate; the same in RKE2).
 */
import type { DriverNode } from '../cluster-driver.js';
import type { Flavour } from './flavours.js';
import { BEGIN, isServer, waitLines } from './node-script.js';

/** Exit code for a snapshot that is not on the host. */
export const NO_SNAPSHOT_EXIT = 79;

/** Of the member on this server. Taken again under the same name, both are kept and the later one counts. */
export const snapshotScript = ({ program }: Flavour, { name }: DriverNode, snapshot: string): string =>
  [
    ...BEGIN,
    `say '[etcd] ${name}: snapshot ${snapshot}'`,
    `${program} etcd-snapshot save --name '${snapshot}'`,
    `say '[etcd] ${name}: done'`,
    '',
  ].join('\n');

/** Nothing is stopped before it is known that there is something to go back to. */
export const findSnapshotScript = (flavour: Flavour, { name }: DriverNode, snapshot: string): string =>
  [...BEGIN, ...findLines(flavour, name, snapshot), ''].join('\n');

export const stopScript = ({ server }: Flavour, { name }: DriverNode): string =>
  [...BEGIN, `say '[etcd] ${name}: stop'`, `systemctl stop ${server}`, ''].join('\n');

/** The first server becomes the only member, with the data of the snapshot; a flag of an earlier try would forbid it. */
export const resetScript = (flavour: Flavour, node: DriverNode, snapshot: string, readyS: number): string =>
  [
    ...BEGIN,
    ...findLines(flavour, node.name, snapshot),
    `say '[etcd] ${node.name}: restore'`,
    `systemctl stop ${flavour.server}`,
    `rm -f ${flavour.dataFolder}/server/db/reset-flag`,
    `${flavour.program} server --cluster-reset --cluster-reset-restore-path="$found"`,
    ...startLines(flavour, node, readyS),
    '',
  ].join('\n');

/** The other servers come in as new members; their snapshots stay. */
export const rejoinScript = (flavour: Flavour, node: DriverNode, readyS: number): string =>
  [
    ...BEGIN,
    `say '[etcd] ${node.name}: join again'`,
    `systemctl stop ${flavour.server}`,
    `find ${flavour.dataFolder}/server/db -mindepth 1 -maxdepth 1 ! -name snapshots -exec rm -rf {} +`,
    ...startLines(flavour, node, readyS),
    '',
  ].join('\n');

export function rotateScript(flavour: Flavour, node: DriverNode, readyS: number): string {
  const unit = unitOf(flavour, node);
  return [
    ...BEGIN,
    `say '[certificates] ${node.name}: rotate'`,
    `systemctl stop ${unit}`,
    `${flavour.program} certificate rotate`,
    ...startLines(flavour, node, readyS),
    '',
  ].join('\n');
}

const unitOf = ({ server, agent }: Flavour, node: DriverNode): string => (isServer(node) ? server : agent);

const startLines = (flavour: Flavour, node: DriverNode, readyS: number): string[] => [
  `systemctl start ${unitOf(flavour, node)} || true`,
  ...waitLines(flavour, node, unitOf(flavour, node), readyS),
  `say '${node.name}: done'`,
];

/** k3s puts the node and the time behind the name. */
const findLines = ({ dataFolder }: Flavour, name: string, snapshot: string): string[] => [
  `found=$(ls -t ${dataFolder}/server/db/snapshots/${snapshot}-* 2>/dev/null | head -n 1)`,
  `if [ -z "$found" ]; then say '${name} has no snapshot ${snapshot}'; exit ${String(NO_SNAPSHOT_EXIT)}; fi`,
];
