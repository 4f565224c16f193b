/** Colours of statuses, as in the seed: green is well, red is wrong, cyan is finished, yellow is on its way. */
import type { Colour, Terminal } from './terminal.js';

const COLOURS: Record<string, Colour> = {
  READY: 'green',
  RUNNING: 'green',
  Active: 'green',
  Ready: 'green',
  NotReady: 'red',
  COMPLETED: 'cyan',
  STOPPED: 'cyan',
  FAILED: 'red',
  LOST: 'red',
  UNREACHABLE: 'red',
  ERROR: 'red',
};

export const paintStatus = (terminal: Terminal, status: string): string =>
  terminal.paint(COLOURS[status.split(',')[0] ?? ''] ?? 'yellow', status);
