/** The mesh controller's state as plain data and back. What is worked out is worked out again. */
import { type MeshCluster, type MeshState, type ServiceRecord, initialMesh } from './state.js';

type Row = Omit<ServiceRecord, 'participants' | 'observed' | 'paths'> & {
  participants: [string, { primary: boolean; generation: number; given: [string, string][]; withdrawing: boolean }][];
  observed: [string, ReturnType<ServiceRecord['observed']['get']>][];
  paths: [string, ReturnType<ServiceRecord['paths']['get']>][];
};

type Piece =
  | { type: 'head'; position: number; epochs: MeshState['epochs']; clusters: MeshCluster[] }
  | { type: 'services'; items: Row[] };

const PIECE_ITEMS = 100;

/** Collected before the first piece is given, as the fold goes on between pieces. */
export function encodeMesh({ position, epochs, clusters, services }: MeshState): Iterable<Piece> {
  const rows = [...services.values()].map(rowOf);
  const pieces: Piece[] = [
    { type: 'head', position, epochs: { ...epochs }, clusters: [...clusters.values()].map((each) => ({ ...each })) },
  ];
  for (let start = 0; start < rows.length; start += PIECE_ITEMS) {
    pieces.push({ type: 'services', items: rows.slice(start, start + PIECE_ITEMS) });
  }
  return pieces;
}

export async function decodeMesh(pieces: AsyncIterable<unknown>): Promise<MeshState> {
  const state = initialMesh();
  for await (const piece of pieces as AsyncIterable<Piece>) {
    if (piece.type === 'head') {
      state.position = piece.position;
      state.epochs = piece.epochs;
      state.clusters = new Map(piece.clusters.map((cluster) => [cluster.name, cluster]));
      continue;
    }
    for (const row of piece.items) {
      state.services.set(row.ref.uid, serviceOf(row));
      state.due.add(row.ref.uid);
    }
  }
  return state;
}

const rowOf = (service: ServiceRecord): Row => ({
  ...service,
  participants: [...service.participants].map(([name, part]) => [name, { ...part, given: [...part.given] }]),
  observed: [...service.observed],
  paths: [...service.paths],
});

const serviceOf = ({ participants, observed, paths, ...row }: Row): ServiceRecord => ({
  ...row,
  chosen: row.chosen,
  native: row.native,
  participants: new Map(participants.map(([name, part]) => [name, { ...part, given: new Map(part.given) }])),
  observed: new Map(observed as [string, NonNullable<(typeof observed)[number][1]>][]),
  paths: new Map(paths as [string, NonNullable<(typeof paths)[number][1]>][]),
});
