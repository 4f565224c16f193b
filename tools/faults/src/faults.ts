/** What goes wrong: one fault after the other, in an order that the seed gives again; each is over when its function resolves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.js';
import type { KeptProcess } from './system/kept-process.js';
import { MEMBER_CLUSTERS, type NatsNode, type System } from './system/system.js';

export type Fault = (system: System, random: Random) => Promise<void> | void;

const SHORT_MS = [500, 3_000] as const;
/** Longer than a lease lasts. */
const LONG_MS = [2_000, 7_000] as const;
/** From before a deaf node is left until after. */
const UNTIL_LEFT_MS = [4_000, 18_000] as const;
const SLICE_MS = 40;
/** Sooner the next is not taken down: on a busy machine a gateway took more than a minute, and then there was none. */
const READY_MS = 180_000;
const HOUR_MS = 3_600_000;
const PRESSURE_BYTES = 256 * 1024 ** 2;
const EXCHANGE = 'versions exchanged';
const CUT_OFF = 'nats node cut off from the others';

const FAULTS: Readonly<Record<string, Fault>> = {
  'service killed': (system, random) => void serviceOf(system, random).signal('SIGKILL'),
  'service stopped': (system, random) => stopped(serviceOf(system, random), random.between(...LONG_MS)),
  'service slowed': (system, random) => slowed(serviceOf(system, random), random.between(...LONG_MS)),
  'agent killed': (system, random) => kill(system.agents, random),
  'nats node killed': async (system, random) => {
    const { process: node } = nodeOf(system, random);
    node.hold();
    await pause(random.between(...LONG_MS));
    node.release();
  },
  'nats node stopped': (system, random) => stopped(nodeOf(system, random).process, random.between(...LONG_MS)),
  'nats connections cut': (system) => {
    for (const { proxy } of system.nodes) proxy.cut();
  },
  'nats connections delayed': async (system, random) => {
    for (const { proxy } of system.nodes) proxy.delay(random.between(20, 200));
    await pause(random.between(...LONG_MS));
    for (const { proxy } of system.nodes) proxy.delay(0);
  },
  'nats node half-open': async (system, random) => {
    const { process: node, proxy } = nodeOf(system, random);
    proxy.deafen();
    await system.availability.without('nats', [node.spec.name], () => pause(random.between(...LONG_MS)));
    proxy.hear();
  },
  [CUT_OFF]: async (system, random) => {
    const { process: node, ways } = nodeOf(system, random);
    for (const way of ways) way.shut();
    await system.availability.without('nats', [node.spec.name], () => pause(random.between(...UNTIL_LEFT_MS)));
    for (const way of ways) way.open();
  },
  'all of nats away': async (system, random) => {
    for (const { proxy } of system.nodes) proxy.shut();
    const names = system.nodes.map(({ process: node }) => node.spec.name);
    await system.availability.without('nats', names, () => pause(random.between(...SHORT_MS)));
    for (const { proxy } of system.nodes) proxy.open();
  },
  'client connections cut': (system) => {
    for (const { proxy } of system.gateways) proxy.cut();
  },
  'gateway half-open': async (system, random) => {
    const { name, proxy } = random.pick(system.gateways);
    system.note(`${name} is picked`);
    proxy.deafen();
    await system.availability.without('gateway', [name], () => pause(random.between(...SHORT_MS)));
    proxy.hear();
  },
  'clocks jump': async (system, random) => {
    const jump = (offsetMs: number): void => {
      system.clock.set(offsetMs);
      // Pods that are only simulated have no other clock, unlike those of a kubelet: they would not end for hours.
      const keepers = system.services.filter(({ spec }) => spec.name !== MEMBER_CLUSTERS);
      for (const service of keepers) service.signal('SIGUSR2');
    };
    jump(random.pick([-2, -1, 1, 2]) * HOUR_MS);
    await pause(random.between(...SHORT_MS));
    jump(0);
  },
  'caches corrupted': (system, random) => {
    for (const file of system.caches.flatMap(filesIn)) damage(file, random);
    serviceOf(system, random).signal('SIGKILL');
    kill(system.agents, random);
  },
  'memory pressure': async (_system, random) => {
    // In a process of its own: connections go through this one.
    const held = `const held = Buffer.alloc(${PRESSURE_BYTES}, 1); process.stdin.once('end', () => held.fill(0)).resume();`;
    const holder = spawn(process.execPath, ['-e', held], { stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = once(holder, 'exit');
    await pause(random.between(...SHORT_MS));
    holder.stdin.end();
    await ended;
  },
  'disk full': async (system, random) => {
    const full = system.nodes.find(({ disk }) => disk !== undefined);
    await full?.disk?.fill();
    await pause(random.between(...LONG_MS));
    full?.disk?.empty();
    // A nats-server that had no room keeps its store shut until it is started again; the runbook says so too.
    full?.process.signal('SIGKILL');
  },
  [EXCHANGE]: async (system, random) => {
    const kind = kindOf(random.pick(system.services.filter(({ spec }) => spec.name !== MEMBER_CLUSTERS)));
    for (const each of system.services.filter((service) => kindOf(service) === kind)) {
      await each.replaceFrom((checkout) => system.checkouts.other(checkout));
      await each.whenReady(READY_MS);
    }
  },
};

/** One fault, from its beginning to its end, in the timeline. @throws Error for a name that is none */
export async function inflictOne(name: string, system: System, random: Random): Promise<void> {
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`there is no fault "${name}"`);
  system.note(`fault begins: ${name}`);
  await fault(system, random);
  system.note(`fault is over: ${name}`);
}

/** Those that can be had here. */
export function possibleFaults(system: System): string[] {
  const absent = new Set<string>();
  if (!system.nodes.some(({ disk }) => disk !== undefined)) absent.add('disk full');
  if (!system.checkouts.areTwo) absent.add(EXCHANGE);
  // The previous release believes a leader that the others have left: its gateway shows what is old. What it gets wrong is not judged here.
  else absent.add(CUT_OFF);
  return Object.keys(FAULTS).filter((name) => !absent.has(name));
}

/** All processes one after the other, each when the one before can be counted on, as an upgrade does it. */
export async function rollAll(system: System, calmMs: number): Promise<void> {
  for (const each of [...system.nodes.map(({ process: node }) => node), ...system.services]) {
    if (each.spec.name === MEMBER_CLUSTERS) continue;
    // What the other version got wrong is for this one to mend: with it the upgrade ends.
    if (system.checkouts.areTwo && system.services.includes(each)) await each.replaceFrom(() => system.checkouts.here);
    else await each.restart();
    await each.whenReady(READY_MS);
    await pause(calmMs);
  }
}

function nodeOf(system: System, random: Random): NatsNode {
  const node = random.pick(system.nodes);
  system.note(`${node.process.spec.name} is picked`);
  return node;
}

function serviceOf(system: System, random: Random): KeptProcess {
  const service = random.pick(system.services);
  system.note(`${service.spec.name} is picked`);
  return service;
}

/** `scheduler` of `scheduler-b`; the supervisor is one of its own. */
const kindOf = ({ spec }: KeptProcess): string => spec.name.replace(/-[a-z]$/, '');

async function stopped(victim: KeptProcess, ms: number): Promise<void> {
  victim.signal('SIGSTOP');
  await pause(ms);
  victim.signal('SIGCONT');
}

/** Half of the time it does not run. */
async function slowed(victim: KeptProcess, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    await stopped(victim, SLICE_MS);
    await pause(SLICE_MS);
  }
}

function kill(pids: readonly number[], random: Random): void {
  if (pids.length === 0) return;
  try {
    process.kill(random.pick(pids), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.snapshot'))
      .map((name) => join(folder, name))
      .sort();
  } catch {
    return []; // there are none yet
  }
}

/** Cut in two, or written over. */
function damage(file: string, random: Random): void {
  try {
    const { size } = statSync(file);
    writeFileSync(file, Buffer.alloc(random.between(0, size), random.between(0, 255)));
  } catch {
    // it has been replaced meanwhile
  }
}
