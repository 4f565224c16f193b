/** A steady rate with churn and without faults, for long: what every process holds must not grow. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../client/client.js';
import { Watcher } from '../client/watcher.js';
import type { Random } from '../random.js';
import type { GatewayWay, System } from '../system/system.js';
import { MEASURES, Samples, isJudged } from './samples.js';
import { trendOf } from './trend.js';

const CLIENTS = 3;
/** Between two writes of one client: a rate that is the same on every machine. */
const BETWEEN_MS = 250;
/** Watches that come and go, at each gateway. */
const WATCHERS = 3;
const WATCH_MS = [2_000, 15_000] as const;
const SAMPLES = 240;
/** Each so many samples programs are told to collect. */
const LIVE_EVERY = 4;
const LEAST_PAUSE_MS = 1_000;

/** Runs for so long; `say` is told what each series did. @returns words on those that grow */
export async function soak(
  system: System,
  random: Random,
  minutes: number,
  say: (text: string) => void,
): Promise<string[]> {
  const over = new AbortController();
  const clients = Array.from({ length: CLIENTS }, (_, index) => new Client(system, random, `soak${index}`, BETWEEN_MS));
  const running = Promise.all([
    ...clients.map((client) => client.run(over.signal)),
    ...system.gateways.flatMap((gateway) =>
      Array.from({ length: WATCHERS }, () => comeAndGo(system, gateway, random, over.signal)),
    ),
  ]);
  const samples = new Samples();
  const durationMs = minutes * 60_000;
  const sampling = sample(samples, system, durationMs);
  // A client that fails ends it at once.
  await Promise.race([sampling, running]);
  await sampling;
  over.abort();
  await running;
  say(
    `${clients.reduce((sum, { writes }) => sum + writes, 0)} writes in ${minutes} minutes, ${WATCHERS} watches at each gateway that come and go`,
  );
  system.save('samples.csv', samples.csv());
  return verdict(samples, minutes, say);
}

async function sample(samples: Samples, system: System, durationMs: number): Promise<void> {
  const end = performance.now() + durationMs;
  for (let count = 0; performance.now() < end; count++) {
    await samples.take(system, count % LIVE_EVERY === 0 ? system.live : undefined);
    await pause(Math.max(LEAST_PAUSE_MS, durationMs / SAMPLES));
  }
}

async function comeAndGo(system: System, gateway: GatewayWay, random: Random, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const watch = AbortSignal.timeout(random.between(...WATCH_MS));
    await new Watcher(system, gateway).run(AbortSignal.any([over, watch]));
  }
}

function verdict({ series }: Samples, minutes: number, say: (text: string) => void): string[] {
  const growing: string[] = [];
  for (const { who, measure, samples } of series.values()) {
    const { unit, tolerance } = MEASURES[measure];
    const { from, to, perHour, grows } = trendOf(samples, tolerance);
    const words = `${who}: ${measure} ${from.toFixed(0)} → ${to.toFixed(0)} ${unit}, ${perHour.toFixed(1)} an hour`;
    const judged = isJudged(measure, series.has(`${who} live memory`), minutes);
    say(`${judged ? (grows ? 'GROWS ' : 'flat  ') : 'told  '}${words}`);
    if (judged && grows) growing.push(words);
  }
  return growing;
}
