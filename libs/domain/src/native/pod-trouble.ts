/** Why a pod does not do what it should, in the words of the component that knows: kubelet, scheduler, container runtime. */
import type { ContainerStatus, NativePod } from './native-object.js';

export interface Trouble {
  /** CamelCase, e.g. `ImagePullBackOff`, `Unschedulable`, `OOMKilled`. */
  reason: string;
  message: string;
}

/** Waiting reasons of a pod that is merely starting. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing', '']);

/** The kubelet shows these two in turn; one name keeps the status still. */
const SAME_AS: Record<string, string> = { ErrImagePull: 'ImagePullBackOff' };

/** The worst of several pods: what is broken before what merely waits; equals by the name of the pod. */
export function worstTrouble(pods: readonly NativePod[]): Trouble | undefined {
  let worst: { rank: number; name: string; trouble: Trouble } | undefined;
  for (const pod of pods) {
    const trouble = podTrouble(pod);
    if (trouble === undefined) continue;
    const found = { rank: rankOf(trouble.reason), name: pod.metadata.name, trouble };
    if (worst === undefined || found.rank < worst.rank || (found.rank === worst.rank && found.name < worst.name)) {
      worst = found;
    }
  }
  return worst?.trouble;
}

/** Undefined: the pod does what it should. */
export function podTrouble(pod: NativePod): Trouble | undefined {
  const { status } = pod;
  if (status?.phase === 'Succeeded') return undefined;
  if (status?.phase === 'Failed') return failure(pod);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    const trouble = containerTrouble(container);
    if (trouble !== undefined) return trouble;
  }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { reason: said(scheduled.reason, 'Unschedulable'), message: scheduled.message ?? 'no node takes the pod' };
  }
  if (isReady(pod)) return undefined;
  if (status?.phase === 'Running') {
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    return {
      reason: said(ready?.reason, 'ContainersNotReady'),
      message: ready?.message ?? `pod ${pod.metadata.name} runs but is not ready`,
    };
  }
  return { reason: 'ContainerCreating', message: `pod ${pod.metadata.name} is starting` };
}

export const isReady = (pod: NativePod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

function containerTrouble({ name, state, lastState, restartCount }: ContainerStatus): Trouble | undefined {
  const waiting = state?.waiting;
  const ended = state?.terminated ?? lastState?.terminated;
  if (waiting !== undefined && !STARTING.has(waiting.reason ?? '')) {
    const reason = SAME_AS[waiting.reason ?? ''] ?? said(waiting.reason, 'Waiting');
    if (reason === 'CrashLoopBackOff' && ended !== undefined) {
      const why = ended.reason === 'OOMKilled' ? 'OOMKilled' : reason;
      return {
        reason: why,
        message: `container ${name} ends again and again: ${endOf(ended)}; ${times(restartCount)}`,
      };
    }
    return { reason, message: `container ${name}: ${said(waiting.message, reason)}` };
  }
  const { terminated } = state ?? {};
  if (terminated !== undefined && (terminated.exitCode ?? 0) !== 0) {
    return {
      reason: said(terminated.reason, 'Error'),
      message: `container ${name} ended: ${endOf(terminated)}; ${times(restartCount)}`,
    };
  }
  return undefined;
}

function failure(pod: NativePod): Trouble {
  const { status } = pod;
  if (status?.reason !== undefined && status.reason !== '') {
    return { reason: status.reason, message: status.message ?? `pod ${pod.metadata.name} failed: ${status.reason}` };
  }
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const culprit = containers.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const ended = culprit?.state?.terminated;
  if (culprit === undefined || ended === undefined) {
    return { reason: 'PodFailed', message: status?.message ?? `pod ${pod.metadata.name} failed` };
  }
  return {
    reason: said(ended.reason, 'Error'),
    message: `container ${culprit.name} of pod ${pod.metadata.name} ended: ${endOf(ended)}`,
  };
}

function endOf(ended: { reason?: string; message?: string; exitCode?: number; signal?: number }): string {
  const reason = ended.reason === undefined || ended.reason === 'Error' ? '' : `${ended.reason}, `;
  const words = ended.message === undefined || ended.message === '' ? '' : ` (${ended.message.trim().slice(0, 200)})`;
  return `${reason}exit code ${ended.exitCode ?? 0}${words}`;
}

/** Kubernetes leaves out what is empty, other runtimes do not. */
const said = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === '' ? otherwise : text;

const times = (restarts: number | undefined): string => `restarted ${restarts ?? 0} times`;

/** Smaller is worse. */
function rankOf(reason: string): number {
  if (reason === 'ContainerCreating') return 3;
  if (reason === 'ContainersNotReady') return 2;
  return reason === 'Unschedulable' ? 1 : 0;
}
