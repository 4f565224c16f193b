/** Where two pieces of JSON data differ first, in the order of the first one's fields. Order of keys does not count. */
export interface Difference {
  /** e.g. `placements[1].replicas`; empty: they differ as a whole. */
  path: string;
  /** Undefined: absent. */
  recorded: unknown;
  decided: unknown;
}

/** Undefined: they are the same, byte for byte once keys are in order. */
export function firstDifference(recorded: unknown, decided: unknown, path = ''): Difference | undefined {
  if (Object.is(recorded, decided)) return undefined;
  if (!isContainer(recorded) || !isContainer(decided) || Array.isArray(recorded) !== Array.isArray(decided)) {
    return { path, recorded, decided };
  }
  const isList = Array.isArray(recorded);
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(decided)])) {
    const at = isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const difference = firstDifference(recorded[key], decided[key], at);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
