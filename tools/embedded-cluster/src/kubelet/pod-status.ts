/** Pod status from container records, as the kubelet computes it (pkg/kubelet getPhase, status/generate.go). Pure. */
import { conditionOf, timestamp, withCondition } from '../model/object-facts.js';
import { qosClassOf, restartPolicyOf } from '../model/pod-facts.js';
import type { ContainerState, ContainerStatus, Pod, PodStatus } from '../model/pod.js';
import type { NativeCondition } from '../model/condition.js';
import { type ContainerRecord, restartsAfter } from './container-record.js';

export interface PodAddresses {
  hostIP: string;
  podIP: string;
}

export interface PodRecords {
  init: readonly ContainerRecord[];
  main: readonly ContainerRecord[];
}

export function podStatus(
  pod: Pod,
  records: PodRecords,
  addresses: PodAddresses,
  nowMs: number,
  verdict?: { reason: string; message: string },
): PodStatus {
  const now = timestamp(nowMs);
  const phase = verdict === undefined ? phaseOf(pod, records) : 'Failed';
  const { reason: _reason, message: _message, ...before } = pod.status ?? {};
  return {
    ...before,
    phase,
    conditions: conditionsOf(pod, records, phase, now),
    ...verdict,
    hostIP: addresses.hostIP,
    hostIPs: [{ ip: addresses.hostIP }],
    podIP: addresses.podIP,
    podIPs: [{ ip: addresses.podIP }],
    startTime: pod.status?.startTime ?? now,
    qosClass: qosClassOf(pod),
    ...(records.init.length === 0 ? {} : { initContainerStatuses: records.init.map(containerStatus) }),
    containerStatuses: records.main.map(containerStatus),
  };
}

/** Containers that must have ended well before the others start; sidecars (restartPolicy Always) only have to have started. */
const isInitialized = ({ init }: PodRecords): boolean =>
  init.every(({ container, phase, started }) =>
    container.restartPolicy === 'Always'
      ? started && phase.is === 'running'
      : phase.is === 'terminated' && phase.state.exitCode === 0,
  );

function phaseOf(pod: Pod, { init, main }: PodRecords): NonNullable<PodStatus['phase']> {
  const policy = restartPolicyOf(pod);
  const failedInit = init.find(
    ({ container, phase }) =>
      container.restartPolicy !== 'Always' &&
      phase.is === 'terminated' &&
      phase.state.exitCode !== 0 &&
      policy === 'Never',
  );
  if (failedInit !== undefined) return 'Failed';
  if (!isInitialized({ init, main }) && main.every(({ phase }) => phase.is === 'waiting')) return 'Pending';
  const ended = (record: ContainerRecord): boolean =>
    record.phase.is === 'terminated' && !restartsAfter(policy, record.phase.state.exitCode);
  if (main.every(ended)) {
    const ok = main.every(({ phase }) => phase.is === 'terminated' && phase.state.exitCode === 0);
    return ok ? 'Succeeded' : 'Failed';
  }
  const neverRan = main.every(({ phase, last }) => phase.is === 'waiting' && last === undefined);
  return neverRan ? 'Pending' : 'Running';
}

function conditionsOf(
  pod: Pod,
  records: PodRecords,
  phase: NonNullable<PodStatus['phase']>,
  now: string,
): NativeCondition[] {
  const set = (list: readonly NativeCondition[] | undefined, condition: NativeCondition): NativeCondition[] =>
    withCondition(list, { ...condition, lastProbeTime: null }, now);
  const over = phase === 'Succeeded' || phase === 'Failed';
  const initialized = isInitialized(records) || over;
  let list = set(pod.status?.conditions, verdictOf('PodReadyToStartContainers', !over));
  list = set(
    list,
    initialized
      ? verdictOf('Initialized', true, phase === 'Succeeded' ? 'PodCompleted' : undefined)
      : verdictOf('Initialized', false, 'ContainersNotInitialized', incomplete(records.init)),
  );
  const unready = records.main.filter((record) => !record.ready);
  const readiness =
    phase === 'Succeeded'
      ? ['PodCompleted', undefined]
      : phase === 'Failed'
        ? ['PodFailed', undefined]
        : ['ContainersNotReady', `containers with unready status: [${unready.map(nameOf).join(' ')}]`];
  const ready = initialized && !over && unready.length === 0;
  for (const type of ['Ready', 'ContainersReady']) {
    list = set(list, ready ? verdictOf(type, true) : verdictOf(type, false, readiness[0], readiness[1]));
  }
  return conditionOf(list, 'PodScheduled')?.status === 'True' ? list : set(list, verdictOf('PodScheduled', true));
}

const verdictOf = (type: string, holds: boolean, reason?: string, message?: string): NativeCondition => ({
  type,
  status: holds ? 'True' : 'False',
  ...(reason === undefined ? {} : { reason }),
  ...(message === undefined ? {} : { message }),
});

const nameOf = ({ container }: ContainerRecord): string => container.name;

const incomplete = (init: readonly ContainerRecord[]): string =>
  `containers with incomplete status: [${init
    .filter(({ phase }) => !(phase.is === 'terminated' && phase.state.exitCode === 0))
    .map(nameOf)
    .join(' ')}]`;

function containerStatus(record: ContainerRecord): ContainerStatus {
  const { container, phase, restarts, last } = record;
  const running = phase.is === 'running';
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ...(record.containerId === undefined ? {} : { containerID: record.containerId }),
    ready: record.ready,
    started: running && record.started,
    restartCount: restarts,
    state: stateOf(record),
    lastState: last === undefined ? {} : { terminated: last },
  };
}

function stateOf({ phase }: ContainerRecord): ContainerState {
  switch (phase.is) {
    case 'waiting':
      return {
        waiting: { reason: phase.reason, ...(phase.message === undefined ? {} : { message: phase.message }) },
      };
    case 'running':
      return { running: { startedAt: timestamp(phase.startedAtMs) } };
    case 'terminated':
      return { terminated: phase.state };
  }
}
