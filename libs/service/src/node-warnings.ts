/** Warnings of Node and of libraries are lines of the log; Node by itself prints them between its lines, as text. */
import type { Logger } from './logger.js';

/** Say nothing that somebody could do something about: Google's client looks for its cloud, and this machine is not in it. */
const EXPECTED: ReadonlySet<string> = new Set(['MetadataLookupWarning']);

export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    const level = EXPECTED.has(name) ? 'debug' : 'warn';
    logger[level]({ warning: name, detail: message }, 'warning of Node');
  });
}
