/** Scalars, and the messages whose JSON is not an object: times, quantities, int-or-string, raw JSON. */
import { bytesOf, readFields, type WireField } from './wire.js';

export const SPECIAL_MESSAGES: ReadonlySet<string> = new Set([
  'meta.v1.Time',
  'meta.v1.MicroTime',
  'meta.v1.Duration',
  'meta.v1.FieldsV1',
  'resource.Quantity',
  'intstr.IntOrString',
  'runtime.RawExtension',
]);

/** Integers come out as numbers; the native kinds hold none beyond 2^53. */
export function scalarOf({ value, bytes }: WireField, type: string): unknown {
  switch (type) {
    case 's':
      return bytes.toString();
    case 'y':
      return bytes.toString('base64');
    case 'b':
      return value !== 0n;
    case 'd': {
      const float = Buffer.alloc(8);
      float.writeBigUInt64LE(value);
      return float.readDoubleLE();
    }
    default:
      return Number(BigInt.asIntN(64, value));
  }
}

/** Undefined: the zero value, which JSON omits (a time that was never set). */
export function specialOf(message: Buffer, type: string): unknown {
  switch (type) {
    case 'meta.v1.Time':
      return timeOf(message, 0);
    case 'meta.v1.MicroTime':
      return timeOf(message, 6);
    case 'meta.v1.Duration':
      return `${numberOf(message, 1) / 1e9}s`;
    case 'resource.Quantity':
      return bytesOf(message, 1)?.toString() ?? '0';
    case 'intstr.IntOrString':
      return numberOf(message, 1) === 0 ? numberOf(message, 2) : (bytesOf(message, 3)?.toString() ?? '');
    default:
      return rawJson(bytesOf(message, 1));
  }
}

/** 1 seconds, 2 nanoseconds. */
function timeOf(message: Buffer, digits: 0 | 6): string | undefined {
  if (message.length === 0) return undefined;
  const whole = new Date(numberOf(message, 1) * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${whole}Z`;
  const micros = Math.floor(numberOf(message, 2) / 1000);
  return `${whole}.${String(micros).padStart(6, '0')}Z`;
}

function numberOf(message: Buffer, number: number): number {
  for (const field of readFields(message)) {
    if (field.number === number) return Number(BigInt.asIntN(64, field.value));
  }
  return 0;
}

function rawJson(bytes: Buffer | undefined): unknown {
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    throw new RangeError('an embedded object is not JSON');
  }
}
