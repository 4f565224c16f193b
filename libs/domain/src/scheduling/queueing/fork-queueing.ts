/** What a fork of the state has of queues: a copy of the lines, but for who is in them; see ../fork.ts. */
import { ForkedMap, ForkedSet } from '../copy-on-write.js';
import type { Shape } from '../shape.js';
import type { Line, Lines, Queueing } from './queueing-records.js';
import type { QueueTerms } from './terms.js';

export function forkQueueing(
  base: Queueing | undefined,
  terms: ReadonlyMap<string, QueueTerms>,
  shapes: ReadonlyMap<string, Shape>,
): { queueing: Queueing | undefined; lines: ReadonlyMap<Line, Line> } {
  const copies = new Map<Line, Line>();
  if (base === undefined) return { queueing: undefined, lines: copies };
  const lines: Lines = { byTerms: new Map(), byQueue: new Map(), size: base.lines.size };
  for (const [of, byKey] of base.lines.byTerms) {
    const ownTerms = terms.get(of.key) ?? of;
    const own = new Map<Shape | string, Line>();
    lines.byTerms.set(ownTerms, own);
    for (const [key, line] of byKey) {
      const copy: Line = { ...line, terms: ownTerms, members: new ForkedMap(line.members) };
      copies.set(line, copy);
      own.set(typeof key === 'string' ? key : (shapes.get(key.key) ?? key), copy);
      const ofQueue = lines.byQueue.get(ownTerms.queue);
      if (ofQueue === undefined) lines.byQueue.set(ownTerms.queue, new Set([copy]));
      else ofQueue.add(copy);
    }
  }
  const queueing: Queueing = {
    lines,
    usage: new Map([...base.usage].map(([queue, amounts]) => [queue, [...amounts]])),
    revise: new ForkedSet(base.revise),
    claimants: new ForkedSet(base.claimants),
    changedAt: base.changedAt,
    freedAt: new Map(base.freedAt),
    takenAt: new Map(base.takenAt),
    grownAt: new Map(base.grownAt),
  };
  return { queueing, lines: copies };
}
