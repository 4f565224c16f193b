/** What goes wrong, one fault after the other, as a seed has it: agents and API servers killed, etcd stopped, watches cut, clusters lost. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Skyflow } from '../fixture/skyflow.js';
import type { Random } from '@skyflow/faults';

export const FAULTS = [
  'agent killed',
  'API server killed',
  'etcd killed',
  'etcd stopped',
  'API server stopped',
  'watches cut',
  'cluster lost',
  'both clusters lost',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Time between faults, in which what is broken may mend. */
const CALM_MS = [500, 3_000] as const;
const STOPPED_MS = [1_000, 6_000] as const;
const LOST_MS = [2_000, 12_000] as const;

/** Breaks things until `signal`; all is whole again when it resolves. Returns how often each fault came. */
export async function breakThings(
  skyflow: Skyflow,
  random: Random,
  signal: AbortSignal,
): Promise<Record<Fault, number>> {
  const counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  while (!signal.aborted) {
    const fault = random.pick(FAULTS);
    await inflict(fault, skyflow, random);
    counts[fault] += 1;
    await pause(random.between(...CALM_MS));
  }
  return counts;
}

async function inflict(fault: Fault, skyflow: Skyflow, random: Random): Promise<void> {
  const { clusters } = skyflow;
  const context = random.pick(clusters.contexts);
  const stopped = async (component: 'etcd' | 'kube-apiserver'): Promise<void> => {
    clusters.signal?.(context, component, 'SIGSTOP');
    await pause(random.between(...STOPPED_MS));
    clusters.signal?.(context, component, 'SIGCONT');
  };
  const lost = async (contexts: readonly string[]): Promise<void> => {
    for (const each of contexts) clusters.gate?.(each).shut();
    await pause(random.between(...LOST_MS));
    for (const each of contexts) clusters.gate?.(each).open();
  };
  switch (fault) {
    case 'agent killed':
      killAgent(skyflow, random);
      return;
    case 'API server killed':
      clusters.signal?.(context, 'kube-apiserver', 'SIGKILL');
      return;
    case 'etcd killed':
      clusters.signal?.(context, 'etcd', 'SIGKILL');
      return;
    case 'etcd stopped':
      return stopped('etcd');
    case 'API server stopped':
      return stopped('kube-apiserver');
    case 'watches cut':
      for (const each of clusters.contexts) clusters.gate?.(each).cut();
      return;
    case 'cluster lost':
      return lost([context]);
    case 'both clusters lost':
      return lost(clusters.contexts);
  }
}

/** One of the children of the supervisor; none is there while they are being started again. */
function killAgent(skyflow: Skyflow, random: Random): void {
  const supervisor = skyflow.processes()['agent-supervisor'];
  const agents = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === supervisor);
  if (agents.length === 0) return;
  try {
    process.kill(Number(random.pick(agents.sort())), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
  }
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined; // gone meanwhile
  }
}
