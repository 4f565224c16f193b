/** The expressions inside `{…}`: `.items[?(@.status.phase=="RUNNING")].metadata.name`. */
import { JsonPathError } from './syntax.js';
import type { Operand, Operator, Step, UnionPart } from './syntax.js';

/** @throws JsonPathError */
export function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [step, length] = nextStep(rest, text);
    if (step !== undefined) steps.push(...step);
    rest = rest.slice(length);
  }
  return steps;
}

/** The next steps and how much text they took. */
function nextStep(rest: string, whole: string): [Step[] | undefined, number] {
  if (rest.startsWith('$')) return [[{ type: 'root' }], 1];
  if (rest.startsWith('@')) return [undefined, 1];
  if (rest.startsWith('[')) return bracket(rest, whole);
  const dots = rest.startsWith('..') ? 2 : rest.startsWith('.') ? 1 : 0;
  const descend: Step[] = dots === 2 ? [{ type: 'descend' }] : [];
  if (rest[dots] === '*') return [[...descend, { type: 'any' }], dots + 1];
  const name = /^(?:\\.|[^.[\]\\\s(){}])+/.exec(rest.slice(dots))?.[0];
  if (name !== undefined) {
    return [[...descend, { type: 'field', name: name.replaceAll(/\\(.)/g, '$1') }], dots + name.length];
  }
  if (dots > 0 && (rest.length === dots || rest[dots] === '[')) return [dots === 2 ? descend : undefined, dots];
  throw new JsonPathError(`"${rest}" in "${whole}" is not understood; fields are written .name or ['name']`);
}

function bracket(rest: string, whole: string): [Step[], number] {
  const end = closing(rest);
  if (end < 0) throw new JsonPathError(`"[" in "${whole}" is never closed`);
  const inner = rest.slice(1, end).trim();
  const length = end + 1;
  if (inner === '*') return [[{ type: 'any' }], length];
  const filter = /^\?\s*\((.*)\)$/s.exec(inner)?.[1];
  if (filter !== undefined) return [[parseFilter(filter)], length];
  if (inner === '') throw new JsonPathError(`"[]" in "${whole}" needs an index, a name, a filter or *`);
  return [[{ type: 'union', parts: splitOutside(inner, ',').map((part) => unionPart(part.trim(), whole)) }], length];
}

function unionPart(part: string, whole: string): UnionPart {
  const quoted = unquote(part);
  if (quoted !== undefined) return { type: 'name', name: quoted };
  if (/^-?\d+$/.test(part)) return { type: 'index', index: Number(part) };
  const slice = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(part);
  if (slice === null || slice[3] === '0') {
    throw new JsonPathError(`"[${part}]" in "${whole}" is no index, slice, 'name', filter or *`);
  }
  const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return { type: 'slice', from: numberOf(slice[1]), to: numberOf(slice[2]), step: Number(slice[3] ?? 1) };
}

const OPERATORS: readonly Operator[] = ['==', '!=', '<=', '>=', '<', '>'];

function parseFilter(text: string): Step {
  for (const operator of OPERATORS) {
    const [left, right, ...more] = splitOutside(text, operator);
    if (left === undefined || right === undefined) continue;
    if (more.length > 0) throw new JsonPathError(`filter "${text}" compares more than once`);
    return { type: 'filter', left: operand(left), operator, right: operand(right) };
  }
  return { type: 'filter', left: operand(text), operator: 'exists', right: { type: 'literal', value: null } };
}

function operand(text: string): Operand {
  const trimmed = text.trim();
  const quoted = unquote(trimmed);
  if (quoted !== undefined) return { type: 'literal', value: quoted };
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return { type: 'literal', value: Number(trimmed) };
  if (trimmed === 'true' || trimmed === 'false') return { type: 'literal', value: trimmed === 'true' };
  if (trimmed === 'null') return { type: 'literal', value: null };
  if (!/^[@$.]/.test(trimmed)) {
    throw new JsonPathError(`"${trimmed}" in a filter is no path (@.name), text in quotes, or number`);
  }
  return { type: 'path', path: parsePath(trimmed) };
}

/** The text in single or double quotes, with `\n`, `\t`, `\"` and `\\` read. */
export function unquote(text: string): string | undefined {
  const inner = /^'((?:[^'\\]|\\.)*)'$/s.exec(text)?.[1] ?? /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  return inner?.replaceAll(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

/** Index of the bracket that closes the first one; quotes and inner brackets are skipped. */
function closing(text: string): number {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quote !== '') {
      if (character === '\\') index += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '[') depth += 1;
    else if (character === ']' && --depth === 0) return index;
  }
  return -1;
}

/** Split at a separator that is not inside quotes or brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quote !== '') {
      if (character === '\\') index += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if ('[('.includes(character)) depth += 1;
    else if ('])'.includes(character)) depth -= 1;
    else if (depth === 0 && text.startsWith(separator, index)) {
      parts.push(text.slice(start, index));
      start = index + separator.length;
      index = start - 1;
    }
  }
  return [...parts, text.slice(start)];
}
