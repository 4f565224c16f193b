/** Why the replicas of a workload are where they are: the scheduler's last decision, read back from the log. */
import { ENTRIES_PER_COMMIT, sequenceOf, type EntryData } from '@skyflow/contracts';
import type { EventLog } from '@skyflow/event-log';
import { timestamp } from '@skyflow/domain';
import type { FoundWorkload } from './workload-finder.js';

export interface Explanation {
  kind: string;
  namespace: string;
  name: string;
  phase: string;
  reason?: string;
  message?: string;
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
}

export async function explain(log: EventLog, { record, workload, status }: FoundWorkload): Promise<Explanation> {
  const about: Explanation = {
    kind: record.kind,
    namespace: record.namespace,
    name: record.name,
    phase: status.phase,
    ...(status.reason === undefined ? {} : { reason: status.reason }),
    ...(status.message === undefined ? {} : { message: status.message }),
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

async function readDecision(log: EventLog, position: number): Promise<EntryData<'PlacementDecided'> | undefined> {
  const seq = sequenceOf(position);
  for await (const recorded of log.read({ from: seq, to: seq })) {
    const entry = recorded.commit.entries[position % ENTRIES_PER_COMMIT];
    if (entry?.type === 'PlacementDecided') return entry.data;
  }
  return undefined;
}
