/** What is to be done next about machines: those that a cluster needs, and those that are to go. Pure. */
import type { MachineStep, PlannedMachine, ProvisionFailure } from '@skyflow/contracts';
import { type LastResort, type Pace, nextTry, pauseMs } from './failures.js';
import type { Intent } from './intents.js';
import type { ProvisionMachine, ProvisionedCluster } from './state.js';

export interface MachineReaction {
  intents: Intent[];
  wakeAtMs?: number;
  /** Every planned machine is prepared. */
  ready: boolean;
}

/** A machine that cannot be had, and what remains. */
export interface Hopeless {
  hopeless: ProvisionFailure & { atMs: number };
  then: LastResort;
}

/** Towards every planned machine being prepared. */
export function machineIntents(
  cluster: ProvisionedCluster,
  planned: readonly PlannedMachine[],
  nowMs: number,
  pace: Pace,
): MachineReaction | Hopeless {
  const missing = planned.filter(({ name }) => !cluster.machines.has(name));
  if (missing.length > 0) {
    const steps = missing.map((machine) => ({ name: machine.name, step: creation(cluster, machine, 0) }));
    return { intents: [{ key: cluster.ref.uid, do: 'record', steps: [], machines: steps }], ready: false };
  }
  const reaction: MachineReaction = { intents: [], ready: true };
  for (const { name } of planned) {
    const machine = cluster.machines.get(name);
    if (machine === undefined || machine.phase === 'Prepared') continue;
    reaction.ready = false;
    const next = advance(cluster, machine, nowMs, pace);
    if ('hopeless' in next) return next;
    if ('wakeAtMs' in next) reaction.wakeAtMs = Math.min(reaction.wakeAtMs ?? Number.POSITIVE_INFINITY, next.wakeAtMs);
    else reaction.intents.push(next);
  }
  return reaction;
}

const keyOf = (cluster: ProvisionedCluster, { name }: ProvisionMachine): string => `${cluster.ref.uid}/${name}`;

function advance(
  cluster: ProvisionedCluster,
  machine: ProvisionMachine,
  nowMs: number,
  pace: Pace,
): Intent | { wakeAtMs: number } | Hopeless {
  const key = keyOf(cluster, machine);
  const { name } = machine;
  switch (machine.phase) {
    case 'CreateIntended':
      return { key, do: 'createMachine', machine: name };
    case 'CreateUnknown': {
      // Looked for at once, and again when it would have to be listed: not seen before that says nothing.
      const seenByMs = machine.intendedMs + pace.visibleWithinMs;
      return { key, do: 'resolveMachine', machine: name, ...(nowMs < seenByMs ? {} : { isLast: true }) };
    }
    case 'Created':
      return { key, do: 'prepareMachine', machine: name };
    case 'CreateFailed':
    case 'HostFailed': {
      const failure = machine.failure ?? NO_REASON;
      const verdict = nextTry(failure, machine.failures, machine.sinceMs, pace);
      if (verdict.do !== 'again') return { hopeless: { ...failure, atMs: machine.sinceMs }, then: verdict.do };
      if (nowMs < verdict.atMs) return { wakeAtMs: verdict.atMs };
      if (machine.phase === 'HostFailed') return { key, do: 'prepareMachine', machine: name };
      const times = Object.values(machine.failures).reduce((sum, each) => sum + each, 0);
      return { key, do: 'record', steps: [], machines: [{ name, step: creation(cluster, machine, times) }] };
    }
    case 'Prepared':
    case 'Lost':
    case 'Deleting':
    case 'Lingering':
      return { wakeAtMs: Number.POSITIVE_INFINITY };
  }
}

const NO_REASON: ProvisionFailure = { class: 'unknown', message: 'it failed', advice: 'look at the build log' };

/** A refused creation made nothing: the next one is another request and has another token. */
function creation(
  { ref }: ProvisionedCluster,
  { name, driver, roles, host, offer }: PlannedMachine | ProvisionMachine,
  times: number,
): MachineStep {
  return {
    type: 'CreateIntended',
    driver,
    token: `${ref.uid}/${name}/${String(times)}`,
    roles,
    ...(host === undefined ? {} : { host }),
    ...(offer === undefined ? {} : { offer }),
  };
}

/** Nothing was ever asked of a provider for it. */
export const isGone = (machine: ProvisionMachine): boolean =>
  machine.driver === 'static' && machine.phase === 'CreateFailed';

/**
 * Towards none of these being there. What was created without an answer is deleted like the rest: by name and tag, whether it is known or
 * not; and it counts as gone only when it is not listed though it would have to be by now.
 */
export function releaseIntents(
  cluster: ProvisionedCluster,
  machines: readonly ProvisionMachine[],
  nowMs: number,
  pace: Pace,
): MachineReaction {
  const reaction: MachineReaction = { intents: [], ready: false };
  const wake = (atMs: number): void => {
    reaction.wakeAtMs = Math.min(reaction.wakeAtMs ?? Number.POSITIVE_INFINITY, atMs);
  };
  const undecided = machines.filter(({ phase }) => phase !== 'Deleting' && phase !== 'Lingering');
  if (undecided.length > 0) {
    const steps = undecided.map(({ name }) => ({ name, step: { type: 'DeleteIntended' } as const }));
    reaction.intents.push({ key: cluster.ref.uid, do: 'record', steps: [], machines: steps });
    return reaction;
  }
  for (const machine of machines) {
    const key = keyOf(cluster, machine);
    if (machine.phase === 'Lingering') {
      const seenByMs = machine.driver === 'static' ? 0 : machine.intendedMs + pace.visibleWithinMs;
      const againMs = Math.max(seenByMs, machine.sinceMs + (machine.driver === 'static' ? 0 : pace.firstMs));
      if (nowMs < againMs) wake(againMs);
      else reaction.intents.push({ key, do: 'confirmDeletion', machine: machine.name });
      continue;
    }
    const times = Object.values(machine.failures).reduce((sum, each) => sum + each, 0);
    const atMs = times === 0 ? 0 : machine.sinceMs + pauseMs(times, pace);
    if (nowMs < atMs) wake(atMs);
    else reaction.intents.push({ key, do: 'deleteMachine', machine: machine.name });
  }
  return reaction;
}
