/** Why a share is not on the cluster as desired, by workload; what the API said becomes what the user reads. */
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
