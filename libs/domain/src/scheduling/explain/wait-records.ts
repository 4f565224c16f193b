/**
 * How long workloads waited, and how long it was thought that they would: folded from the log, so that an estimate for one that
 * waits comes with how good earlier ones were. Bounded: the newest waits, and estimates of so many that wait now.
 */
/** A wait that ended with a place. */
export interface EndedWait {
  /** What it waited for: waits of the same key end for the same reasons. */
  key: string;
  /** Wall clock of the log. */
  endedMs: number;
  waitedMs: number;
  /** What was estimated when it began to wait; undefined: nothing could be. */
  estimateMs: number | undefined;
}

export interface OpenWait {
  key: string;
  /** Made when it began to wait. */
  estimateMs: number | undefined;
}

export interface WaitRecords {
  /** Estimates of workloads that wait now, by uid. */
  open: Map<string, OpenWait>;
  /** Oldest first. */
  ended: EndedWait[];
}

/** Waits of the same key from which a rate is taken; fewer say too little. */
const LEAST_FOR_RATE = 3;

export const newWaitRecords = (): WaitRecords => ({ open: new Map(), ended: [] });

export interface WaitEstimate {
  ms: number;
  /** What it rests on. */
  from: { waits: number; of: 'same' | 'any' };
}

/**
 * From how fast places were found for those that waited for the same; else from how long others waited. Undefined: nothing is known.
 * @param ahead how many that wait for the same come first.
 */
export function estimateFor({ ended }: WaitRecords, key: string, ahead: number): WaitEstimate | undefined {
  const same = ended.filter((wait) => wait.key === key);
  const [first, last] = [same[0], same.at(-1)];
  if (first !== undefined && last !== undefined && same.length >= LEAST_FOR_RATE) {
    const intervalMs = (last.endedMs - first.endedMs) / (same.length - 1);
    return { ms: Math.round(intervalMs * (ahead + 1)), from: { waits: same.length, of: 'same' } };
  }
  const known = same.length > 0 ? same : ended;
  if (known.length === 0) return undefined;
  return {
    ms: median(known.map(({ waitedMs }) => waitedMs)),
    from: { waits: known.length, of: same.length > 0 ? 'same' : 'any' },
  };
}

/** How good estimates were that have come true since. Undefined: none has. */
export function qualityOf({
  ended,
}: WaitRecords): { estimates: number; medianErrorMs: number; within2x: number } | undefined {
  const judged = ended.flatMap(({ waitedMs, estimateMs }) =>
    estimateMs === undefined ? [] : [{ waitedMs, estimateMs }],
  );
  if (judged.length === 0) return undefined;
  const close = judged.filter(({ waitedMs, estimateMs }) => waitedMs <= 2 * estimateMs && estimateMs <= 2 * waitedMs);
  return {
    estimates: judged.length,
    medianErrorMs: median(judged.map(({ waitedMs, estimateMs }) => Math.abs(waitedMs - estimateMs))),
    within2x: close.length / judged.length,
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
