/** What would happen if: asked from the active scheduler over core NATS, which decides it on a fork of its state. Nothing is written. */
import { z } from 'zod';
import { objectRefSchema, storedObjectSchema } from '../log/entries.js';

const count = z.int().min(0);
const shareSchema = z.object({ cluster: z.string(), replicas: count });

export const simulateRequestSchema = z.object({
  /** As they would be stored: workloads, policies, queues, clusters. */
  objects: z.array(storedObjectSchema).max(20_000).default([]),
  deleted: z.array(objectRefSchema).max(20_000).default([]),
  /** Clusters that would be lost. */
  clustersDown: z.array(z.string()).max(1_000).default([]),
  /** Nodes that would be added. */
  nodes: z
    .array(
      z.object({
        cluster: z.string(),
        count: z.int().min(1).max(10_000),
        /** Per node, base units; `pods` defaults to the kubelet's 110. */
        allocatable: z.record(z.string(), z.number().min(0)),
        /** The cluster would be built of them: it is there with these nodes and no others. */
        starts: z.boolean().optional(),
      }),
    )
    .max(100)
    .default([]),
  /** The scheduler must have folded the log up to here. */
  atLeastSeq: z.int().min(0).default(0),
  /** Most workloads that are listed; all are counted. */
  most: z.int().min(0).max(20_000).default(1_000),
});
export type SimulateRequest = z.input<typeof simulateRequestSchema>;

/**
 * What would become of one workload. placed: it gets replicas that it does not have now; moved: it has them somewhere else afterwards;
 * preempted: it gives up replicas for another; waiting: more of its replicas wait than now.
 */
export const simulatedOutcomes = ['placed', 'moved', 'preempted', 'waiting'] as const;

export const simulatedWorkloadSchema = z.object({
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  outcome: z.enum(simulatedOutcomes),
  /** Replicas by cluster now and then. */
  before: z.array(shareSchema),
  after: z.array(shareSchema),
  /** Replicas that would wait, and why. */
  waiting: count,
  reason: z.string().optional(),
  message: z.string().optional(),
});
export type SimulatedWorkload = z.infer<typeof simulatedWorkloadSchema>;

export const simulationSchema = z.object({
  /** Position of the log that this holds for. */
  position: z.number(),
  /** Version of the code that decided. */
  code: z.string(),
  /** Workloads by outcome. */
  counts: z.record(z.enum(simulatedOutcomes), count),
  workloads: z.array(simulatedWorkloadSchema),
});
export type Simulation = z.infer<typeof simulationSchema>;

/** The answer, or why there is none. */
export const simulateReplySchema = z.union([
  z.object({ simulation: simulationSchema }),
  z.object({ error: z.string(), code: z.int() }),
]);
export type SimulateReply = z.infer<typeof simulateReplySchema>;
