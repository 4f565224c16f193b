/** Autostop, measured in the cluster: since when no pod has been there that somebody wants. Kept pod by pod. */
import type { StoreChange } from '@skyflow/kube-client';
import type { KeptPod } from '../cluster/kept-objects.js';

export class Idleness {
  private working = 0;
  private sinceMs: number | undefined;

  apply(change: StoreChange<KeptPod>): void {
    if (change.type !== 'added' && change.previous.isWork === true) this.working--;
    if (change.type !== 'deleted' && change.object.isWork === true) this.working++;
    if (this.working > 0) this.sinceMs = undefined;
  }

  /** ms since the epoch; undefined: something is there. @param nowMs when it is asked, which begins the time. */
  since(nowMs: number): number | undefined {
    if (this.working === 0) this.sinceMs ??= nowMs;
    return this.sinceMs;
  }
}
