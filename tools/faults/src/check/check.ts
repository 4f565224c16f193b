/** The verdict on a history: pure, so that it can be tested with histories that are wrong. */
import type { Acknowledged, History, ListedJob, OwnRead, Outcome, Replica, Seen, Verdict } from './history.js';

const ENDED = 'COMPLETED';
const DELETING = 'DELETING';

/** Of what was seen while faults came: this does not mend with time. */
export function checkHistory({ ownReads, watches }: History): Pick<Verdict, 'stale' | 'regressed'> {
  return {
    stale: ownReads.flatMap((read) => (isStale(read) ? [staleWords(read)] : [])),
    regressed: watches.flatMap((seen) => regressions(seen)),
  };
}

/** Of what there is at the end, once it had time to settle. */
export function checkOutcome(history: History, outcome: Outcome): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], stale: [], regressed: [] };
  for (const [gateway, listed] of outcome.listed) {
    const byName = new Map(listed.map((job) => [job.name, job]));
    for (const [name, acknowledged] of history.ledger) {
      compareJob(`${gateway}: ${name}`, acknowledged, byName.get(name), verdict);
    }
    for (const [name, { uid }] of history.deleted) {
      if (byName.get(name)?.uid === uid) verdict.lost.push(`${gateway}: the deletion of ${name} (${uid})`);
    }
    for (const { name, uid } of listed) {
      if (!history.ledger.has(name) && history.deleted.get(name)?.uid !== uid) {
        verdict.doubled.push(`${gateway}: ${name} (${uid}) was never acknowledged`);
      }
    }
  }
  for (const [name, { uid }] of history.ledger) compareLog(name, uid, outcome, verdict);
  compareNatives(history, outcome, verdict);
  verdict.lost.push(...differences(outcome.replicas));
  return verdict;
}

/** Every nats-server serves reads: one that holds another log than the others tells whoever reads there something else. */
function differences(replicas: readonly Replica[]): string[] {
  const [first, ...others] = replicas.toSorted((a, b) => b.lastSequence - a.lastSequence || b.messages - a.messages);
  if (first === undefined) return [];
  return others
    .filter(({ messages, lastSequence, bytes }) =>
      [messages - first.messages, lastSequence - first.lastSequence, bytes - first.bytes].some((more) => more !== 0),
    )
    .map((other) => `${replicaWords(other)}, ${replicaWords(first)}`);
}

function compareJob(what: string, wanted: Acknowledged, job: ListedJob | undefined, verdict: Verdict): void {
  if (job?.uid !== wanted.uid) {
    verdict.lost.push(`${what} (${wanted.uid}): ${job === undefined ? 'is not there' : `is another one (${job.uid})`}`);
    return;
  }
  if (job.replicas !== wanted.replicas) {
    verdict.lost.push(`${what}: has ${job.replicas} replicas, ${wanted.replicas} were acknowledged`);
  }
  const placed = Object.values(job.placed).reduce((sum, count) => sum + count, 0);
  const phase = wanted.ends ? ENDED : 'RUNNING';
  if (job.phase !== phase || placed !== wanted.replicas) {
    verdict.stale.push(`${what}: is ${job.phase} with ${placed} of ${wanted.replicas} replicas, not ${phase}`);
  }
}

function compareLog(name: string, uid: string, { createdInLog }: Outcome, verdict: Verdict): void {
  const created = (createdInLog.get(name) ?? []).filter((each) => each === uid).length;
  if (created === 0) verdict.lost.push(`the log: the creation of ${name} (${uid})`);
  if (created > 1) verdict.doubled.push(`the log: ${name} (${uid}) is created ${created} times`);
}

/** Each cluster has each workload once, with the size that its status says, and nothing else. */
function compareNatives({ ledger }: History, { listed, natives }: Outcome, verdict: Verdict): void {
  const wanted = new Map<string, number>();
  const [jobs = []] = listed.values();
  for (const { uid, placed } of jobs) {
    for (const [cluster, size] of Object.entries(placed)) if (size > 0) wanted.set(`${cluster}/${uid}`, size);
  }
  const names = new Map([...ledger].map(([name, { uid }]) => [uid, name]));
  const found = new Map<string, number>();
  for (const { cluster, uid, size } of natives) {
    const key = `${cluster}/${uid}`;
    const name = `${cluster}: ${names.get(uid) ?? 'a workload that is not wanted'} (${uid})`;
    if (found.has(key)) verdict.doubled.push(`${name} is there more than once`);
    found.set(key, size);
    const most = wanted.get(key);
    if (most === undefined) verdict.doubled.push(`${name} runs there, and should not`);
    else if (size > most) verdict.doubled.push(`${name} has ${size} replicas there, and should have ${most}`);
    else if (size < most) verdict.stale.push(`${name} has ${size} replicas there, and should have ${most}`);
  }
  // What has ended is not made again where a member cluster lost all that it held.
  const ended = new Set(jobs.filter(({ phase }) => phase === ENDED).map(({ uid }) => uid));
  for (const [key, size] of wanted) {
    if (!found.has(key) && !ended.has(key.slice(key.indexOf('/') + 1))) {
      verdict.lost.push(`${key}: ${size} replicas are not there`);
    }
  }
}

const replicaWords = ({ node, messages, lastSequence, bytes }: Replica): string =>
  `${node} has ${messages} commits of the log up to ${lastSequence} in ${bytes} bytes`;
const isStale = ({ read, wrote }: OwnRead): boolean => read === undefined || read < wrote;
const staleWords = ({ name, uid, wrote, read }: OwnRead): string =>
  `${name} (${uid}): version ${wrote} was written, and then ${read === undefined ? 'nothing' : `version ${read}`} was read`;

function regressions(seen: readonly Seen[]): string[] {
  const last = new Map<string, Seen>();
  const words: string[] = [];
  for (const now of seen) {
    const before = last.get(now.uid);
    last.set(now.uid, now);
    if (before === undefined) continue;
    if (now.version < before.version) words.push(`${now.name}: version ${now.version} came after ${before.version}`);
    if (before.phase === ENDED && ![ENDED, DELETING].includes(now.phase))
      words.push(`${now.name}: ${now.phase} came after ${ENDED}`);
  }
  return words;
}
