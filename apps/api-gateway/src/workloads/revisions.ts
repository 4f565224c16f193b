/** The pod templates that a workload has had, read back from what users wrote; what `skyctl rollout history` and `undo` work with. */
import { decodeEntry } from '@skyflow/contracts';
import { type Revision, evolveRevisions, initialRevisions } from '@skyflow/domain';
import type { EventLog } from '@skyflow/event-log';
import type { FoundWorkload } from './workload-finder.js';

/** Clocks of writers may differ from that of the server. */
const CLOCK_SKEW_MS = 10_000;
const COMMANDS = ['sky.cmd.>'];

interface Written {
  /** RFC 3339. */
  time: string;
  actor: string;
}

export interface RevisionList {
  kind: 'RevisionList';
  /** Ascending; the last is what the workload has now. */
  items: (Revision & Written)[];
}

/** @param to last commit that counts; default: that of now */
export async function revisionsOf(
  log: EventLog,
  { record }: Pick<FoundWorkload, 'record'>,
  signal: AbortSignal,
  to?: number,
): Promise<RevisionList> {
  const { kind, namespace, name } = record;
  const since = await log.sequenceAt(Date.parse(record.creationTimestamp) - CLOCK_SKEW_MS);
  const state = initialRevisions<Written>();
  const commands = log.read({ from: since + 1, to: to ?? (await log.head()), subjects: COMMANDS, signal });
  for await (const { commit } of commands) {
    for (const raw of commit.entries) {
      const written = { time: new Date(raw.at).toISOString(), actor: raw.actor };
      evolveRevisions(state, { kind, namespace, name }, decodeEntry(raw), written);
    }
  }
  return { kind: 'RevisionList', items: state.revisions };
}
