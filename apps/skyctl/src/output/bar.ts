/** How full something is, drawn: `███████░░░`. Only for terminals; in pipes numbers say it. */
import type { Colour, Terminal } from './terminal.js';

const FULL = '\u2588';
const EMPTY = '\u2591';
/** From which part on it is no longer well, and from which it is nearly full. */
const HIGH = 0.75;
const FULLISH = 0.9;

/** `part` of 1; more than 1 is full. */
export function bar(terminal: Terminal, part: number, width = 10): string {
  const filled = Math.round(Math.min(Math.max(part, 0), 1) * width);
  const colour: Colour = part >= FULLISH ? 'red' : part >= HIGH ? 'yellow' : 'green';
  return terminal.paint(colour, FULL.repeat(filled)) + terminal.paint('dim', EMPTY.repeat(width - filled));
}
