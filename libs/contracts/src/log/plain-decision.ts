/**
 * Tells placement decisions that are as their schema would give them back: known fields only, in its order, each of its type. They are
 * most of what a log with many jobs holds, and checked like this they cost a small part of what the schema takes to check and copy
 * them. Whatever is not certain is left to the schema, which also says what is wrong.
 */

interface Field {
  at: number;
  is: (value: unknown) => boolean;
  required: boolean;
}

type Fields = ReadonlyMap<string, Field>;

const fields = (
  of: Record<string, Field['is']>,
  optional: Record<string, Field['is']>,
  order: readonly string[],
): Fields =>
  new Map(
    order.map((name, at) => {
      const is = of[name] ?? optional[name];
      if (is === undefined) throw new Error(`no check of ${name}`);
      return [name, { at, is, required: name in of }];
    }),
  );

const isText = (value: unknown): boolean => typeof value === 'string';
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isInt = (value: unknown): boolean => Number.isSafeInteger(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isOneOrMore = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
const isNumber = (value: unknown): boolean => Number.isFinite(value);

/** Whether it has all required fields and only known ones, in their order. */
function isPlain(value: unknown, known: Fields): boolean {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const record = value as Record<string, unknown>;
  let last = -1;
  let required = 0;
  for (const key in record) {
    const field = known.get(key);
    if (field === undefined || field.at <= last || !field.is(record[key])) return false;
    last = field.at;
    if (field.required) required++;
  }
  return required === requiredOf(known);
}

const requiredCounts = new WeakMap<Fields, number>();

function requiredOf(known: Fields): number {
  let count = requiredCounts.get(known);
  if (count === undefined) {
    count = [...known.values()].filter(({ required }) => required).length;
    requiredCounts.set(known, count);
  }
  return count;
}

function listOf(known: Fields): Field['is'] {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (const item of value) if (!isPlain(item, known)) return false;
    return true;
  };
}

const ref = fields({ kind: isName, name: isName, uid: isName }, { namespace: isText }, [
  'kind',
  'namespace',
  'name',
  'uid',
]);

const placement = fields({ cluster: isName, replicas: isCount }, { completions: isCount }, [
  'cluster',
  'replicas',
  'completions',
]);

const verdict = fields(
  { cluster: isName },
  { plugin: isText, reason: isText, message: isText, score: isNumber, fits: isCount },
  ['cluster', 'plugin', 'reason', 'message', 'score', 'fits'],
);

/** Decisions with `leaving` or anything that follows it are few. */
const decision = fields(
  {
    epoch: isInt,
    ref: (value) => isPlain(value, ref),
    generation: isOneOrMore,
    placements: listOf(placement),
    unplaced: isCount,
    basis: isNumber,
    code: isName,
    verdicts: listOf(verdict),
  },
  { reason: isText, message: isText },
  ['epoch', 'ref', 'generation', 'placements', 'unplaced', 'reason', 'message', 'basis', 'code', 'verdicts'],
);

/** Data of `PlacementDecided`, parsed from JSON, that its schema would give back as it is. False: not known. */
export const isPlainDecision = (data: unknown): boolean => isPlain(data, decision);
