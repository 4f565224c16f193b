/** What the slowest jobs waited for, by the times in the log: the clocks are those of one machine. */
import { commandSubject, decisionSubject } from '@skyflow/contracts';
import type { JetStreamEventLog } from '@skyflow/event-log';

/** ms since the epoch. */
interface Times {
  sent: number;
  seen: number;
  /** When its entries were written by gateway and scheduler, and stored. */
  accepted: number;
  acceptedStored: number;
  decided: number;
  decidedStored: number;
}

const STAGES = [
  ['accept', 'sent', 'accepted'],
  ['store', 'accepted', 'acceptedStored'],
  ['decide', 'acceptedStored', 'decided'],
  ['store', 'decided', 'decidedStored'],
  ['read', 'decidedStored', 'seen'],
] as const;

/** Mean ms in each stage of those named: `accept 1, store 20, …`. @param jobs by name, on the clock of `performance.now()` */
export async function stagesOf(
  log: JetStreamEventLog,
  jobs: ReadonlyMap<string, { sent: number; seen: number }>,
): Promise<string> {
  const times = new Map<string, Times>();
  for (const [name, { sent, seen }] of jobs) {
    const at = { sent: sent + performance.timeOrigin, seen: seen + performance.timeOrigin };
    times.set(name, { ...at, accepted: 0, acceptedStored: 0, decided: 0, decidedStored: 0 });
  }
  for await (const { commit, storedAt } of log.read({ subjects: [commandSubject(), decisionSubject('scheduler')] })) {
    for (const { type, at, data } of commit.entries) {
      const job = type === 'ObjectCreated' ? times.get(data.object.metadata.name) : undefined;
      if (job !== undefined) Object.assign(job, { accepted: at, acceptedStored: storedAt });
      const placed = type === 'PlacementDecided' ? times.get(data.ref.name) : undefined;
      if (placed !== undefined) Object.assign(placed, { decided: at, decidedStored: storedAt });
    }
  }
  const all = [...times.values()];
  return STAGES.map(([stage, from, to]) => {
    const mean = all.reduce((sum, each) => sum + each[to] - each[from], 0) / Math.max(1, all.length);
    return `${stage} ${mean.toFixed(0)}`;
  }).join(', ');
}
