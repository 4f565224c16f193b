/** How things stand for one workload: asked from the active scheduler over core NATS. */
import { z } from 'zod';
import { clusterVerdictSchema } from '../log/entries.js';

const count = z.int().min(0);
const ms = z.number();

export const explainRequestSchema = z.object({
  /** uid of the workload. */
  uid: z.string(),
  /** The scheduler must have folded the log up to here. */
  atLeastSeq: z.int().min(0).default(0),
});
export type ExplainRequest = z.input<typeof explainRequestSchema>;

/** What a cluster has to say to one more replica now. */
export const clusterExplanationSchema = clusterVerdictSchema.extend({
  /** Replicas that it has or is to have. */
  replicas: count,
  /** Scores by plugin, if it passed the filters. */
  scores: z.record(z.string(), z.number()).optional(),
  /** What would have to change for it to take one; absent: nothing. */
  change: z.array(z.string()).optional(),
});
export type ClusterExplanation = z.infer<typeof clusterExplanationSchema>;

export const placementExplanationSchema = z.object({
  /** Position of the log that this holds for. */
  position: z.number(),
  clusters: z.array(clusterExplanationSchema),
  /** Of a workload with replicas that wait. */
  waiting: z
    .object({
      queue: z.string().optional(),
      /** 1: looked at first. */
      place: count,
      /** Workloads in the queue. */
      of: count,
      /** Workloads before it that wait for the same. */
      aheadAlike: count,
      waitedMs: ms,
      /** Until then (ms since the epoch) it waits for a cluster without a price, by this policy of `spec.waiting`. */
      payFromMs: ms.optional(),
      waitingPolicy: z.enum(['Constant', 'RunTime', 'Resource', 'Compute']).optional(),
      /** How long it waits in all at most, as clusters with a price have room now for all that is missing. Absent: they have not. */
      longestMs: ms.optional(),
      /** From when it begins to wait until it has its place; absent: no wait has ended yet. */
      estimate: z.object({ ms, from: z.object({ waits: count, of: z.enum(['same', 'any']) }) }).optional(),
      /** How good earlier estimates were; absent: none has come true yet. `within2x`: share of those off by at most a factor of two. */
      quality: z.object({ estimates: count, medianErrorMs: ms, within2x: z.number() }).optional(),
    })
    .optional(),
});
export type PlacementExplanation = z.infer<typeof placementExplanationSchema>;

/** The answer, or why there is none. */
export const explainReplySchema = z.union([
  z.object({ explanation: placementExplanationSchema }),
  z.object({ error: z.string(), code: z.int() }),
]);
export type ExplainReply = z.infer<typeof explainReplySchema>;
