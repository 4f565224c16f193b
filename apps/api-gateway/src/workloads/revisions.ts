/** The pod templates that a workload has had, read back from what users wrote; what `skyctl rollout history` and `undo` work with. */
import { decodeEntry, keptRevisionsName } from '@skyflow/contracts';
import {
  type Revision,
  type RevisionState,
  type WrittenTemplate,
  evolveRevisions,
  initialRevisions,
} from '@skyflow/domain';
import type { EventLog } from '@skyflow/event-log';
import type { FoundWorkload } from './workload-finder.js';

/** Clocks of writers may differ from that of the server. */
const CLOCK_SKEW_MS = 10_000;
const COMMANDS = ['sky.cmd.>'];

export interface RevisionList {
  kind: 'RevisionList';
  /** Ascending; the last is what the workload has now. */
  items: (Revision & WrittenTemplate)[];
}

/** @param to last commit that counts; default: that of now */
export async function revisionsOf(
  log: EventLog,
  { record }: Pick<FoundWorkload, 'record'>,
  signal: AbortSignal,
  to?: number,
): Promise<RevisionList> {
  const { kind, namespace, name, uid } = record;
  const made = await log.sequenceAt(Date.parse(record.creationTimestamp) - CLOCK_SKEW_MS);
  const first = await log.first();
  // Of what has been purged since, its templates were kept.
  const kept = made + 1 < first ? await log.kept(keptRevisionsName(uid)) : undefined;
  const state = (kept as RevisionState<WrittenTemplate> | undefined) ?? initialRevisions<WrittenTemplate>();
  const since = kept === undefined ? made : first;
  const commands = log.read({ from: since + 1, to: to ?? (await log.head()), subjects: COMMANDS, signal });
  for await (const { commit } of commands) {
    for (const raw of commit.entries) {
      const written = { time: new Date(raw.at).toISOString(), actor: raw.actor };
      evolveRevisions(state, { kind, namespace, name }, decodeEntry(raw), written);
    }
  }
  return { kind: 'RevisionList', items: state.revisions };
}
