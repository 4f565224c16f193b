/** The steps of one machine, folded. */
import type { MachineStep, ProvisionFailure } from '@skyflow/contracts';
import type { MachinePhase, ProvisionMachine, ProvisionedCluster } from './state.js';

export function evolveMachine(cluster: ProvisionedCluster, name: string, step: MachineStep, at: number): void {
  if (step.type === 'CreateIntended') {
    intended(cluster, name, step, at);
    return;
  }
  if (step.type === 'DeleteConfirmed') {
    cluster.machines.delete(name);
    return;
  }
  const machine = cluster.machines.get(name);
  if (machine === undefined) return;
  switch (step.type) {
    case 'Created':
      machine.providerId = step.providerId;
      if (step.address !== undefined) machine.address = step.address;
      if (step.internalAddress !== undefined) machine.internalAddress = step.internalAddress;
      if (step.login !== undefined) machine.login = step.login;
      if (step.awaits === undefined) enter(machine, 'Created', at);
      else awaited(machine, step.awaits, at);
      break;
    case 'CreateUnknown':
      enter(machine, 'CreateUnknown', at);
      break;
    case 'CreateRepeated':
      machine.intendedMs = at;
      enter(machine, 'CreateIntended', at);
      break;
    case 'CreateFailed':
      enter(machine, 'CreateFailed', at);
      failed(machine, step.failure);
      break;
    case 'Prepared':
      machine.address = step.address;
      if (step.internalAddress !== undefined) machine.internalAddress = step.internalAddress;
      machine.hostKey = step.hostKey;
      machine.facts = step.facts;
      machine.failures = {};
      delete machine.failure;
      enter(machine, 'Prepared', at);
      break;
    case 'HostFailed':
      enter(machine, 'HostFailed', at);
      failed(machine, step.failure);
      break;
    case 'Lost':
      enter(machine, 'Lost', at);
      machine.failure = { class: 'host', message: step.message, advice: 'nothing: another one takes its place' };
      break;
    case 'DeleteIntended':
      machine.failures = {};
      delete machine.failure;
      machine.phase = 'Deleting';
      machine.sinceMs = at;
      break;
    case 'DeleteFailed':
      failed(machine, step.failure);
      machine.phase = 'Deleting';
      machine.sinceMs = at;
      break;
    case 'DeleteAccepted':
      machine.phase = 'Lingering';
      machine.sinceMs = at;
      break;
  }
}

function intended(
  cluster: ProvisionedCluster,
  name: string,
  { driver, token, roles, host, offer }: Extract<MachineStep, { type: 'CreateIntended' }>,
  at: number,
): void {
  const before = cluster.machines.get(name);
  cluster.machines.set(name, {
    name,
    driver,
    token,
    roles,
    phase: 'CreateIntended',
    sinceMs: at,
    intendedMs: at,
    ...(host === undefined ? {} : { host }),
    ...(offer === undefined ? {} : { offer }),
    failures: before?.failures ?? {},
  });
}

/** A late answer does not bring back a machine that is to go. */
function enter(machine: ProvisionMachine, phase: MachinePhase, at: number): void {
  if (machine.phase === 'Deleting' || machine.phase === 'Lingering') return;
  machine.phase = phase;
  machine.sinceMs = at;
}

/** Since it was created, however often that is told. */
function awaited(machine: ProvisionMachine, message: string, at: number): void {
  if (machine.phase !== 'Created') enter(machine, 'Created', at);
  if (machine.phase !== 'Created') return;
  machine.failure = { class: 'host', message, advice: 'nothing: it is waited for while it boots' };
}

function failed(machine: ProvisionMachine, failure: ProvisionFailure): void {
  machine.failure = failure;
  machine.failures[failure.class] = (machine.failures[failure.class] ?? 0) + 1;
}
