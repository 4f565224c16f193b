/** The fold over exports: from what users ask for and clusters have, the services by which clusters import. Changes the state in place. */
import { decisionSubject, type Entry, type EntryData, type StoredObject } from '@skyflow/contracts';
import { dropIfOver } from '../service-ends.js';
import { untouchedRecord } from '../service-record.js';
import type { ExportBook, MeshState, ServiceRecord } from '../state.js';
import { derivedService, derivedUid } from './derived-services.js';
import { exportKey, planOf } from './export-book.js';

export const EXPORT_KIND = 'ServiceExport';

/** A ServiceExport at the gateway was made or changed. */
export function exportWritten(state: MeshState, object: StoredObject, at: number): void {
  const book = bookOf(state, object.metadata.namespace ?? '', object.metadata.name);
  if (book.object !== undefined && book.object.metadata.uid !== object.metadata.uid) book.status = '';
  book.object = object;
  refresh(state, book, at);
}

export function exportDeleted(state: MeshState, { ref }: EntryData<'ObjectDeleted'>, at: number): void {
  const book = state.exports.get(exportKey(ref.namespace ?? '', ref.name));
  if (book?.object?.metadata.uid !== ref.uid) return;
  book.object = undefined;
  book.status = '';
  refresh(state, book, at);
}

/** @param cluster that it was told, or that says it. */
export function exportTold(
  state: MeshState,
  cluster: string,
  entry: Extract<Entry, { type: 'ExportAssigned' | 'ExportWithdrawn' | 'ExportObserved' }>,
): void {
  if (!state.clusters.has(cluster)) return;
  const { namespace, name } = entry.data;
  if (entry.type === 'ExportAssigned') {
    if (entry.data.epoch < state.epochs.mesh) return;
    bookOf(state, namespace, name).told.set(cluster, entry.data);
    state.dueExports.add(exportKey(namespace, name));
    return;
  }
  if (entry.type === 'ExportWithdrawn') {
    const book = state.exports.get(exportKey(namespace, name));
    if (book === undefined || entry.data.epoch < state.epochs.mesh) return;
    book.told.delete(cluster);
    if (book.observed.get(cluster)?.declared === undefined) book.observed.delete(cluster);
    refresh(state, book, entry.at);
    return;
  }
  const book = bookOf(state, namespace, name);
  if (entry.data.declared === undefined && !book.told.has(cluster)) book.observed.delete(cluster);
  else book.observed.set(cluster, entry.data);
  refresh(state, book, entry.at);
}

export function importDecided(
  state: MeshState,
  { epoch, object, gone }: EntryData<'ServiceImportDecided'>,
  subject: string,
): void {
  if (subject !== decisionSubject('mesh') || epoch < state.epochs.mesh) return;
  const { namespace = '', name } = object.metadata;
  const book = bookOf(state, namespace, name);
  book.import = gone ? '' : JSON.stringify(object);
  forgetIfEmpty(state, book);
}

/** The clusters are others than before. */
export function refreshExports(state: MeshState, at: number): void {
  for (const book of [...state.exports.values()]) {
    for (const cluster of [...book.told.keys(), ...book.observed.keys()]) {
      if (state.clusters.has(cluster)) continue;
      book.told.delete(cluster);
      book.observed.delete(cluster);
    }
    refresh(state, book, at);
  }
}

function bookOf(state: MeshState, namespace: string, name: string): ExportBook {
  const key = exportKey(namespace, name);
  const known = state.exports.get(key);
  if (known !== undefined) return known;
  const book: ExportBook = {
    ...{ namespace, name, object: undefined, status: '', import: '' },
    ...{ told: new Map(), observed: new Map() },
  };
  state.exports.set(key, book);
  return book;
}

/** One service per cluster while somebody exports, none while nobody does. */
function refresh(state: MeshState, book: ExportBook, at: number): void {
  const key = exportKey(book.namespace, book.name);
  const plan = planOf(state, book);
  for (const { name: cluster, deleting } of state.clusters.values()) {
    const known = state.services.get(derivedUid(key, cluster));
    if (plan === undefined || deleting) {
      if (known !== undefined) end(state, known, at);
      continue;
    }
    const generation = known?.generation ?? 1;
    const since = known?.object.metadata.creationTimestamp ?? new Date(at).toISOString();
    const made = derivedService(book, plan, cluster, generation, since);
    const isSame = known !== undefined && !known.deleting && textOf(known) === textOf(made);
    if (isSame) continue;
    const next = known === undefined ? made : derivedService(book, plan, cluster, generation + 1, since);
    state.services.set(next.object.metadata.uid, {
      ...(known ?? untouchedRecord(next.object, state.position)),
      ...next,
      generation: next.object.metadata.generation ?? 1,
      deleting: false,
    });
    state.topology += 1;
    state.due.add(next.object.metadata.uid);
  }
  state.dueExports.add(key);
  forgetIfEmpty(state, book);
}

function end(state: MeshState, service: ServiceRecord, at: number): void {
  if (!service.deleting) state.topology += 1;
  service.deleting = true;
  state.due.add(service.ref.uid);
  dropIfOver(state, service, at);
}

const textOf = ({ spec, derived }: Pick<ServiceRecord, 'spec' | 'derived'>): string =>
  JSON.stringify([spec, [...(derived?.exported ?? [])]]);

function forgetIfEmpty(state: MeshState, book: ExportBook): void {
  const { object, told, observed, import: imported } = book;
  if (object !== undefined || told.size > 0 || observed.size > 0 || imported !== '') return;
  const key = exportKey(book.namespace, book.name);
  state.exports.delete(key);
  state.dueExports.delete(key);
}
