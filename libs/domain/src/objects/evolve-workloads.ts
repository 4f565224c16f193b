/** The fold of what was decided about workloads and what the clusters said of them. */
import type { Entry, EntryData, ObservedPod } from '@skyflow/contracts';
import type { ObjectRecord, RolloutRecord, ShareRecord, WorkloadRecord, WorkObservation } from './object-record.js';
import { findRef, replaceRecord } from './object-writes.js';
import type { EntryPlace, ObjectsState } from './objects-state.js';
import { withPhase } from './records.js';
import { isShareFinished } from './workload-phase.js';

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>;

const OBSERVATIONS = 'sky.obs.';
/** The cluster whose agent wrote on this subject. */
export const observedCluster = (subject: string): string =>
  subject.startsWith(OBSERVATIONS) ? subject.slice(OBSERVATIONS.length) : '';

export function evolvePlacement(state: ObjectsState, entry: EntryOf<'PlacementDecided'>, place: EntryPlace): void {
  const { data, at } = entry;
  const found = findWorkload(state, data.ref);
  if (found === undefined) return;
  const { workload } = found;
  const before = new Map(workload.shares.map((share) => [share.cluster, share]));
  const leaving = new Map(data.leaving?.map(({ cluster, replicas }) => [cluster, replicas]));
  const shares: ShareRecord[] = data.placements.map(({ cluster, replicas, completions }) => {
    const observed = before.get(cluster)?.observed;
    before.delete(cluster);
    const stays = leaving.get(cluster) ?? 0;
    return { cluster: state.texts.intern(cluster), placed: true, replicas, completions, leaving: stays, observed };
  });
  for (const share of before.values()) {
    const stays = leaving.get(share.cluster) ?? 0;
    if (share.observed === undefined && stays === 0) continue;
    shares.push({ ...share, placed: false, replicas: 0, completions: undefined, leaving: stays });
  }
  change(state, found.record, place, at, {
    ...workload,
    decision: {
      position: place.position,
      at,
      generation: data.generation,
      unplaced: data.unplaced,
      reason: shared(state, data.reason),
      message: shared(state, data.message),
    },
    shares: byCluster(shares),
    startedAt: workload.startedAt === 0 && data.placements.length > 0 ? at : workload.startedAt,
  });
}

export function evolveEvictionProgress(
  state: ObjectsState,
  { data, at }: EntryOf<'EvictionProgressed'>,
  place: EntryPlace,
): void {
  for (const { ref, leaving } of data.shares) {
    const found = findWorkload(state, ref);
    const share = found?.workload.shares.find(({ cluster }) => cluster === data.cluster);
    if (found === undefined || share === undefined || share.leaving <= leaving) continue;
    const isOver = !share.placed && leaving === 0 && share.observed === undefined;
    const shares = found.workload.shares.flatMap((each) =>
      each !== share ? each : isOver ? [] : { ...each, leaving },
    );
    change(state, found.record, place, at, { ...found.workload, shares });
  }
}

export function evolveRollout(state: ObjectsState, { data, at }: EntryOf<'RolloutAdvanced'>, place: EntryPlace): void {
  const found = findWorkload(state, data.ref);
  if (found?.record.generation !== data.generation) return;
  const { from, message } = data;
  const rollout: RolloutRecord | undefined =
    data.state === 'Complete'
      ? undefined
      : { state: data.state, generation: data.generation, from, message, released: data.released };
  change(state, found.record, place, at, { ...found.workload, rollout });
}

export function evolveWorkObservation(state: ObjectsState, entry: EntryOf<'WorkObserved'>, place: EntryPlace): void {
  const cluster = observedCluster(place.subject);
  const found = findWorkload(state, entry.data.ref);
  if (found === undefined || cluster === '') return;
  const { shares } = found.workload;
  const observed = observation(state, entry.data, entry.at);
  const old = shares.find((share) => share.cluster === cluster);
  const next: readonly ShareRecord[] =
    old === undefined
      ? byCluster([
          ...shares,
          {
            ...{ cluster: state.texts.intern(cluster), placed: false, replicas: 0 },
            ...{ completions: undefined, leaving: 0, observed },
          },
        ])
      : shares.map((share) => (share === old ? { ...share, observed } : share));
  change(state, found.record, place, entry.at, { ...found.workload, shares: next });
}

export function evolveWorkRemoval(state: ObjectsState, entry: EntryOf<'WorkRemoved'>, place: EntryPlace): void {
  const cluster = observedCluster(place.subject);
  const found = findWorkload(state, entry.data.ref);
  if (!found?.workload.shares.some((share) => share.cluster === cluster)) return;
  const shares = found.workload.shares.flatMap((share) => {
    if (share.cluster !== cluster || endedOnLeaving(state, found.record, share)) return [share];
    return share.placed ? [{ ...share, observed: undefined }] : [];
  });
  change(state, found.record, place, entry.at, { ...found.workload, shares });
}

/** What ran to its end on a cluster that is being deleted has still ended when that cluster has tidied it away. */
function endedOnLeaving(state: ObjectsState, record: ObjectRecord, share: ShareRecord): boolean {
  const cluster = state.table.get('Cluster', '', share.cluster);
  return share.placed && record.deletedAt === 0 && (cluster?.deletedAt ?? 1) > 0 && isShareFinished(record, share);
}

function change(
  state: ObjectsState,
  record: ObjectRecord,
  { position }: EntryPlace,
  at: number,
  workload: WorkloadRecord,
): void {
  replaceRecord(state, record, { ...record, position, workload: withPhase(workload, record.generation, at) });
}

function findWorkload(
  state: ObjectsState,
  ref: EntryData<'PlacementDecided'>['ref'],
): { record: ObjectRecord; workload: WorkloadRecord } | undefined {
  const record = findRef(state, ref);
  return record?.workload === undefined ? undefined : { record, workload: record.workload };
}

const observation = (state: ObjectsState, data: EntryData<'WorkObserved'>, at: number): WorkObservation => ({
  at,
  generation: data.generation,
  phase: data.phase,
  replicas: data.replicas,
  ready: data.ready,
  running: data.running,
  pending: data.pending,
  succeeded: data.succeeded,
  failed: data.failed,
  reason: shared(state, data.reason),
  message: shared(state, data.message),
  ...(data.pods === undefined ? {} : { pods: data.pods.map((pod) => sharedPod(state, pod)) }),
  ...(data.outdated === undefined ? {} : { outdated: data.outdated }),
  ...(data.morePods === undefined ? {} : { morePods: data.morePods }),
});

/** Nodes, phases and names of containers are those of many pods. */
function sharedPod({ texts }: ObjectsState, pod: ObservedPod): ObservedPod {
  return {
    ...pod,
    phase: texts.intern(pod.phase),
    ...(pod.node === undefined ? {} : { node: texts.intern(pod.node) }),
    containers: pod.containers.map(({ name, ready }) => ({ name: texts.intern(name), ready })),
  };
}

const shared = (state: ObjectsState, text: string | undefined): string | undefined =>
  text === undefined ? undefined : state.texts.intern(text);

const byCluster = (shares: readonly ShareRecord[]): readonly ShareRecord[] =>
  shares.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
