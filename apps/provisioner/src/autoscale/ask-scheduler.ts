/** What more machines or clusters would admit, and what is on one: asked from the active scheduler, which decides it on a fork of its state. */
import type { NatsConnection } from '@nats-io/transport-node';
import {
  type SimulateRequest,
  type Simulation,
  schedulerRequestSubject,
  simulateReplySchema,
} from '@skyflow/contracts';
import type { ComingNodes } from '@skyflow/domain';

const ANSWER_WITHIN_MS = 10_000;
/** Workloads that are looked at: more than that wait for more than machines. */
const MOST = 20_000;

/** What the scheduler says; rejects when none is active, or it cannot say. */
export interface SchedulerAnswers {
  /** Replicas, of whatever workload, that would be placed if these nodes were there. */
  placedWith(nodes: readonly ComingNodes[]): Promise<number>;
  /** Replicas that it has on a cluster, everything up to that commit known to it. */
  replicasOn(cluster: string, atLeastSeq: number): Promise<number>;
}

export function askScheduler(nats: NatsConnection): SchedulerAnswers {
  const ask = async (request: SimulateRequest): Promise<Simulation> => {
    const body = JSON.stringify({ ...request, most: MOST });
    const answer = await nats.request(schedulerRequestSubject('simulate'), body, { timeout: ANSWER_WITHIN_MS });
    const reply = simulateReplySchema.parse(answer.json());
    if ('error' in reply) throw new Error(`the scheduler cannot say what would become of work: ${reply.error}`);
    return reply.simulation;
  };
  return {
    placedWith: async (nodes) => {
      const { workloads } = await ask({ nodes: [...nodes] });
      return workloads
        .filter(({ outcome }) => outcome === 'placed')
        .reduce((sum, { before, after }) => sum + Math.max(0, total(after) - total(before)), 0);
    },
    replicasOn: async (cluster, atLeastSeq) => {
      const { workloads } = await ask({ clustersDown: [cluster], atLeastSeq });
      return workloads.reduce((sum, { before }) => sum + total(before.filter((share) => share.cluster === cluster)), 0);
    },
  };
}

const total = (shares: readonly { replicas: number }[]): number =>
  shares.reduce((sum, { replicas }) => sum + replicas, 0);
