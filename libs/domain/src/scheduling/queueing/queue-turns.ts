/** The lines of one queue in one round: the highest priority first, then the oldest head. */
import type { Position } from '@skyflow/contracts';
import { heapify, removeAt, sift } from './heap.js';
import { inLine } from './lines.js';
import type { Line } from './queueing-records.js';

/** A line as a round goes through it. */
export interface Turn {
  line: Line;
  /** The one at its head; '' when nobody is left. */
  uid: string;
  at: Position;
  advance(): void;
}

export class QueueTurns {
  private readonly heap: Turn[];

  constructor(lines: Iterable<Line>) {
    this.heap = Array.from(lines, turnOf);
    heapify(this.heap, isBefore);
  }

  /** The line whose head is next. */
  get first(): Turn | undefined {
    return this.heap[0];
  }

  /** Goes on to the next of the first line. */
  advance(): void {
    this.heap[0]?.advance();
    if (this.heap[0]?.uid === '') this.drop();
    else sift(this.heap, 0, isBefore);
  }

  /** Leaves the first line for the rest of the round. */
  drop(): void {
    removeAt(this.heap, 0, isBefore);
  }
}

function isBefore(a: Turn, b: Turn): boolean {
  const [left, right] = [a.line.terms.priority, b.line.terms.priority];
  return left === right ? a.at < b.at : left > right;
}

function turnOf(line: Line): Turn {
  const members = inLine(line).entries();
  const turn: Turn = {
    line,
    uid: '',
    at: 0,
    advance() {
      const { value } = members.next();
      [turn.uid, turn.at] = value ?? ['', 0];
    },
  };
  turn.advance();
  return turn;
}
