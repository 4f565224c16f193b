/** What a shadow scheduler has found: asked over core NATS, answered by each shadow that runs. */
import { z } from 'zod';

const count = z.int().min(0);

export const shadowReportSchema = z.object({
  /** First commit whose decisions it compares: later than 1 where history was purged. Absent: an earlier version says it. */
  from: z.int().min(1).optional(),
  /** Last commit that it has taken into account. */
  seq: count,
  /** Version of the code that shadows. */
  by: z.string(),
  rounds: count,
  decisions: count,
  /** Decisions that it would have made otherwise. */
  differences: count,
  /** The newest of them, oldest first. */
  newest: z.array(
    z.looseObject({
      position: z.number(),
      recorded: z.looseObject({}),
      decided: z.looseObject({}).optional(),
      difference: z.looseObject({ path: z.string() }),
    }),
  ),
  /** Versions of the code that decided. */
  codes: z.array(z.string()),
});
export type ShadowReport = z.infer<typeof shadowReportSchema>;

/** Core NATS, request-reply. */
export const shadowReportSubject = (): string => 'sky.ask.shadow.report';
