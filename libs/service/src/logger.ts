/** Logging: JSON lines on stdout, a constant message with fields, nothing secret. */
import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import { redacted } from '@skyflow/contracts';
import { traceFields } from '@skyflow/telemetry';

export type { Logger } from 'pino';

/** One logger per process; `child({…})` for parts of it. */
export function createLogger(service: string, instance: string, level: string): Logger {
  return pino(
    {
      level,
      base: { service, instance },
      mixin: traceFields,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['token', '*.token', 'authorization', '*.authorization', 'password', '*.password'],
        censor: '…',
      },
      // Whatever a message or an error of some library has in it.
      hooks: { streamWrite: redacted },
      // Synchronous, so that the last lines before a crash are there.
    },
    pino.destination({ dest: 1, sync: true }),
  );
}

/** Nest's own messages through our logger; its start-up chatter only at debug. */
export function nestLogger(logger: Logger): LoggerService {
  const nest = logger.child({ component: 'nest' });
  const text = (message: unknown): string => (message instanceof Error ? message.message : String(message));
  return {
    log: (message: unknown) => nest.debug(text(message)),
    debug: (message: unknown) => nest.debug(text(message)),
    verbose: (message: unknown) => nest.trace(text(message)),
    warn: (message: unknown) => nest.warn(text(message)),
    error: (message: unknown, stack?: unknown) => nest.error({ stack }, text(message)),
    fatal: (message: unknown) => nest.fatal(text(message)),
  };
}
