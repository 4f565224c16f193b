/**
 * Why the replicas of a workload are where they are: the scheduler's last decision, read back from the log, and how things stand for it
 * now, asked from the scheduler. Without a scheduler the decision alone.
 */
import {
  ENTRIES_PER_COMMIT,
  type EntryData,
  decodeEntry,
  keptEntryName,
  type RawEntry,
  type PlacementExplanation,
  type WorkloadClusterStatus,
  explainReplySchema,
  sequenceOf,
} from '@skyflow/contracts';
import { StatusError } from '@skyflow/apimachinery';
import type { EventLog } from '@skyflow/event-log';
import { timestamp } from '@skyflow/domain';
import type { GatewayOptions } from '../gateway-options.js';
import { askScheduler } from '../scheduler/ask-scheduler.js';
import type { FoundWorkload } from './workload-finder.js';

export interface Explanation {
  kind: string;
  namespace: string;
  name: string;
  phase: string;
  reason?: string;
  message?: string;
  /** What became of each cluster's share, in the words of its agent. */
  clusters: WorkloadClusterStatus[];
  /** When and where in the log it was decided; absent: not yet. */
  decidedAt?: string;
  position?: number;
  generation?: number;
  epoch?: number;
  basis?: number;
  code?: string;
  placements?: EntryData<'PlacementDecided'>['placements'];
  unplaced?: number;
  verdicts?: EntryData<'PlacementDecided'>['verdicts'];
  /** As the active scheduler sees it now. */
  now?: PlacementExplanation;
  /** Why there is no `now`. */
  nowUnknown?: string;
}

/** `atLeastSeq`: what the scheduler must have folded; undefined: it is about what was, which it cannot be asked. */
export async function explain(
  { log, nats }: Pick<GatewayOptions, 'log' | 'nats'>,
  { record, workload, status }: FoundWorkload,
  atLeastSeq: number | undefined,
): Promise<Explanation> {
  const about: Explanation = {
    kind: record.kind,
    namespace: record.namespace,
    name: record.name,
    phase: status.phase,
    ...(status.reason === undefined ? {} : { reason: status.reason }),
    ...(status.message === undefined ? {} : { message: status.message }),
    clusters: status.clusters,
    ...(atLeastSeq === undefined ? { nowUnknown: OF_THE_PAST } : await askNow(nats, record.uid, atLeastSeq)),
  };
  const { decision } = workload;
  if (decision === undefined) return about;
  const data = await readDecision(log, decision.position);
  if (data === undefined) return about;
  return {
    ...about,
    ...(data.reason === undefined ? {} : { reason: data.reason }),
    ...(data.message === undefined ? {} : { message: data.message }),
    decidedAt: timestamp(decision.at),
    position: decision.position,
    generation: data.generation,
    epoch: data.epoch,
    basis: data.basis,
    code: data.code,
    placements: data.placements,
    unplaced: data.unplaced,
    verdicts: data.verdicts,
  };
}

/** What of it somebody may see who may not see all clusters: their verdicts and shares; no words about all of it, which may name others. */
export function inClusters(
  { message: _message, reason: _reason, ...about }: Explanation,
  sees: (cluster: string) => boolean,
): Explanation {
  const seen = <T extends { cluster: string }>(all: readonly T[]): T[] => all.filter(({ cluster }) => sees(cluster));
  const { placements, verdicts, now } = about;
  return {
    ...about,
    clusters: seen(about.clusters),
    ...(placements === undefined ? {} : { placements: seen(placements) }),
    ...(verdicts === undefined ? {} : { verdicts: seen(verdicts) }),
    ...(now === undefined ? {} : { now: { ...now, clusters: seen(now.clusters) } }),
  };
}

const OF_THE_PAST = 'this is about the past: of what the clusters had to say then, the log has what was decided';

async function askNow(
  nats: GatewayOptions['nats'],
  uid: string,
  atLeastSeq: number,
): Promise<Pick<Explanation, 'now' | 'nowUnknown'>> {
  try {
    const { explanation } = await askScheduler(nats, 'explain', { uid, atLeastSeq }, explainReplySchema);
    return { now: explanation };
  } catch (error) {
    if (error instanceof StatusError) return { nowUnknown: error.message };
    throw error;
  }
}

async function readDecision(log: EventLog, position: number): Promise<EntryData<'PlacementDecided'> | undefined> {
  const seq = sequenceOf(position);
  for await (const recorded of log.read({ from: seq, to: seq })) {
    const entry = recorded.commit.entries[position % ENTRIES_PER_COMMIT];
    if (entry?.type === 'PlacementDecided') return entry.data;
  }
  // The last decision of each workload is kept where history is purged.
  const kept = await log.kept(keptEntryName(position));
  const entry = kept === undefined ? undefined : decodeEntry(kept as RawEntry);
  return entry?.type === 'PlacementDecided' ? entry.data : undefined;
}
