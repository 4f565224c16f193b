/**
 * The text grammar of selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1` (apimachinery pkg/labels) and
 * `metadata.name=x,spec.nodeName!=y` with `\\`, `\,` and `\=` escaped (pkg/fields). Throws 400 with the place that is wrong.
 */
import { badRequest } from './errors.js';
import { isLabelValue, isQualifiedName, type LabelRequirement } from '@skyflow/contracts';
import type { FieldRequirement } from './selectors.js';

/** @throws StatusError 400 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  const tokens = tokenise(text);
  const requirements: LabelRequirement[] = [];
  let at = 0;
  const next = (): string | undefined => tokens[at++];
  const fail = (rule: string): never => {
    throw badRequest(
      `unable to parse requirement: labelSelector ${JSON.stringify(text)}: ${rule}; write for example "app=web,tier in (a,b),!old"`,
    );
  };
  if (tokens.length === 0) return requirements;
  for (;;) {
    const first = next();
    if (first === undefined || isPunctuation(first)) {
      if (first !== '!') return fail(`found '${first ?? 'end of text'}', expected a label key`);
      requirements.push({ key: checkedKey(next(), fail), operator: 'DoesNotExist', values: [] });
    } else {
      requirements.push(requirement(checkedKey(first, fail)));
    }
    const separator = next();
    if (separator === undefined) return requirements;
    if (separator !== ',') return fail(`found '${separator}', expected ',' or the end`);
  }

  function requirement(key: string): LabelRequirement {
    const operator = tokens[at];
    if (operator === undefined || operator === ',') return { key, operator: 'Exists', values: [] };
    at++;
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: 'In', values: [single()] };
      case '!=':
        return { key, operator: 'NotIn', values: [single()] };
      case '>':
      case '<': {
        const bound = single();
        if (!/^-?\d+$/.test(bound)) return fail(`the value after '${operator}' must be an integer, got '${bound}'`);
        return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: [bound] };
      }
      case 'in':
        return { key, operator: 'In', values: set() };
      case 'notin':
        return { key, operator: 'NotIn', values: set() };
      default:
        return fail(`found '${operator}', expected one of: in notin = == != > <`);
    }
  }

  function single(): string {
    const value = tokens[at];
    if (value === undefined || value === ',') return '';
    at++;
    return checkedValue(value);
  }

  function set(): string[] {
    if (next() !== '(') return fail("expected '(' after in or notin");
    const values: string[] = [];
    for (;;) {
      const token = next();
      if (token === undefined) return fail("expected ')' at the end of the set");
      if (token === ')' || token === ',') {
        values.push('');
        if (token === ')') return values;
        continue;
      }
      values.push(checkedValue(token));
      const after = next();
      if (after === ')') return values;
      if (after !== ',') return fail(`found '${after ?? 'end of text'}', expected ',' or ')'`);
    }
  }

  function checkedValue(value: string): string {
    return isLabelValue(value) ? value : fail(`'${value}' is not a valid label value`);
  }
}

function checkedKey(key: string | undefined, fail: (rule: string) => never): string {
  if (key === undefined || !isQualifiedName(key)) return fail(`'${key ?? 'end of text'}' is not a valid label key`);
  return key;
}

const PUNCTUATION = new Set(['=', '==', '!=', '!', '>', '<', ',', '(', ')']);
const isPunctuation = (token: string): boolean => PUNCTUATION.has(token);

function tokenise(text: string): string[] {
  return text.match(/==|!=|[=!<>,()]|[^\s=!<>,()]+/g) ?? [];
}

/** @throws StatusError 400 */
export function parseFieldSelector(text: string, supported: readonly string[]): FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const term of splitUnescaped(text)) {
    if (term === '') continue;
    const match = /^((?:[^\\=!]|\\.)+)(!=|==|=)((?:[^\\=]|\\.)*)$/s.exec(term);
    if (match === null) {
      throw badRequest(
        `invalid field selector "${text}": can't understand '${term}'; write for example "metadata.name=web"`,
      );
    }
    const [, path = '', operator, value = ''] = match;
    if (!supported.includes(path)) {
      throw badRequest(`field label not supported: ${path}; this resource can be selected by ${supported.join(', ')}`);
    }
    requirements.push({ path, operator: operator === '!=' ? '!=' : '=', value: value.replace(/\\(.)/gs, '$1') });
  }
  return requirements;
}

function splitUnescaped(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '\\') term += char + text.charAt(++index);
    else if (char === ',') {
      terms.push(term);
      term = '';
    } else term += char;
  }
  return [...terms, term];
}
