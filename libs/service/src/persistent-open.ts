/** Opening something on the log for as long as it takes: a slow or absent server delays a start, it never ends a service. */
import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailableError } from '@skyflow/event-log';
import type { z } from 'zod';
import type { ServiceContext } from './service-context.js';

const PAUSE_MS = 500;

/** Tries until it opens. Rejects when the service stops, and with every error but LogUnavailableError. */
export async function openPersistently<T, S extends z.ZodRawShape>(
  { logger, stopping }: ServiceContext<S>,
  what: string,
  open: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      logger.warn({ err: error, what }, 'the log does not answer; trying again');
      await pause(PAUSE_MS * (0.5 + Math.random()), undefined, { signal: stopping });
    }
  }
}
