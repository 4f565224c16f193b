/** The provisioner's state as plain data and back. */
import {
  type BlockedOffer,
  type Orphan,
  type ProvisionMachine,
  type ProvisionedCluster,
  type ProvisioningState,
  type Retained,
  initialProvisioning,
} from './state.js';

type Row = Omit<ProvisionedCluster, 'machines'> & { machines: [string, ProvisionMachine][] };
type Head = Pick<ProvisioningState, 'position' | 'epochs' | 'installation'> & {
  blocked: [string, BlockedOffer][];
  orphans: [string, Orphan][];
  /** Absent in snapshots of before. */
  retained?: [string, Retained][];
  rentedIn?: string[];
};
type Piece = ({ type: 'head' } & Head) | { type: 'cluster'; row: Row };

/** Collected before the first piece is given, as the fold goes on between pieces. */
export function encodeProvisioning({
  position,
  epochs,
  installation,
  blocked,
  orphans,
  clusters,
  retained,
  rentedIn,
}: ProvisioningState): Iterable<Piece> {
  return [
    {
      type: 'head',
      ...{ position, epochs: { ...epochs }, installation },
      ...structuredClone({
        blocked: [...blocked],
        orphans: [...orphans],
        retained: [...retained],
        rentedIn: [...rentedIn],
      }),
    },
    ...[...clusters.values()].map((cluster): Piece => {
      const { machines, ...rest } = structuredClone(cluster);
      return { type: 'cluster', row: { ...rest, machines: [...machines] } };
    }),
  ];
}

export async function decodeProvisioning(pieces: AsyncIterable<unknown>): Promise<ProvisioningState> {
  const state = initialProvisioning();
  for await (const piece of pieces as AsyncIterable<Piece>) {
    if (piece.type === 'head') {
      state.position = piece.position;
      state.epochs = piece.epochs;
      state.installation = piece.installation;
      state.blocked = new Map(piece.blocked);
      state.orphans = new Map(piece.orphans);
      state.retained = new Map(piece.retained);
      state.rentedIn = new Set(piece.rentedIn);
      continue;
    }
    const { machines, ...rest } = piece.row;
    if (rest.groundwork !== undefined) state.rentedIn.add(`${rest.groundwork.provider}/${rest.groundwork.region}`);
    // What is undefined is left out of a snapshot.
    const empty = { ...EMPTY, ...rest };
    const escrow = { ...NO_ESCROW, ...rest.escrow };
    state.clusters.set(rest.ref.uid, { ...empty, escrow, machines: new Map(machines) });
  }
  return state;
}

const NO_ESCROW: ProvisionedCluster['escrow'] = { state: undefined, kubeconfig: undefined, sshKey: undefined };

const EMPTY = {
  deletion: undefined,
  plan: undefined,
  operation: undefined,
  caFingerprint: undefined,
  initialised: undefined,
  groundwork: undefined,
  run: undefined,
  failure: undefined,
  rollback: undefined,
  active: undefined,
  wanted: undefined,
  stop: undefined,
  allocatable: undefined,
  givenUp: undefined,
  shortage: undefined,
};
