/**
 * The life of a virtual pod as one pure step: from what its status says and the time to what it should say next, and when to
 * look again. All state is in the pod itself, so thousands of them cost no timers and no memory beside their objects.
 */
import { isDeleting, millis, timestamp } from '../model/object-facts.js';
import { isFinished, restartPolicyOf } from '../model/pod-facts.js';
import type { Container, ContainerStatus, Pod, PodStatus, TerminatedState } from '../model/pod.js';
import { type ContainerRecord, newRecord, restartsAfter } from './container-record.js';
import { backoffMessage, backoffMs, type CrashBackoff } from './crash-backoff.js';
import { podStatus, type PodAddresses } from './pod-status.js';
import { behaviourOf, type VirtualBehaviour, type VirtualDefaults } from './virtual-behaviour.js';

export interface VirtualStep {
  status?: PodStatus;
  /** The pod has stopped after a delete: take it out of the API. */
  stopped?: boolean;
  againAtMs?: number;
}

export interface VirtualSettings {
  defaults: VirtualDefaults;
  backoff: CrashBackoff;
}

export function virtualStep(pod: Pod, addresses: PodAddresses, nowMs: number, settings: VirtualSettings): VirtualStep {
  const behaviour = behaviourOf(pod, settings.defaults);
  if (isDeleting(pod)) return ending(pod, addresses, behaviour, nowMs);
  if (isFinished(pod)) return {};
  const startedAtMs = millis(pod.status?.startTime) || nowMs;
  const deadlineMs =
    pod.spec.activeDeadlineSeconds === undefined ? Infinity : startedAtMs + pod.spec.activeDeadlineSeconds * 1000;
  const steps = pod.spec.containers.map((container) =>
    advance(recordOf(pod, container), pod, behaviour, nowMs, settings.backoff),
  );
  const init = (pod.spec.initContainers ?? []).map((container) => initRecord(container, startedAtMs, nowMs, behaviour));
  const overdue = nowMs >= deadlineMs;
  const records = { init, main: steps.map(({ record }) => (overdue ? killed(record, nowMs) : record)) };
  const verdict = overdue
    ? { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }
    : undefined;
  const again = [deadlineMs, ...steps.map(({ againAtMs }) => againAtMs ?? Infinity)].filter((at) => at > nowMs);
  const againAtMs = overdue ? Infinity : Math.min(...again);
  return {
    status: podStatus(pod, records, addresses, nowMs, verdict),
    ...(Number.isFinite(againAtMs) ? { againAtMs } : {}),
  };
}

/** A deleted pod ends after its stop delay; the delay never exceeds the grace period. */
function ending(pod: Pod, addresses: PodAddresses, behaviour: VirtualBehaviour, nowMs: number): VirtualStep {
  const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  const askedAtMs = millis(pod.metadata.deletionTimestamp) - graceMs;
  const endAtMs = askedAtMs + Math.min(behaviour.stopDelayMs, graceMs);
  if (endAtMs > nowMs) return { againAtMs: endAtMs };
  if (isFinished(pod)) return { stopped: true };
  const main = pod.spec.containers.map((container) => killed(recordOf(pod, container), nowMs));
  const init = (pod.spec.initContainers ?? []).map((container) => initRecord(container, 0, nowMs, behaviour));
  return { status: podStatus(pod, { init, main }, addresses, nowMs), stopped: true };
}

function recordOf(pod: Pod, container: Container): ContainerRecord {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container.name);
  if (status === undefined) return newRecord(container, 'ContainerCreating');
  const base = {
    container,
    restarts: status.restartCount,
    ready: status.ready,
    started: status.started ?? false,
    ...(status.lastState.terminated === undefined ? {} : { last: status.lastState.terminated }),
    ...(status.containerID === undefined ? {} : { containerId: status.containerID }),
  };
  return { ...base, phase: phaseFrom(status) };
}

function phaseFrom({ state }: ContainerStatus): ContainerRecord['phase'] {
  if (state.running !== undefined) return { is: 'running', startedAtMs: millis(state.running.startedAt) };
  if (state.terminated !== undefined) return { is: 'terminated', state: state.terminated };
  const { reason = 'ContainerCreating', message } = state.waiting ?? {};
  return { is: 'waiting', reason, ...(message === undefined ? {} : { message }) };
}

function advance(
  record: ContainerRecord,
  pod: Pod,
  behaviour: VirtualBehaviour,
  nowMs: number,
  backoff: CrashBackoff,
): { record: ContainerRecord; againAtMs?: number } {
  const { phase } = record;
  if (phase.is === 'waiting') return waiting(record, pod, behaviour, nowMs, backoff);
  if (phase.is === 'terminated') return { record };
  const endsAtMs = behaviour.runMs === undefined ? Infinity : phase.startedAtMs + behaviour.runMs;
  if (endsAtMs <= nowMs) {
    const state = terminated(record, behaviour.exitCode, endsAtMs);
    return ended(
      { ...record, phase: { is: 'terminated', state }, ready: false, started: false },
      state,
      pod,
      nowMs,
      backoff,
    );
  }
  const readyAtMs = phase.startedAtMs + behaviour.readyDelayMs;
  const ready = nowMs >= readyAtMs;
  return { record: { ...record, ready, started: true }, againAtMs: ready ? endsAtMs : Math.min(readyAtMs, endsAtMs) };
}

function waiting(
  record: ContainerRecord,
  pod: Pod,
  behaviour: VirtualBehaviour,
  nowMs: number,
  backoff: CrashBackoff,
): { record: ContainerRecord; againAtMs?: number } {
  if (behaviour.stuck !== undefined) {
    return {
      record: { ...record, phase: { is: 'waiting', reason: behaviour.stuck, message: 'asked for by annotation' } },
    };
  }
  const startAtMs =
    record.last === undefined
      ? (millis(pod.status?.startTime) || nowMs) + behaviour.startDelayMs
      : millis(record.last.finishedAt) + backoffMs(record.restarts + 1, backoff);
  if (startAtMs > nowMs) return { record, againAtMs: startAtMs };
  const restarts = record.last === undefined ? record.restarts : record.restarts + 1;
  const containerId = `virtual://${pod.metadata.uid ?? ''}/${record.container.name}/${restarts}`;
  return advance(
    { ...record, restarts, containerId, phase: { is: 'running', startedAtMs: nowMs }, started: true, ready: false },
    pod,
    // A container that ends the moment it starts still runs for one step.
    { ...behaviour, ...(behaviour.runMs === undefined ? {} : { runMs: Math.max(behaviour.runMs, 1) }) },
    nowMs,
    backoff,
  );
}

function ended(
  record: ContainerRecord,
  state: TerminatedState,
  pod: Pod,
  nowMs: number,
  backoff: CrashBackoff,
): { record: ContainerRecord; againAtMs?: number } {
  if (!restartsAfter(restartPolicyOf(pod), state.exitCode)) return { record };
  const waitMs = backoffMs(record.restarts + 1, backoff);
  const message = backoffMessage(waitMs, record.container.name, pod.metadata.name);
  return {
    record: { ...record, last: state, phase: { is: 'waiting', reason: 'CrashLoopBackOff', message } },
    againAtMs: Math.max(millis(state.finishedAt) + waitMs, nowMs + 1),
  };
}

const terminated = (record: ContainerRecord, exitCode: number, atMs: number): TerminatedState => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  ...(record.phase.is === 'running' ? { startedAt: timestamp(record.phase.startedAtMs) } : {}),
  finishedAt: timestamp(atMs),
  ...(record.containerId === undefined ? {} : { containerID: record.containerId }),
});

/** Killed by the kubelet: 137 as after SIGKILL, unless it had ended by itself. */
function killed(record: ContainerRecord, nowMs: number): ContainerRecord {
  if (record.phase.is === 'terminated') return record;
  return {
    ...record,
    ready: false,
    started: false,
    phase: { is: 'terminated', state: terminated(record, 137, nowMs) },
  };
}

function initRecord(
  container: Container,
  startedAtMs: number,
  nowMs: number,
  behaviour: VirtualBehaviour,
): ContainerRecord {
  if (startedAtMs + behaviour.startDelayMs > nowMs) return newRecord(container, 'PodInitializing');
  const at = timestamp(startedAtMs);
  const phase: ContainerRecord['phase'] =
    container.restartPolicy === 'Always'
      ? { is: 'running', startedAtMs }
      : { is: 'terminated', state: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } };
  return { container, phase, restarts: 0, ready: true, started: true };
}
