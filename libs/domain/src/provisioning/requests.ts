/** What a spec asks to be done once, by a number that grows: repair, new certificates, snapshots of etcd and the way back to one. Pure. */
import {
  type ClusterStep,
  type DriverCommand,
  PROVISION_REQUESTS,
  type ProvisionOperation,
  type ProvisionSpec,
} from '@skyflow/contracts';
import type { DriverRun, ProvisionedCluster, RequestName } from './state.js';

type Operation = Extract<ClusterStep, { type: 'OperationStarted' | 'OperationFailed' }>;

const OPERATIONS = {
  etcdSnapshotRestore: 'Restore',
  repair: 'Repair',
  rotateCertificates: 'RotateCertificates',
  etcdSnapshotCreate: 'Snapshot',
} as const satisfies Record<RequestName, ProvisionOperation>;

/** Of an operation; what is not named here is done by `up`. */
export const commandOf = (operation: ProvisionOperation | undefined): DriverCommand =>
  COMMANDS.get(operation ?? 'Create') ?? 'up';

const COMMANDS: ReadonlyMap<ProvisionOperation, DriverCommand> = new Map([
  ['RotateCertificates', 'rotateCertificates'],
  ['Snapshot', 'snapshot'],
  ['Restore', 'restore'],
]);

/** Not the run of an earlier operation. */
export const isOfThis = ({ operation }: ProvisionedCluster, { command, run }: DriverRun): boolean =>
  command === commandOf(operation?.type) && run > (operation?.startedRun ?? 0);

/** All requests of a spec count as done: what is built anew has nothing that could be rotated or gone back to. */
export const requestsOf = (spec: ProvisionSpec): ProvisionedCluster['requests'] =>
  Object.fromEntries(
    PROVISION_REQUESTS.flatMap((name) => {
      const generation = spec[name]?.generation;
      return generation === undefined ? [] : [[name, generation]];
    }),
  );

/** The first request that was not taken up yet. */
export function requestedOperation({ spec, plan, requests, snapshots }: ProvisionedCluster): Operation | undefined {
  const name = PROVISION_REQUESTS.find((each) => (spec[each]?.generation ?? 0) > (requests[each] ?? 0));
  const generation = name === undefined ? undefined : spec[name]?.generation;
  if (name === undefined || generation === undefined) return undefined;
  const wanted = spec.etcdSnapshotRestore?.name ?? '';
  if (name === 'etcdSnapshotRestore' && !snapshots.some((snapshot) => snapshot.name === wanted)) {
    const there = snapshots.map((snapshot) => snapshot.name).join(', ');
    const message = `there is no snapshot ${wanted}; there ${there === '' ? 'is none' : `are ${there}`}`;
    const advice = 'name one of them in spec.provision.etcdSnapshotRestore.name';
    return { type: 'OperationFailed', failure: { class: 'config', message, advice } };
  }
  const { kubernetesVersion } = plan ?? {};
  return {
    type: 'OperationStarted',
    operation: OPERATIONS[name],
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    add: [],
    remove: [],
    generation,
    ...(name === 'etcdSnapshotCreate' ? { snapshot: `snapshot-${String(generation)}` } : {}),
    ...(name === 'etcdSnapshotRestore' ? { snapshot: wanted } : {}),
  };
}

/** The request that an operation carries out. */
export const requestNameOf = (operation: ProvisionOperation): RequestName | undefined =>
  PROVISION_REQUESTS.find((name) => OPERATIONS[name] === operation);
