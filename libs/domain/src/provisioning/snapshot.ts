/** The provisioner's state as plain data and back. */
import {
  type ProvisionMachine,
  type ProvisionedCluster,
  type ProvisioningState,
  initialProvisioning,
} from './state.js';

type Row = Omit<ProvisionedCluster, 'machines'> & { machines: [string, ProvisionMachine][] };
type Piece = { type: 'head'; position: number; epochs: ProvisioningState['epochs'] } | { type: 'cluster'; row: Row };

/** Collected before the first piece is given, as the fold goes on between pieces. */
export function encodeProvisioning({ position, epochs, clusters }: ProvisioningState): Iterable<Piece> {
  return [
    { type: 'head', position, epochs: { ...epochs } },
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
      continue;
    }
    const { machines, ...rest } = piece.row;
    // What is undefined is left out of a snapshot.
    const empty = { ...EMPTY, ...rest };
    state.clusters.set(rest.ref.uid, { ...empty, machines: new Map(machines) });
  }
  return state;
}

const EMPTY = {
  deletion: undefined,
  plan: undefined,
  operation: undefined,
  caFingerprint: undefined,
  initialised: undefined,
  run: undefined,
  failure: undefined,
  rollback: undefined,
  active: undefined,
  givenUp: undefined,
};
