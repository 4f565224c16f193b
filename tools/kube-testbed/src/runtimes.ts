/** How pods of a testbed live: by delays and annotations, or as processes on this machine. */
export const RUNTIMES = ['virtual', 'process'] as const;
export type Runtime = (typeof RUNTIMES)[number];
