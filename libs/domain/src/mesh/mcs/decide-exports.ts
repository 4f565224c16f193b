/** What the mesh controller decides about exports: what each says of itself, the import, and which clusters are asked. Pure. */
import {
  type Condition,
  type EntryData,
  MCS_API_VERSION,
  type ServiceExportSpec,
  type ServiceExportStatus,
  type ServiceImportStatus,
  type StoredObject,
} from '@skyflow/contracts';
import { timestamp } from '../../objects/sightings.js';
import { fingerprint } from '../../native/fingerprint.js';
import type { MeshDecision } from '../decide-mesh.js';
import { serviceStatus } from '../service-status.js';
import type { ExportBook, MeshState, ServiceRecord } from '../state.js';
import { exportKey, exportsOf, isInScope, planOf } from './export-book.js';
import { type Conflict, type ExportVerdict, exportVerdict, type ImportPlan } from './merge-exports.js';

type ExportWorkType = 'ExportAssigned' | 'ExportWithdrawn';
export type ExportWork = { [T in ExportWorkType]: { type: T; data: EntryData<T> } }[ExportWorkType];
type Said = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Deciding again after the entries were folded gives none. */
export function decideExport(state: MeshState, book: ExportBook, epoch: number, nowMs: number): MeshDecision[] {
  const decisions: MeshDecision[] = [];
  const plan = planOf(state, book);
  if (book.object !== undefined) {
    const before = book.status === '' ? undefined : (JSON.parse(book.status) as ServiceExportStatus);
    const status = exportStatus(state, book, plan, before, nowMs);
    const { kind, metadata } = book.object;
    const { namespace = '', name, uid } = metadata;
    if (JSON.stringify(status) !== book.status) {
      decisions.push({
        type: 'ServiceStatusDecided',
        data: { epoch, ref: { kind, namespace, name, uid }, status: { ...status } },
      });
    }
  }
  const before = book.import === '' ? undefined : (JSON.parse(book.import) as StoredObject);
  if (plan !== undefined) {
    const object = importOf(state, book, plan, before, nowMs);
    if (JSON.stringify(object) !== book.import)
      decisions.push({ type: 'ServiceImportDecided', data: { epoch, object, gone: false } });
  } else if (before !== undefined) {
    decisions.push({ type: 'ServiceImportDecided', data: { epoch, object: before, gone: true } });
  }
  return decisions;
}

/** By cluster, what its work subject lacks about an export. */
export function missingExportWork(
  state: MeshState,
  book: ExportBook,
  epoch: number,
  nowMs: number,
): Map<string, ExportWork> {
  const { namespace, name } = book;
  const work = new Map<string, ExportWork>();
  const plan = planOf(state, book);
  for (const { name: cluster, deleting } of state.clusters.values()) {
    const told = book.told.get(cluster);
    const observed = book.observed.get(cluster);
    if (deleting || !(isInScope(book, cluster) || observed?.declared !== undefined)) {
      if (told !== undefined) work.set(cluster, { type: 'ExportWithdrawn', data: { epoch, namespace, name } });
      continue;
    }
    const conditions =
      observed?.declared === undefined
        ? undefined
        : dated(
            saidOf(exportVerdict({ cluster, service: observed.service }), plan?.conflicts ?? []),
            told?.conditions,
            nowMs,
          );
    const data = { epoch, namespace, name, ...(conditions === undefined ? {} : { conditions }) };
    const isTold = told !== undefined && JSON.stringify({ ...told, epoch }) === JSON.stringify(data);
    if (!isTold) work.set(cluster, { type: 'ExportAssigned', data });
  }
  return work;
}

function exportStatus(
  state: MeshState,
  book: ExportBook,
  plan: ImportPlan | undefined,
  before: ServiceExportStatus | undefined,
  nowMs: number,
): ServiceExportStatus {
  const { clusters: named } = (book.object?.['spec'] ?? {}) as ServiceExportSpec;
  const exports = exportsOf(state, book).filter(({ cluster }) => isInScope(book, cluster));
  const rows = exports
    .map((each) => ({ cluster: each.cluster, ...exportVerdict(each) }))
    .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const strangers = (named ?? [])
    .filter((cluster) => state.clusters.get(cluster)?.deleting !== false)
    .map((cluster) => ({
      ...{ cluster, valid: false, reason: 'NoService' },
      message: `there is no cluster "${cluster}"; name others in spec.clusters, or leave it out for all`,
    }));
  const asked = [...state.clusters.values()].filter(({ name, deleting }) => !deleting && isInScope(book, name));
  const silent = asked.filter(({ name }) => !book.observed.has(name)).map(({ name }) => name);
  const all = [...rows, ...strangers];
  const best = rows.find(({ valid }) => valid) ?? rows.find(({ reason }) => reason === 'InvalidServiceType') ?? all[0];
  const verdict: ExportVerdict =
    best === undefined
      ? { valid: false, reason: 'NoService', message: nobody(book, silent) }
      : { ...best, reason: best.reason as ExportVerdict['reason'] };
  const waits = silent.length === 0 ? undefined : `waits for ${silent.sort().join(', ')} to say what it has`;
  return {
    conditions: dated(saidOf(verdict, plan?.conflicts ?? [], waits), before?.conditions, nowMs),
    clusters: all,
  };
}

const nobody = ({ namespace, name }: ExportBook, silent: readonly string[]): string =>
  silent.length > 0
    ? `no cluster has said yet whether it has a Service ${name} in namespace ${namespace}`
    : `no cluster has a Service ${name} in namespace ${namespace}; make one, or delete this export`;

function saidOf(verdict: ExportVerdict, conflicts: readonly Conflict[], waits?: string): Said[] {
  const { valid, reason, message } = verdict;
  const isExported = valid && waits === undefined;
  return [
    { type: 'Valid', status: valid ? 'True' : 'False', reason, message },
    isExported
      ? { type: 'Ready', status: 'True', reason: 'Exported', message: 'it is exported to all clusters' }
      : { type: 'Ready', status: 'False', reason: 'Pending', message: waits ?? message },
    conflicts.length === 0 || !valid
      ? { type: 'Conflict', status: 'False', reason: 'NoConflicts', message: 'all exports say the same' }
      : {
          ...{ type: 'Conflict', status: 'True' },
          reason: conflicts.map((each) => each.reason).join(','),
          message: conflicts.map((each) => each.message).join('; '),
        },
  ];
}

function importOf(
  state: MeshState,
  { namespace, name }: ExportBook,
  plan: ImportPlan,
  before: StoredObject | undefined,
  nowMs: number,
): StoredObject {
  const key = exportKey(namespace, name);
  const derived = [...state.services.values()]
    .filter((each) => each.derived?.key === key && !each.deleting)
    .sort((a, b) => ((a.derived?.cluster ?? '') < (b.derived?.cluster ?? '') ? -1 : 1));
  const old = before?.['status'] as ServiceImportStatus | undefined;
  const status: ServiceImportStatus = {
    clusters: [...plan.exporters.keys()].map((cluster) => ({ cluster })),
    conditions: dated([importReady(state, derived, plan)], old?.conditions, nowMs),
    imported: derived.map((each) => {
      const { cluster = '', clusterIP, ready, total, clusters } = serviceStatus(state, each, undefined);
      const sources = clusters.filter(({ primary, path }) => !primary && path !== undefined);
      return {
        ...{ cluster, service: each.ref.name, ips: clusterIP === undefined ? [] : [clusterIP], ready, total },
        ...(sources.length === 0 || derived.length > MOST_WITH_SOURCES ? {} : { sources }),
      };
    }),
  };
  return {
    apiVersion: MCS_API_VERSION,
    kind: 'ServiceImport',
    metadata: {
      name,
      namespace,
      uid: before?.metadata.uid ?? `import-${fingerprint(`${key} ${nowMs}`)}`,
      creationTimestamp: before?.metadata.creationTimestamp ?? timestamp(nowMs),
      ...(Object.keys(plan.labels).length === 0 ? {} : { labels: plan.labels }),
      ...(Object.keys(plan.annotations).length === 0 ? {} : { annotations: plan.annotations }),
    },
    spec: plan.spec,
    status,
  };
}

/** Clusters that import, above which an import does not say how each reaches each: one entry of the log could not hold it. */
const MOST_WITH_SOURCES = 20;

function importReady(state: MeshState, derived: readonly ServiceRecord[], plan: ImportPlan): Said {
  const type = 'Ready';
  const strange = derived.filter(({ native }) => {
    const has = native?.ipFamilies ?? [];
    const wants = plan.spec.ipFamilies ?? [];
    return has.length > 0 && wants.length > 0 && !has.some((family) => wants.includes(family));
  });
  const clusters = (services: readonly ServiceRecord[]): string => services.map(({ spec }) => spec.cluster).join(', ');
  if (strange.length > 0) {
    const message = `${clusters(strange)} has none of the address families ${(plan.spec.ipFamilies ?? []).join(', ')}`;
    return { type, status: 'False', reason: 'IPFamilyNotSupported', message };
  }
  const refused = derived.find(({ native }) => native?.reason !== undefined);
  if (refused !== undefined) {
    const { message, reason } = refused.native ?? {};
    return { type, status: 'False', reason: 'Pending', message: `${refused.spec.cluster}: ${message ?? reason ?? ''}` };
  }
  const waiting = derived.filter(
    ({ spec, native }) => native === undefined && state.clusters.get(spec.cluster)?.health === 'READY',
  );
  if (waiting.length > 0) {
    const message = `the Service is being made on ${clusters(waiting)}`;
    return { type, status: 'False', reason: 'Pending', message };
  }
  return { type, status: 'True', reason: 'Ready', message: 'every cluster that can be seen has it' };
}

/** Conditions keep their time for as long as their status is the same. */
function dated(said: readonly Said[], before: readonly Condition[] | undefined, nowMs: number): Condition[] {
  return said.map((each) => {
    const old = before?.find(({ type }) => type === each.type);
    const since = old?.status === each.status ? old.lastTransitionTime : timestamp(nowMs);
    return { ...each, lastTransitionTime: since };
  });
}
