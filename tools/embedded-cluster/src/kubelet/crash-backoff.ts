/** The kubelet's wait before it starts a container again: none the first time, then 10 s doubled up to 5 min. */

export interface CrashBackoff {
  /** Kubernetes: 10 s. */
  baseMs: number;
  /** Kubernetes: 5 min. A container that ran for twice this long starts afresh. */
  maxMs: number;
}

/** @param crashes ends in a row, counting the one just seen. */
export function backoffMs(crashes: number, { baseMs, maxMs }: CrashBackoff): number {
  return crashes <= 1 ? 0 : Math.min(baseMs * 2 ** (crashes - 2), maxMs);
}

export function backoffMessage(waitMs: number, container: string, podName: string): string {
  const seconds = Math.ceil(waitMs / 1000);
  const text = seconds >= 60 ? `${Math.floor(seconds / 60)}m${seconds % 60}s` : `${seconds}s`;
  return `back-off ${text} restarting failed container=${container} pod=${podName}`;
}
