/** Settings of the scheduler beside those of every service. */
import { z } from 'zod';

export const schedulerSettings = {
  SKYFLOW_SCHEDULER_SHADOW: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: decide the log again without writing, and report where this version would decide otherwise'),
};
