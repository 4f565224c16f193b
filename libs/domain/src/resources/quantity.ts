/**
 * Kubernetes quantities (apimachinery/pkg/api/resource): `100m`, `1.5Gi`, `2e3`, `1E`.
 *
 * Parsing is exact (no floating point until the result) and rounds up, as Kubernetes does, so that nothing is ever
 * counted as smaller than it is. Negative amounts are refused: nothing that SkyFlow reads may be negative.
 */

/** A quantity that is none. The message says what is wrong and what a right one looks like. */
export class InvalidQuantityError extends Error {
  override readonly name = 'InvalidQuantityError';
}

/** Largest amount that Kubernetes can hold: 2^63 - 1. */
const LARGEST = 2n ** 63n - 1n;
/** Exponents beyond this are out of range for every mantissa but zero; the bound keeps the arithmetic small. */
const EXPONENT_BOUND = 60;
/** Longer texts are no honest amounts. */
const LONGEST_TEXT = 64;

/** What nearly every quantity looks like; small enough for exact arithmetic without big integers. */
const COMMON_CPU = /^(\d{1,9})(m)?$/;
const COMMON_BYTES = /^(\d{1,6})(Ki|Mi|Gi|k|M|G)?$/;
const COMMON_MULTIPLIERS = new Map([
  ['Ki', 1024],
  ['Mi', 1024 ** 2],
  ['Gi', 1024 ** 3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
]);

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]{0,2}|[eE][+-]?\d+)$/;

/** Suffix → multiplier as `factor * 10^power`. */
const SUFFIXES = new Map<string, { factor: bigint; power: number }>([
  ['n', { factor: 1n, power: -9 }],
  ['u', { factor: 1n, power: -6 }],
  ['m', { factor: 1n, power: -3 }],
  ['', { factor: 1n, power: 0 }],
  ['k', { factor: 1n, power: 3 }],
  ['M', { factor: 1n, power: 6 }],
  ['G', { factor: 1n, power: 9 }],
  ['T', { factor: 1n, power: 12 }],
  ['P', { factor: 1n, power: 15 }],
  ['E', { factor: 1n, power: 18 }],
  ['Ki', { factor: 2n ** 10n, power: 0 }],
  ['Mi', { factor: 2n ** 20n, power: 0 }],
  ['Gi', { factor: 2n ** 30n, power: 0 }],
  ['Ti', { factor: 2n ** 40n, power: 0 }],
  ['Pi', { factor: 2n ** 50n, power: 0 }],
  ['Ei', { factor: 2n ** 60n, power: 0 }],
]);

/**
 * The amount in base units (cores, bytes, counts); may have a fraction (`100m` is 0.1).
 * @throws InvalidQuantityError
 */
export const parseQuantity = (quantity: string | number): number => Number(scaled(quantity, 9)) / 1e9;

/**
 * Processors in millicores, rounded up: `0.5` and `500m` are 500.
 * @throws InvalidQuantityError
 */
export const parseCpu = (quantity: string | number): number => {
  const match = COMMON_CPU.exec(String(quantity));
  if (match === null) return Number(scaled(quantity, 3));
  return match[2] === undefined ? Number(match[1]) * 1000 : Number(match[1]);
};

/**
 * Whole bytes (or whole pieces of anything else that is counted), rounded up: `1Ki` is 1024.
 * @throws InvalidQuantityError
 */
export const parseBytes = (quantity: string | number): number => {
  const match = COMMON_BYTES.exec(String(quantity));
  if (match === null) return Number(scaled(quantity, 0));
  return Number(match[1]) * (COMMON_MULTIPLIERS.get(match[2] ?? '') ?? 1);
};

/** Whether a quantity, which is one, is nothing: `0`, `0m`, `0.0Gi`. */
export const isZeroQuantity = (quantity: string | number): boolean => /^[+-]?[0.]+([A-Za-z]|$)/.test(String(quantity));

/** What is wrong with a quantity, or undefined if nothing is. For validation at the edge. */
export function quantityProblem(quantity: unknown): string | undefined {
  if (typeof quantity !== 'string' && typeof quantity !== 'number') {
    return `a quantity is text or a number such as "500m", "1.5Gi" or 2, not ${describe(quantity)}`;
  }
  const text = String(quantity);
  if (COMMON_CPU.test(text) || COMMON_BYTES.test(text)) return undefined;
  try {
    scaled(quantity, 0);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidQuantityError) return error.message;
    throw error;
  }
}

/** ceil(quantity * 10^decimals), exactly. */
function scaled(quantity: string | number, decimals: number): bigint {
  if (typeof quantity === 'number' && !Number.isFinite(quantity)) throw refuse(quantity, 'is not a finite number');
  const text = String(quantity);
  if (text.length > LONGEST_TEXT) throw refuse(`${text.slice(0, 16)}…`, `is longer than ${LONGEST_TEXT} characters`);
  const match = SHAPE.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  if (match === null || whole + fraction === '') throw refuse(text, 'is not a number with an optional suffix');
  const multiplier = SUFFIXES.get(suffix) ?? exponent(suffix);
  if (multiplier === undefined) throw refuse(text, `has the unknown suffix "${suffix}"`);

  const digits = BigInt(whole + fraction) * multiplier.factor;
  if (digits === 0n) return 0n;
  if (sign === '-') throw refuse(text, 'is negative');
  const power = multiplier.power - fraction.length;
  if (
    power > EXPONENT_BOUND ||
    digits * 10n ** BigInt(Math.max(power, 0)) > LARGEST * 10n ** BigInt(Math.max(-power, 0))
  ) {
    throw refuse(text, 'is larger than 2^63 - 1');
  }
  const shift = power + decimals;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : ceilDivide(digits, 10n ** BigInt(-shift));
}

/** `e3`, `E-2`: a decimal exponent. Very small ones are all the same: the result rounds up to the smallest unit. */
function exponent(suffix: string): { factor: bigint; power: number } | undefined {
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined;
  const power = Number(suffix.slice(1));
  const bound = EXPONENT_BOUND + LONGEST_TEXT;
  return { factor: 1n, power: Math.min(Math.max(power, -bound), bound) };
}

const ceilDivide = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

const refuse = (quantity: string | number, what: string): InvalidQuantityError =>
  new InvalidQuantityError(
    `quantity "${quantity}" ${what}; write a number that is not negative, with one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei or an exponent, such as "500m", "1.5Gi" or "2e3"`,
  );

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
