/**
 * Records as rows for snapshots: arrays instead of objects, and every text that repeats once per piece. Half the size and a third
 * of the time of plain JSON objects at a million of them.
 */
import type { ObservedPod, Position, ResourceList, WorkloadKind, WorkloadPhase } from '@skyflow/contracts';
import type {
  ClusterObservation,
  DecisionRecord,
  NativeKind,
  ObjectRecord,
  RolloutRecord,
  ShareRecord,
  WorkloadFacts,
  WorkloadRecord,
  WorkObservation,
} from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import { type TemplatesRow, templatesOf, templatesRow } from './template-rows.js';

/** Index into the texts of the piece. */
type Text = number;

type FactsRow = [
  native: NativeKind,
  replicas: number,
  completions: number | null,
  requests: ResourceList,
  queue: string,
  priorityClass: string | null,
  limits: ResourceList,
];
type DecisionRow = [Position, at: number, generation: number, unplaced: number, reason: Text, message: Text];
type ObservedRow = [
  at: number,
  generation: number,
  phase: Text,
  replicas: number,
  ready: number,
  running: number,
  pending: number,
  succeeded: number,
  failed: number,
  reason: Text,
  message: Text,
  pods: readonly ObservedPod[] | 0,
  morePods: number,
  /** Absent in snapshots of before. */
  outdated?: number,
];
type ShareRow = [
  cluster: Text,
  placed: 0 | 1,
  replicas: number,
  completions: number | null,
  ObservedRow | 0,
  leaving: number,
];
type WorkloadRow = [
  facts: Text,
  DecisionRow | 0,
  ShareRow[],
  phase: Text,
  phaseAt: number,
  startedAt: number,
  priority: number,
  createdPosition: Position,
  rollout: RolloutRecord | 0,
  templates: TemplatesRow | 0,
  createdBy: Text,
];

type RecordRow = [
  apiVersion: Text,
  kind: Text,
  namespace: Text,
  name: string,
  uid: string,
  creationTimestamp: Text,
  generation: number,
  position: Position,
  specPosition: Position,
  deletedAt: number,
  released: 0 | 1,
  meta: Text,
  managed: Text,
  body: Text,
  workload: WorkloadRow | 0,
  observation: ClusterObservation | 0,
  decided: Text,
];

export interface RecordPiece {
  t: 'objects';
  texts: string[];
  rows: RecordRow[];
}

export function recordPiece(records: readonly ObjectRecord[]): RecordPiece {
  const texts = new TextWriter();
  return { t: 'objects', texts: texts.all, rows: records.map((record) => rowOf(record, texts)) };
}

/** The records as the fold would have made them: every field there, equal texts shared over pieces too. */
export function* recordsOf(piece: RecordPiece, state: ObjectsState): Iterable<ObjectRecord> {
  const texts = piece.texts.map((text) => state.texts.intern(text));
  for (const row of piece.rows) yield recordOf(row, texts, state);
}

/** Position 0 stands for "none". */
class TextWriter {
  readonly all: string[] = [''];
  private readonly known = new Map<string | undefined, number>([
    [undefined, 0],
    ['', 0],
  ]);

  index(text: string | undefined): Text {
    let index = this.known.get(text);
    if (index === undefined) {
      index = this.all.push(text as string) - 1;
      this.known.set(text, index);
    }
    return index;
  }
}

function rowOf(record: ObjectRecord, texts: TextWriter): RecordRow {
  return [
    texts.index(record.apiVersion),
    texts.index(record.kind),
    texts.index(record.namespace),
    record.name,
    record.uid,
    texts.index(record.creationTimestamp),
    record.generation,
    record.position,
    record.specPosition,
    record.deletedAt,
    record.released ? 1 : 0,
    texts.index(record.meta),
    texts.index(record.managed),
    texts.index(record.body),
    record.workload === undefined ? 0 : workloadRow(record.workload, texts),
    record.observation ?? 0,
    texts.index(record.decided),
  ];
}

function workloadRow(
  {
    facts,
    decision,
    shares,
    phase,
    phaseAt,
    startedAt,
    priority,
    createdPosition,
    rollout,
    templates,
    createdBy,
  }: WorkloadRecord,
  texts: TextWriter,
): WorkloadRow {
  const { native, replicas, completions, requests, queue, priorityClass, limits } = facts;
  const row: FactsRow = [native, replicas, completions ?? null, requests, queue, priorityClass ?? null, limits];
  return [
    texts.index(JSON.stringify(row)),
    decision === undefined ? 0 : decisionRow(decision, texts),
    shares.map((share) => shareRow(share, texts)),
    texts.index(phase),
    phaseAt,
    startedAt,
    priority,
    createdPosition,
    rollout ?? 0,
    templates === undefined ? 0 : templatesRow(templates, texts),
    texts.index(createdBy),
  ];
}

const decisionRow = (decision: DecisionRecord, texts: TextWriter): DecisionRow => [
  decision.position,
  decision.at,
  decision.generation,
  decision.unplaced,
  texts.index(decision.reason),
  texts.index(decision.message),
];

function shareRow(
  { cluster, placed, replicas, completions, leaving, observed }: ShareRecord,
  texts: TextWriter,
): ShareRow {
  const seen: ObservedRow | 0 =
    observed === undefined
      ? 0
      : [
          observed.at,
          observed.generation,
          texts.index(observed.phase),
          observed.replicas,
          observed.ready,
          observed.running,
          observed.pending,
          observed.succeeded,
          observed.failed,
          texts.index(observed.reason),
          texts.index(observed.message),
          observed.pods ?? 0,
          observed.morePods ?? 0,
          observed.outdated ?? 0,
        ];
  return [texts.index(cluster), placed ? 1 : 0, replicas, completions ?? null, seen, leaving];
}

function recordOf(row: RecordRow, texts: readonly string[], state: ObjectsState): ObjectRecord {
  const kind = texts[row[1]] as string;
  const body = texts[row[13]] as string;
  return {
    apiVersion: texts[row[0]] as string,
    kind,
    namespace: texts[row[2]] as string,
    name: row[3],
    uid: row[4],
    creationTimestamp: texts[row[5]] as string,
    generation: row[6],
    position: row[7],
    specPosition: row[8],
    deletedAt: row[9],
    released: row[10] === 1,
    meta: texts[row[11]] as string,
    managed: texts[row[12]] as string,
    body,
    workload: row[14] === 0 ? undefined : workloadOf(row[14], kind as WorkloadKind, body, texts, state),
    observation: row[15] === 0 ? undefined : row[15],
    decided: texts[row[16]] as string,
  };
}

function workloadOf(
  [
    facts,
    decision,
    shares,
    phase,
    phaseAt,
    startedAt,
    priority,
    createdPosition,
    rollout,
    templates,
    createdBy,
  ]: WorkloadRow,
  kind: WorkloadKind,
  body: string,
  texts: readonly string[],
  state: ObjectsState,
): WorkloadRecord {
  return {
    facts: factsOf(texts[facts] as string, kind, body, state),
    decision: decision === 0 ? undefined : decisionOf(decision, texts),
    shares: shares.map((share) => shareOf(share, texts)),
    phase: texts[phase] as WorkloadPhase,
    phaseAt,
    startedAt,
    priority,
    createdPosition,
    createdBy: texts[createdBy] as string,
    ...(rollout !== 0 && { rollout }),
    ...(templates !== 0 && { templates: templatesOf(templates, texts) }),
  };
}

function decisionOf(row: DecisionRow, texts: readonly string[]): DecisionRecord {
  const [position, at, generation, unplaced, reason, message] = row;
  return { position, at, generation, unplaced, reason: textOf(reason, texts), message: textOf(message, texts) };
}

function shareOf(
  [cluster, placed, replicas, completions, observed, leaving]: ShareRow,
  texts: readonly string[],
): ShareRecord {
  return {
    cluster: texts[cluster] as string,
    placed: placed === 1,
    replicas,
    completions: completions ?? undefined,
    leaving,
    observed: observed === 0 ? undefined : observedOf(observed, texts),
  };
}

function observedOf(row: ObservedRow, texts: readonly string[]): WorkObservation {
  const [at, generation, phase, replicas, ready, running, pending, succeeded, failed, ...rest] = row;
  const [reason, message, pods, morePods, outdated = 0] = rest;
  return {
    at,
    generation,
    phase: texts[phase] as WorkObservation['phase'],
    replicas,
    ready,
    running,
    pending,
    succeeded,
    failed,
    reason: textOf(reason, texts),
    message: textOf(message, texts),
    ...(pods !== 0 && { pods }),
    ...(morePods !== 0 && { morePods }),
    ...(outdated !== 0 && { outdated }),
  };
}

const textOf = (index: Text, texts: readonly string[]): string | undefined => (index === 0 ? undefined : texts[index]);

/** Shared by all objects of the same body. */
function factsOf(text: string, kind: WorkloadKind, body: string, { facts }: ObjectsState): WorkloadFacts {
  const known = facts[kind].get(body);
  if (known !== undefined) return known;
  const [native, replicas, completions, requests, queue, priorityClass, limits] = JSON.parse(text) as FactsRow;
  const made: WorkloadFacts = {
    ...{ native, replicas, requests, limits, queue },
    completions: completions ?? undefined,
    priorityClass: priorityClass ?? undefined,
  };
  facts[kind].set(body, made);
  return made;
}
