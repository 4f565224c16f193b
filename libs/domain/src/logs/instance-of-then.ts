/**
 * Which log of a container has what it had written by a moment of the past. Clusters keep that of the instance that runs, or ran last, and
 * of the one before it; older ones are gone.
 */

/** Of a core/v1 ContainerStatus, as far as it matters here. Times are RFC 3339, whole seconds. */
export interface ContainerTimes {
  restartCount?: number;
  state?: { running?: Instance; terminated?: Instance; waiting?: object };
  lastState?: { terminated?: Instance };
}

interface Instance {
  startedAt?: string;
}

/** `lost`: it ran, and its log is not kept; `none`: nothing had run by then. */
export type InstanceOfThen = 'current' | 'previous' | 'lost' | 'none';

/**
 * @param status undefined: not known; what there is, is taken
 * @param before the instance before that of then, as `logs --previous` asks for
 */
export function instanceOfThen(status: ContainerTimes | undefined, atMs: number, before = false): InstanceOfThen {
  const found = instanceAt(status, atMs);
  if (!before || found === 'none' || found === 'lost') return found;
  if (found === 'previous') return 'lost';
  return (status?.restartCount ?? 0) > 0 ? 'previous' : 'none';
}

function instanceAt(status: ContainerTimes | undefined, atMs: number): InstanceOfThen {
  if (status === undefined) return 'current';
  const { state = {}, lastState, restartCount = 0 } = status;
  const last = lastState?.terminated;
  // One that waits to be started again has the log of its last instance, until the next one runs.
  const shown = state.running ?? state.terminated ?? last;
  if (shown === undefined) return restartCount > 0 ? 'lost' : 'none';
  if (hadStarted(shown, atMs)) return 'current';
  if (shown !== last && last !== undefined && hadStarted(last, atMs)) return 'previous';
  const instances = shown === last ? 1 : last === undefined ? 1 : 2;
  return restartCount >= instances ? 'lost' : 'none';
}

/** One whose beginning is not told may have. */
const hadStarted = ({ startedAt }: Instance, atMs: number): boolean =>
  startedAt === undefined || Date.parse(startedAt) <= atMs;
