/** Why a share is not on the cluster as desired, by workload; what the API said becomes what the user reads. */
import type { KubeApiError } from '@skyflow/kube-client';
import type { Obstacle } from '@skyflow/domain';

export class Obstacles {
  private readonly byUid = new Map<string, Obstacle>();

  constructor(private readonly onChange: (uid: string) => void) {}

  get(uid: string): Obstacle | undefined {
    return this.byUid.get(uid);
  }

  set(uid: string, obstacle: Obstacle): void {
    const before = this.byUid.get(uid);
    this.byUid.set(uid, obstacle);
    if (before?.reason !== obstacle.reason || before.message !== obstacle.message) this.onChange(uid);
  }

  clear(uid: string): void {
    if (this.byUid.delete(uid)) this.onChange(uid);
  }
}

/**
 * The API's refusal of an object as an obstacle; undefined for what will pass by itself (conflicts, throttling).
 * FAILED means that someone must change the workload; anything else may be lifted on the cluster: quota, permissions, webhooks.
 */
export function obstacleOf(error: KubeApiError): Obstacle | undefined {
  const { code, reason, message } = error;
  if (reason === 'Conflict' || code === 429) return undefined;
  const isFinal = code === 400 || code === 422 || code === 413;
  return { phase: isFinal ? 'FAILED' : 'PENDING', reason, message };
}
