/**
 * A screen that one may leave open: its own page of the terminal, drawn again when something changed and once a second, until q, ESC or
 * Ctrl-C. What was on the terminal before is there again afterwards.
 */
import type { Session } from '../session.js';
import { cut } from './cut.js';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Ages go on though nothing happens. */
const REDRAW_EVERY_MS = 1_000;
/** Many changes at once are drawn once. */
const SETTLE_MS = 100;

export interface Live {
  /** Lines of the page as things are now. */
  frame: () => string;
  /** Runs until the signal aborts, and calls when there is something new to draw. */
  follow: (changed: () => void, signal: AbortSignal) => Promise<void>;
}

/** Returns when the person is done with it. @throws what `follow` throws, with the terminal as it was. */
export async function showLive({ terminal }: Session, { frame, follow }: Live): Promise<void> {
  const stop = new AbortController();
  let drawn = '';
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    timer = undefined;
    const lines = `${frame()}\n\n${terminal.paint('dim', 'q ends this')}`.split('\n').slice(0, terminal.rows);
    const page = lines.map((line) => cut(line, terminal.columns) + CLEAR_LINE).join('\n');
    if (page === drawn) return;
    drawn = page;
    terminal.write(HOME + page + CLEAR_BELOW);
  };
  const changed = (): void => {
    timer ??= setTimeout(draw, SETTLE_MS);
  };
  const redraw = (): void => {
    drawn = '';
    changed();
  };
  const clock = setInterval(changed, REDRAW_EVERY_MS);
  const end = (): void => stop.abort();
  const releaseKeys = onKey((key) => {
    if (['q', 'Q', '\u001b', '\u0003', '\u0004'].includes(key)) end();
  });
  const handlers = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT').once('SIGINT', end);
  process.stdout.on('resize', redraw);
  terminal.write(ENTER);
  try {
    draw();
    await follow(changed, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    clearInterval(clock);
    clearTimeout(timer);
    releaseKeys();
    process.stdout.off('resize', redraw);
    process.removeAllListeners('SIGINT');
    for (const handler of handlers) process.on('SIGINT', handler);
    terminal.write(LEAVE);
  }
}

/** Single keys, where there is a keyboard. */
function onKey(take: (key: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const read = (data: Buffer): void => take(data.toString());
  stdin.setRawMode(true);
  stdin.resume().on('data', read);
  return () => {
    stdin.off('data', read).pause();
    stdin.setRawMode(false);
  };
}
