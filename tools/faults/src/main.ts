/** `npm run test:faults`: starts the system, lets clients write and read while faults come, and says what came of it in one line. */
import { setTimeout as pause } from 'node:timers/promises';
import { checkHistory, checkOutcome } from './check/check.js';
import type { History, Verdict } from './check/history.js';
import { ELECTION_MS, LEASE_MS, judgeWaits } from './check/waits.js';
import { Client } from './client/client.js';
import { logText, look } from './client/look.js';
import { Watcher } from './client/watcher.js';
import { inflictOne, possibleFaults, rollAll } from './faults.js';
import { type FaultOptions, UsageError, parseOptions } from './options.js';
import { Random } from './random.js';
import { soak } from './soak/soak.js';
import { System } from './system/system.js';

const CLIENTS = 3;
const CALM_MS = [300, 1_500] as const;
const ROLL_CALM_MS = 1_000;
const SETTLE_MS = 150_000;
const TELL_MS = 20_000;
const SEEDS = 1_000_000;
/** Of each kind of trouble so many are told. */
const MOST_WORDS = 20;
/** Processes that want to run on a core: with more of them every process waits for seconds. */
const MOST_BUSY = 6;
const LEAST_ROOM_MIB = 256;
const SECONDS_PER_MIB = 8;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  let options: FaultOptions;
  try {
    options = parseOptions(args, process.env, Math.floor(Math.random() * SEEDS));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const { seed, seconds, instances, soakMinutes, logs, waitsAreTold, beside } = options;
  const what = soakMinutes === undefined ? `faults: seed ${seed}, ${seconds} s` : `soak: ${soakMinutes} minutes`;
  say(`${what}, ${instances} of every service, three nats-servers, two member clusters`);
  if (beside !== undefined) say(`every other one is the program of ${beside}`);
  const system = await System.start({
    instances,
    logs,
    beside,
    ...(soakMinutes === undefined ? { fillableMiB: roomFor(seconds) } : {}),
    measures: soakMinutes !== undefined,
  });
  const end = (): void => void system.stop().then(() => process.exit(1));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    if (soakMinutes !== undefined) {
      const growing = await soak(system, new Random(seed), soakMinutes, say);
      say(growing.length === 0 ? 'soak: flat' : `soak: ${growing.length} grow`);
      return growing.length === 0 ? 0 : 1;
    }
    const { late, ...found } = await inflict(system, new Random(seed), seconds);
    const verdict = { ...found, late: waitsAreTold ? [] : late };
    if (waitsAreTold) for (const words of late.slice(0, MOST_WORDS)) say(`late, and not held against it: ${words}`);
    const isGood = Object.values<string[]>(verdict).every((words) => words.length === 0);
    if (!isGood) say(`\n${system.lastWords(MOST_WORDS)}\n`);
    for (const [what, words] of Object.entries<string[]>(verdict)) {
      for (const each of words.slice(0, MOST_WORDS)) say(`${what}: ${each}`);
    }
    if (!isGood && logs !== undefined) system.save('log.ndjson', await logText(system));
    const { lost, doubled, stale, regressed } = verdict;
    say(`lost ${lost.length} doubled ${doubled.length} stale ${stale.length} regressed ${regressed.length}`);
    return isGood ? 0 : 1;
  } finally {
    await system.stop();
  }
}

/** For the log of so many seconds, in MiB: 256 were full after 99 minutes. */
function roomFor(seconds: number): number {
  return Math.max(LEAST_ROOM_MIB, Math.ceil(seconds / SECONDS_PER_MIB));
}

async function inflict(system: System, random: Random, seconds: number): Promise<Verdict & { late: string[] }> {
  const over = new AbortController();
  const clients = Array.from(
    { length: CLIENTS },
    (_, index) => new Client(system, new Random(random.seed + index + 1), `c${index}`),
  );
  const watchers = system.gateways.map((gateway) => new Watcher(system, gateway));
  const watching = new AbortController();
  const watches = watchers.map((watcher) => watcher.run(watching.signal));
  const running = Promise.all(clients.map((client) => client.run(over.signal)));
  const faults = breakThings(system, random, seconds);
  await Promise.race([faults, running]);
  await faults;
  const gapInFaults = Math.max(...clients.map(({ longestGapMs }) => longestGapMs));
  for (const client of clients) client.longestGapMs = 0;
  say('every process is started anew, one after the other');
  await rollAll(system, ROLL_CALM_MS);
  over.abort();
  await running;
  const gapInRoll = Math.max(...clients.map(({ longestGapMs }) => longestGapMs));
  say(
    `${clients.reduce((sum, { writes }) => sum + writes, 0)} writes; the longest time without an acknowledged one: ` +
      `${(gapInFaults / 1_000).toFixed(1)} s in faults, ${(gapInRoll / 1_000).toFixed(1)} s while all were started anew`,
  );
  const refused = clients.flatMap(({ refusedBeside }) => refusedBeside);
  if (refused.length > 0)
    say(`the version beside refused ${refused.length} that this one was asked for then: ${refused[0] ?? ''}`);
  const history: History = {
    ledger: new Map(clients.flatMap(({ ledger }) => [...ledger])),
    deleted: new Map(clients.flatMap(({ deleted }) => [...deleted])),
    ownReads: clients.flatMap(({ ownReads }) => ownReads),
    watches: watchers.map(({ seen }) => seen),
  };
  const late = judge(system, clients);
  const settled = await settle(system, history);
  watching.abort();
  await Promise.all(watches);
  const seen = checkHistory(history);
  say(
    `${history.ledger.size} jobs are there, ${history.deleted.size} were deleted; ${history.ownReads.length} reads of own writes, ` +
      `${history.watches.reduce((sum, each) => sum + each.length, 0)} events watched`,
  );
  return {
    ...settled,
    stale: [...seen.stale, ...settled.stale],
    regressed: [...seen.regressed, ...settled.regressed],
    late,
  };
}

/** Waits that were too long; none where the machine had no time for anybody. */
function judge({ availability }: System, clients: readonly Client[]): string[] {
  const { longestMs, late, unjudged } = judgeWaits(
    clients.flatMap(({ waits }) => waits),
    availability.aways,
  );
  const isBusy = availability.busiest > MOST_BUSY;
  say(
    `while at most one of a kind was away: ${(longestMs / 1_000).toFixed(1)} s; ${late.length} waits longer than the time of a lease ` +
      `(${LEASE_MS / 1_000} s, with a node of NATS away ${(LEASE_MS + ELECTION_MS) / 1_000} s); ${unjudged} while more were away`,
  );
  if (!isBusy) return late;
  say(`not held against it: up to ${availability.busiest.toFixed(0)} processes wanted to run on each core`);
  for (const words of late.slice(0, MOST_WORDS)) say(`late on a busy machine: ${words}`);
  return [];
}

/** Each fault once, in an order of the seed's; then again in another order, until the time is over. */
async function breakThings(system: System, random: Random, seconds: number): Promise<void> {
  const names = possibleFaults(system);
  if (!names.includes('disk full')) say('disk full: left out, for no disk may be mounted here');
  const counts = new Map<string, number>();
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    for (const name of random.shuffled(names)) {
      if (performance.now() > end) break;
      await inflictOne(name, system, random);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      await pause(random.between(...CALM_MS));
    }
  }
  say([...counts].map(([name, count]) => `${name} ${count}`).join(', '));
}

/** The verdict as soon as there is nothing to be said, or what is left of it when there was time enough. */
async function settle(system: System, history: History): Promise<Verdict> {
  const deadline = performance.now() + SETTLE_MS;
  let tellAt = performance.now() + TELL_MS;
  for (;;) {
    let verdict: Verdict | undefined;
    let why: string;
    try {
      verdict = checkOutcome(history, await look(system));
      why = Object.values(verdict).flat().slice(0, 3).join('; ');
      if (Object.values(verdict).every((words: string[]) => words.length === 0)) return verdict;
    } catch (error) {
      why = (error as Error).message;
      if (performance.now() > deadline) throw new Error(`what there is cannot be judged: ${why}`, { cause: error });
    }
    if (verdict !== undefined && performance.now() > deadline) return verdict;
    if (performance.now() > tellAt) {
      say(`not settled yet: ${why}`);
      tellAt += TELL_MS;
    }
    await pause(1_000);
  }
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
