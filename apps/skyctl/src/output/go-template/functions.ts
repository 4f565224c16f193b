/** Functions of templates: Go's own, and those that kubectl adds. */
import { formatted, printed } from './go-format.js';
import { TemplateError } from './syntax.js';

type TemplateFunction = (args: readonly unknown[]) => unknown;

/** Go's idea of empty. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value);
}

export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['not', ([value]) => !isTrue(value)],
  ['len', ([value]) => lengthOf(value)],
  ['index', ([value, ...keys]) => keys.reduce(itemOf, value)],
  ['slice', ([value, from = 0, to]) => sliceOf(value, from, to)],
  ['print', (args) => spaced(args)],
  ['println', (args) => `${args.map(formatted).join(' ')}\n`],
  ['printf', ([format, ...args]) => printed(textOf('printf', format), args)],
  ['html', (args) => spaced(args).replaceAll(/[<>&'"]/g, (sign) => HTML[sign] ?? sign)],
  ['js', (args) => spaced(args).replaceAll(/['"\\<>&=\n\r\t]/g, (sign) => JS[sign] ?? sign)],
  [
    'urlquery',
    (args) =>
      encodeURIComponent(spaced(args))
        .replaceAll('%20', '+')
        .replaceAll(/[!'()*]/g, inHex),
  ],
  ['eq', ([first, ...others]) => others.some((other) => isEqual(first, other))],
  ['ne', ([left, right]) => !isEqual(left, right)],
  ['lt', ([left, right]) => order('lt', left, right) < 0],
  ['le', ([left, right]) => order('le', left, right) <= 0],
  ['gt', ([left, right]) => order('gt', left, right) > 0],
  ['ge', ([left, right]) => order('ge', left, right) >= 0],
  // kubectl's.
  ['exists', ([value, ...keys]) => hasPath(value, keys)],
  ['base64decode', ([value]) => Buffer.from(textOf('base64decode', value), 'base64').toString('utf8')],
]);

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&#34;' };
const JS: Readonly<Record<string, string>> = {
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
  '\n': '\\u000A',
  '\r': '\\u000D',
  '\t': '\\u0009',
};

const inHex = (sign: string): string => `%${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;

/** As fmt.Sprint: a space between two of which neither is text. */
function spaced(args: readonly unknown[]): string {
  return args
    .map((arg, index) => {
      const between = index > 0 && typeof arg !== 'string' && typeof args[index - 1] !== 'string';
      return `${between ? ' ' : ''}${formatted(arg)}`;
    })
    .join('');
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? value.length : Object.keys(value).length;
  throw new TemplateError(`len of ${formatted(value)}: it has no length`);
}

function itemOf(value: unknown, key: unknown): unknown {
  if (value === null || value === undefined) throw new TemplateError('index of untyped nil');
  if (Array.isArray(value)) {
    if (typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < value.length)
      return value[key] as unknown;
    throw new TemplateError(`index ${formatted(key)} is out of range: there are ${value.length}`);
  }
  if (typeof value === 'object' && typeof key === 'string') return (value as Record<string, unknown>)[key];
  throw new TemplateError(`cannot index ${formatted(value)} with ${formatted(key)}`);
}

function hasPath(value: unknown, keys: readonly unknown[]): boolean {
  try {
    return keys.reduce(itemOf, value) !== undefined;
  } catch (error) {
    if (error instanceof TemplateError) return false;
    throw error;
  }
}

function sliceOf(value: unknown, from: unknown, to: unknown): unknown {
  if (typeof from === 'number' && (typeof value === 'string' || Array.isArray(value))) {
    return value.slice(from, typeof to === 'number' ? to : undefined);
  }
  throw new TemplateError(`slice of ${formatted(value)}: takes a list or text, and whole numbers`);
}

function isEqual(left: unknown, right: unknown): boolean {
  if (typeof left === 'object' && left !== null) throw new TemplateError('eq and ne compare no lists and maps');
  return left === right || ((left ?? undefined) === undefined && (right ?? undefined) === undefined);
}

function order(name: string, left: unknown, right: unknown): number {
  const comparable = typeof left === typeof right && (typeof left === 'number' || typeof left === 'string');
  if (!comparable)
    throw new TemplateError(
      `${name} compares two numbers or two texts, not ${formatted(left)} and ${formatted(right)}`,
    );
  return left === right ? 0 : (left as number) < (right as number) ? -1 : 1;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(`${name}: ${formatted(value)} is no text`);
}
