/**
 * Autostop, seen from outside: since when nothing has run on a cluster on demand, or it has not answered, and whether it is stopped. What
 * the agent in the cluster says counts as well; what nobody can see counts after the same time, so that no dead cluster is paid for ever.
 */
import { sequenceOf } from '@skyflow/contracts';
import { type Idleness, type ProvisionedCluster, idleMs, isOnDemand, stopDue, stopVerdict } from '@skyflow/domain';
import type { SchedulerAnswers } from './ask-scheduler.js';
import { type ClusterUse, shapeOfNew } from './node-use.js';

type Stop = NonNullable<ReturnType<typeof stopDue> | ReturnType<typeof stopVerdict>>;

export class Stops {
  /** By uid: since when nothing runs there; since when its API does not answer. ms. */
  private readonly idleSince = new Map<string, number>();
  private readonly silentSince = new Map<string, number>();

  constructor(private readonly scheduler: SchedulerAnswers) {}

  /** What a look has seen; undefined: no answer. */
  note({ ref }: ProvisionedCluster, use: ClusterUse | undefined): void {
    keep(this.silentSince, ref.uid, use === undefined);
    // Not seen says nothing: what was idle before may be so still.
    if (use !== undefined) keep(this.idleSince, ref.uid, use.isIdle);
  }

  /** Whether it is to be stopped. */
  async due(cluster: ProvisionedCluster, seen: ClusterUse | Error, position: number): Promise<Stop | undefined> {
    if (!isOnDemand(cluster)) return undefined;
    const isSilent = seen instanceof Error;
    const allocatable = isSilent ? undefined : shapeOfNew(seen.nodes);
    const step = stopDue(cluster, this.idlenessOf(cluster, isSilent), Date.now(), allocatable);
    if (step === undefined) return undefined;
    const replicas = await this.scheduler.replicasOn(cluster.ref.name, sequenceOf(position));
    return replicas === 0 ? step : undefined;
  }

  /** No new work can come any more: whether there is some. Undefined: nobody can say yet. */
  async verdict(cluster: ProvisionedCluster, seen: ClusterUse | Error, position: number): Promise<Stop | undefined> {
    const isSilent = seen instanceof Error;
    const silentSince = this.silentSince.get(cluster.ref.uid) ?? Date.now();
    if (isSilent && Date.now() < silentSince + idleMs(cluster)) return undefined;
    const replicas = await this.scheduler.replicasOn(cluster.ref.name, sequenceOf(position));
    return stopVerdict(replicas, isSilent ? undefined : !seen.isIdle);
  }

  private idlenessOf({ ref }: ProvisionedCluster, isSilent: boolean): Idleness | undefined {
    const silentSince = this.silentSince.get(ref.uid);
    if (isSilent) return silentSince === undefined ? undefined : { sinceMs: silentSince, by: 'silence' };
    const sinceMs = this.idleSince.get(ref.uid);
    return sinceMs === undefined ? undefined : { sinceMs, by: 'provisioner' };
  }
}

function keep(since: Map<string, number>, uid: string, isSo: boolean): void {
  if (!isSo) since.delete(uid);
  else if (!since.has(uid)) since.set(uid, Date.now());
}
