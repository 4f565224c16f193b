/** What more machines would admit: asked from the active scheduler, which decides it on a fork of its state. */
import type { NatsConnection } from '@nats-io/transport-node';
import {
  type ResourceList,
  type SimulateRequest,
  schedulerRequestSubject,
  simulateReplySchema,
} from '@skyflow/contracts';

const ANSWER_WITHIN_MS = 10_000;
/** Workloads that are looked at: more than that wait for more than machines. */
const MOST = 20_000;

/** Replicas, of whatever workload, that so many more machines of a cluster would admit there. */
export type GainOf = (cluster: string, count: number, allocatable: ResourceList) => Promise<number>;

/** @throws Error when no scheduler is active, or it cannot say. */
export const askScheduler =
  (nats: NatsConnection): GainOf =>
  async (cluster, count, allocatable) => {
    const request: SimulateRequest = { nodes: [{ cluster, count, allocatable }], most: MOST };
    const answer = await nats.request(schedulerRequestSubject('simulate'), JSON.stringify(request), {
      timeout: ANSWER_WITHIN_MS,
    });
    const reply = simulateReplySchema.parse(answer.json());
    if ('error' in reply) throw new Error(`the scheduler cannot say what more machines would admit: ${reply.error}`);
    const on = (shares: readonly { cluster: string; replicas: number }[]): number =>
      shares.find((share) => share.cluster === cluster)?.replicas ?? 0;
    return reply.simulation.workloads
      .filter(({ outcome }) => outcome === 'placed')
      .reduce((sum, { before, after }) => sum + Math.max(0, on(after) - on(before)), 0);
  };
