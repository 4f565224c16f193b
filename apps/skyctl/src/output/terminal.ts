/**
 * Where output goes. Colours and redrawing only on a terminal, and no colours where NO_COLOR is set (no-color.org); what is
 * piped is plain and stable. A reader that went away (`skyctl get jobs | head -1`) ends the program quietly.
 */

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

const CODES: Record<Colour, readonly [number, number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

export interface OutputStream {
  write(text: string | Uint8Array): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export class Terminal {
  readonly isTerminal: boolean;
  readonly #colours: boolean;

  constructor(
    readonly stdout: OutputStream,
    readonly stderr: OutputStream,
    env: NodeJS.ProcessEnv,
  ) {
    this.isTerminal = stdout.isTTY === true;
    this.#colours = this.isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  }

  /** Terminals that do not know their size say 0. */
  get columns(): number {
    return this.stdout.columns || 80;
  }

  get rows(): number {
    return this.stdout.rows || 24;
  }

  /** Adds the line break. */
  line(text: string): void {
    this.stdout.write(`${text}\n`);
  }

  write(text: string): void {
    this.stdout.write(text);
  }

  /** For people, on stderr: what happened, what to do. Adds the line break. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  paint(colour: Colour, text: string): string {
    if (!this.#colours || text === '') return text;
    const [on, off] = CODES[colour];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}

/** Ends the program when the reader of its output is gone; anything else that happens to the stream is an error. */
export function exitWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') process.exit(0);
    throw error;
  });
}
