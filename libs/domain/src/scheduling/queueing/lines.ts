/**
 * Who waits, in lines: the members of a line are in one queue, of one priority, and fit or do not fit together, so that when the
 * first finds no place the others need not be looked at. A workload that is new stays in its line undecided until its turn comes.
 */
import type { Position } from '@skyflow/contracts';
import type { Shape } from '../shape.js';
import type { WorkloadRecord } from '../state.js';
import { waitingKey } from '../waiting.js';
import type { Line, Lines } from './queueing-records.js';
import type { QueueTerms } from './terms.js';

export const newLines = (): Lines => ({ byTerms: new Map(), byQueue: new Map(), size: 0 });

/** Puts a workload into its line, if it waits, and out of the one it was in. Returns whether it left one. */
export function lineUp(lines: Lines, workload: WorkloadRecord, waits: boolean): boolean {
  const { uid } = workload.ref;
  const before = workload.line;
  const key = waits ? lineKey(workload) : undefined;
  const found = key === undefined ? undefined : lines.byTerms.get(workload.terms)?.get(key);
  if (before !== undefined && before === found) return false;
  if (before !== undefined) leaveLine(lines, before, uid);
  workload.line = key === undefined ? undefined : join(lines, found ?? lineOf(lines, workload.terms, key), workload);
  return before !== undefined;
}

/** The members in queue order. (Puts the line in order first if a workload came back into it.) */
export function inLine(line: Line): Map<string, Position> {
  if (!line.sorted) {
    line.members = new Map([...line.members].sort(([, a], [, b]) => a - b));
    line.sorted = true;
  }
  return line.members;
}

/** The members of a gang are one line, whatever their shapes. */
function lineKey(workload: WorkloadRecord): Shape | string {
  const { terms, shape, mode, replicas, shares } = workload;
  if (terms.gang !== undefined && terms.gang.name !== '') return '';
  const isPlain = mode === 'service' || (mode === 'batch' && shares.length === 0);
  if (terms.gang === undefined && terms.wait === undefined && isPlain) return shape;
  return `${waitingKey(workload)} ${replicas}`;
}

function lineOf(lines: Lines, terms: QueueTerms, key: Shape | string): Line {
  const line: Line = { terms, members: new Map(), sorted: true, last: 0 };
  let byKey = lines.byTerms.get(terms);
  if (byKey === undefined) lines.byTerms.set(terms, (byKey = new Map<Shape | string, Line>()));
  byKey.set(key, line);
  let ofQueue = lines.byQueue.get(terms.queue);
  if (ofQueue === undefined) lines.byQueue.set(terms.queue, (ofQueue = new Set()));
  ofQueue.add(line);
  return line;
}

function join(lines: Lines, line: Line, { ref, createdAt }: WorkloadRecord): Line {
  if (createdAt < line.last) line.sorted = false;
  line.last = Math.max(line.last, createdAt);
  line.members.set(ref.uid, createdAt);
  lines.size++;
  return line;
}

function leaveLine(lines: Lines, line: Line, uid: string): void {
  if (!line.members.delete(uid)) return;
  lines.size--;
  if (line.members.size > 0) return;
  const byKey = lines.byTerms.get(line.terms);
  for (const [key, each] of byKey ?? []) {
    if (each !== line) continue;
    byKey?.delete(key);
    break;
  }
  if (byKey?.size === 0) lines.byTerms.delete(line.terms);
  const ofQueue = lines.byQueue.get(line.terms.queue);
  ofQueue?.delete(line);
  if (ofQueue?.size === 0) lines.byQueue.delete(line.terms.queue);
}
