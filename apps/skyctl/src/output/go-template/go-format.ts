/** Values as Go's fmt package prints them: decoded JSON, in which whole numbers are int64 and others float64. */
import { TemplateError } from './syntax.js';

/** `%v` */
export function formatted(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value);
  if (typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatted).join(' ')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, each]) => `${key}:${formatted(each)}`).join(' ')}]`;
}

/** The shortest form, with an exponent from 10^6 on and below 10^-4 (strconv, format g). */
const SMALLEST_PLAIN = -4;
const LARGEST_PLAIN = 6;

function formatFloat(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= SMALLEST_PLAIN && power < LARGEST_PLAIN) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const VERB = /%(?<flags>[-+# 0]*)(?<width>\d+)?(?:\.(?<precision>\d+))?(?<verb>[a-zA-Z%])/g;

/** `printf`. @throws TemplateError for verbs that are not known */
export function printed(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replaceAll(VERB, (...match) => {
    const { flags = '', width, precision, verb } = match.at(-1) as Record<string, string | undefined>;
    if (verb === '%') return '%';
    if (next >= args.length) return `%!${verb ?? ''}(MISSING)`;
    const digits = precision === undefined ? undefined : Number(precision);
    return padded(byVerb(verb ?? 'v', args[next++], digits), flags, Number(width ?? 0));
  });
  const more = args.slice(next).map((arg) => `${kindOf(arg)}=${formatted(arg)}`);
  return more.length === 0 ? text : `${text}%!(EXTRA ${more.join(', ')})`;
}

function byVerb(verb: string, value: unknown, precision: number | undefined): string {
  const number = typeof value === 'number' ? value : undefined;
  const isFloat = typeof value === 'number' && !Number.isInteger(value);
  switch (verb) {
    case 'v':
      return formatted(value);
    case 's':
      return typeof value === 'string'
        ? value.slice(0, precision)
        : number === undefined
          ? formatted(value)
          : wrong(verb, value);
    case 'q':
      return typeof value === 'string' ? JSON.stringify(value) : wrong(verb, value);
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong(verb, value);
    case 'd':
      return number !== undefined && !isFloat ? BigInt(number).toString() : wrong(verb, value);
    case 'x':
      return typeof value === 'string'
        ? Buffer.from(value).toString('hex')
        : (number?.toString(16) ?? wrong(verb, value));
    case 'f':
      return isFloat ? value.toFixed(precision ?? 6) : wrong(verb, value);
    case 'e':
      return isFloat ? value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2') : wrong(verb, value);
    case 'g':
      return isFloat
        ? formatted(precision === undefined ? value : Number(value.toPrecision(precision)))
        : wrong(verb, value);
    default:
      throw new TemplateError(`printf does not know %${verb}`);
  }
}

const wrong = (verb: string, value: unknown): string => `%!${verb}(${kindOf(value)}=${formatted(value)})`;

function kindOf(value: unknown): string {
  if (typeof value === 'string' || value === null || value === undefined)
    return value === undefined || value === null ? '<nil>' : 'string';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  return text.padStart(width, flags.includes('0') && !text.startsWith('-') ? '0' : ' ');
}
