/** The mesh controller's state as plain data and back. What is worked out is worked out again. */
import type { EntryData, LinkSpec } from '@skyflow/contracts';
import { exportKey } from './mcs/export-book.js';
import type { Exported } from './mcs/merge-exports.js';
import {
  type DerivedFrom,
  type ExportBook,
  type Given,
  type MeshCluster,
  type MeshState,
  type Participation,
  type Reached,
  type ServiceRecord,
  initialMesh,
} from './state.js';

type GivenRow = Omit<Given, 'leases'> & { leases: [string, unknown][] };
type PartRow = Omit<Participation, 'given'> & { given: [string, GivenRow][] };
type ClusterRow = Omit<MeshCluster, 'ports' | 'reaches'> & {
  reaches: [string, Reached][];
  ports: { leased: number[]; freed: [number, number][]; last: number };
};
type BookRow = Omit<ExportBook, 'told' | 'observed'> & {
  told: [string, EntryData<'ExportAssigned'>][];
  observed: [string, EntryData<'ExportObserved'>][];
};
type LinkRow = [string, LinkSpec & { uid: string }];
type Row = Omit<ServiceRecord, 'participants' | 'observed' | 'paths' | 'derived'> & {
  derived?: Omit<DerivedFrom, 'exported'> & { exported: [string, Exported][] };
  participants: [string, PartRow][];
  observed: [string, ReturnType<ServiceRecord['observed']['get']>][];
  paths: [string, ReturnType<ServiceRecord['paths']['get']>][];
};

type Piece =
  | { type: 'head'; position: number; epochs: MeshState['epochs']; clusters: ClusterRow[]; links: LinkRow[] }
  | { type: 'exports'; items: BookRow[] }
  | { type: 'services'; items: Row[] };

const PIECE_ITEMS = 100;

/** Collected before the first piece is given, as the fold goes on between pieces. */
export function encodeMesh({ position, epochs, clusters, links, services, exports }: MeshState): Iterable<Piece> {
  const rows = [...services.values()].map(rowOf);
  const pieces: Piece[] = [
    {
      ...{ type: 'head', position, epochs: { ...epochs } },
      ...{ clusters: [...clusters.values()].map(clusterRowOf), links: [...links] },
    },
  ];
  const books = [...exports.values()].map((book): BookRow => ({
    ...book,
    told: [...book.told],
    observed: [...book.observed],
  }));
  for (let start = 0; start < books.length; start += PIECE_ITEMS) {
    pieces.push({ type: 'exports', items: books.slice(start, start + PIECE_ITEMS) });
  }
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
      state.clusters = new Map(piece.clusters.map((row) => [row.name, clusterOf(row)]));
      state.links = new Map(piece.links);
      continue;
    }
    if (piece.type === 'exports') {
      for (const row of piece.items) {
        const key = exportKey(row.namespace, row.name);
        const { object, told, observed, ...rest } = row;
        state.exports.set(key, { ...rest, object, told: new Map(told), observed: new Map(observed) });
        state.dueExports.add(key);
      }
      continue;
    }
    for (const row of piece.items) {
      state.services.set(row.ref.uid, serviceOf(row));
      state.due.add(row.ref.uid);
    }
  }
  return state;
}

const clusterRowOf = ({ ports: { leased, freed, last }, reaches, ...cluster }: MeshCluster): ClusterRow => ({
  ...cluster,
  reaches: [...reaches],
  ports: { leased: [...leased], freed: [...freed], last },
});

const clusterOf = ({ ports: { leased, freed, last }, reaches, ...row }: ClusterRow): MeshCluster => ({
  ...row,
  reaches: new Map(reaches),
  gateway: row.gateway,
  ports: { leased: new Set(leased), freed: new Map(freed), last },
});

const partRowOf = (part: Participation): PartRow => ({
  ...part,
  given: [...part.given].map(([source, given]) => [source, { ...given, leases: [...given.leases] }]),
});

const partOf = (row: PartRow): Participation => ({
  ...row,
  given: new Map(
    row.given.map(([source, given]) => [source, { ...given, leases: new Map(given.leases) as Given['leases'] }]),
  ),
});

const rowOf = ({ derived, ...service }: ServiceRecord): Row => ({
  ...service,
  ...(derived === undefined ? {} : { derived: { ...derived, exported: [...derived.exported] } }),
  participants: [...service.participants].map(([name, part]) => [name, partRowOf(part)]),
  observed: [...service.observed],
  paths: [...service.paths],
});

const serviceOf = ({ participants, observed, paths, derived, ...row }: Row): ServiceRecord => ({
  ...row,
  ...(derived === undefined ? {} : { derived: { ...derived, exported: new Map(derived.exported) } }),
  chosen: row.chosen,
  chosenBecause: row.chosenBecause,
  native: row.native,
  participants: new Map(participants.map(([name, part]) => [name, partOf(part)])),
  observed: new Map(observed as [string, NonNullable<(typeof observed)[number][1]>][]),
  paths: new Map(paths as [string, NonNullable<(typeof paths)[number][1]>][]),
});
