/** Validation of strings, numbers and booleans against their schema; one cause at most for each value. */
import {
  invalidCause,
  requiredCause,
  type Schema,
  type StatusCause,
  tooLongCause,
  typeCause,
  unsupportedCause,
} from '@skyflow/contracts';
import { formatPath, type PathSegment } from './field-path.js';
import { formatProblem, integerRanges, isQuantity, QUANTITY_RULE } from './formats.js';
import { isIntOrString } from './shape.js';

/** Longest text that a pattern is tried on; longer ones are refused, so that no pattern can take long. */
const MAX_PATTERN_TEXT = 4096;

/** What is wrong with this value, or undefined. The path is rendered only where something is. */
export function scalarProblem(value: unknown, schema: Schema, path: readonly PathSegment[]): StatusCause | undefined {
  const wrongType = typeProblem(value, schema);
  if (wrongType !== undefined) return typeCause(formatPath(path), value, wrongType);
  if (schema.enum !== undefined && !schema.enum.includes(value as string | number)) {
    return unsupportedCause(formatPath(path), value, schema.enum);
  }
  if (typeof value === 'number') {
    const rule = numberProblem(value, schema);
    return rule === undefined ? undefined : invalidCause(formatPath(path), value, rule);
  }
  return typeof value === 'string' ? stringProblem(value, schema, path) : undefined;
}

function typeProblem(value: unknown, schema: Schema): string | undefined {
  if (schema.format === 'quantity') {
    return typeof value === 'string' || typeof value === 'number' ? undefined : QUANTITY_RULE;
  }
  if (isIntOrString(schema)) {
    return typeof value === 'string' || Number.isSafeInteger(value)
      ? undefined
      : 'must be an integer or a string such as 25%';
  }
  switch (schema.type) {
    case 'integer':
      return Number.isInteger(value) ? undefined : `must be an integer${unquoteHint(value)}`;
    case 'number':
      return typeof value === 'number' ? undefined : `must be a number${unquoteHint(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `must be true or false${unquoteHint(value)}`;
    case 'string':
      return typeof value === 'string' ? undefined : `must be a string${quoteHint(value)}`;
    default:
      return undefined;
  }
}

/** YAML turns `8080` and `true` into numbers and booleans, and people quote what must not be. */
const quoteHint = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? `; write "${value}" in quotes` : '';
const unquoteHint = (value: unknown): string =>
  typeof value === 'string' && /^(-?\d{1,15}|true|false)$/.test(value) ? `; write ${value} without quotes` : '';

function numberProblem(value: number, schema: Schema): string | undefined {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined && (value < minimum || value > maximum)) {
    return `must be between ${minimum} and ${maximum}, inclusive`;
  }
  if (minimum !== undefined && value < minimum) return `must be greater than or equal to ${minimum}`;
  if (maximum !== undefined && value > maximum) return `must be less than or equal to ${maximum}`;
  const range = schema.format === undefined ? undefined : integerRanges[schema.format];
  if (schema.type === 'integer' && range !== undefined && (value < range[0] || value > range[1])) {
    return `must fit ${schema.format ?? ''}: between ${range[0]} and ${range[1]}`;
  }
  return undefined;
}

function stringProblem(value: string, schema: Schema, path: readonly PathSegment[]): StatusCause | undefined {
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    return value === ''
      ? requiredCause(formatPath(path), 'must not be empty')
      : invalidCause(formatPath(path), value, `must have at least ${schema.minLength} characters`);
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    return tooLongCause(formatPath(path), schema.maxLength);
  }
  if (schema.pattern !== undefined) {
    if (value.length > MAX_PATTERN_TEXT) return tooLongCause(formatPath(path), MAX_PATTERN_TEXT);
    if (!compiled(schema.pattern).test(value)) {
      return invalidCause(formatPath(path), value, `must match ${schema.pattern}`);
    }
  }
  if (schema.format === 'quantity') {
    const fits = value.length <= MAX_PATTERN_TEXT && isQuantity(value);
    return fits ? undefined : invalidCause(formatPath(path), value, QUANTITY_RULE);
  }
  const rule = schema.format === undefined ? undefined : formatProblem(schema.format, value);
  return rule === undefined ? undefined : invalidCause(formatPath(path), value, rule);
}

/** Patterns come from schemas, so there are few; `u` as in ECMA 262, which OpenAPI names. */
const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  let regExp = patterns.get(pattern);
  if (regExp === undefined) {
    regExp = new RegExp(pattern, 'u');
    patterns.set(pattern, regExp);
  }
  return regExp;
}
