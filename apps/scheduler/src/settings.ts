/** Settings of the scheduler beside those of every service. */
import { z } from 'zod';

export const schedulerSettings = {
  SKYFLOW_SCHEDULER_SHADOW: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: decide the log again without writing, and report where this version would decide otherwise'),
  SKYFLOW_SCHEDULER_SHADOW_WITH: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file (JSON) with policies, queues, priority classes or clusters that the shadow takes in place of those of the log',
    ),
};
