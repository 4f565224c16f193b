/** What a change would move: asked from the active scheduler over core NATS, which decides it on a fork of its state. Nothing is written. */
import { z } from 'zod';
import { objectRefSchema, storedObjectSchema } from '../log/entries.js';

const count = z.int().min(0);
const shareSchema = z.object({ cluster: z.string(), replicas: count });

/** The change: objects as they would be stored, and objects that would be deleted. */
export const previewRequestSchema = z.object({
  objects: z.array(storedObjectSchema).default([]),
  deleted: z.array(objectRefSchema).default([]),
  /** Services that would be asked to move to where they are better off: all, of a namespace, of these names. */
  rebalance: z
    .object({
      namespace: z.string().optional(),
      workloads: z.array(z.object({ kind: z.string(), name: z.string() })).optional(),
    })
    .optional(),
  /** The scheduler must have folded the log up to here. */
  atLeastSeq: z.int().min(0).default(0),
  /** Most moves that are listed; all are counted. */
  most: z.int().min(0).max(5_000).default(1_000),
});
export type PreviewRequest = z.input<typeof previewRequestSchema>;

/** One workload that would lose replicas somewhere, or move them. */
export const previewedMoveSchema = z.object({
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  /** What it has now and would lose. */
  from: z.array(shareSchema),
  /** What it would get, and does not have now. */
  to: z.array(shareSchema),
  /** Replicas that would find no place, and why. */
  waiting: count,
  message: z.string().optional(),
  /** `now`: at once, services when their replacement is ready. `grace`: not before the time that a drain gives is over. */
  when: z.enum(['now', 'grace']),
});
export type PreviewedMove = z.infer<typeof previewedMoveSchema>;

export const movePreviewSchema = z.object({
  /** Position of the log that this holds for. */
  position: z.number(),
  moves: z.array(previewedMoveSchema),
  /** Over all moves, also those that are not listed. */
  workloads: count,
  replicas: count,
  waiting: count,
  /** Replicas that all clusters together have now. */
  placed: count,
  /** Why this should not be done without being asked for by force; absent: nothing speaks against it. */
  objection: z.string().optional(),
});
export type MovePreview = z.infer<typeof movePreviewSchema>;

/** The answer, or why there is none. */
export const previewReplySchema = z.union([
  z.object({ preview: movePreviewSchema }),
  z.object({ error: z.string(), code: z.int() }),
]);
export type PreviewReply = z.infer<typeof previewReplySchema>;

/** Core NATS, request-reply to the active scheduler. */
export const schedulerRequestSubject = (verb: 'preview' | 'explain' | 'simulate'): string =>
  `sky.ask.scheduler.${verb}`;
