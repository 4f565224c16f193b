/** Templates applied to data. A field that is not there is no result, as with kubectl's default. */
import type { Node, Operand, Step, UnionPart } from './syntax.js';

/** What the template prints: results of one expression with spaces between, objects and lists as JSON. */
export function render(nodes: readonly Node[], root: unknown, current: unknown = root): string {
  return nodes
    .map((node) => {
      switch (node.type) {
        case 'text':
          return node.text;
        case 'path':
          return select(node.path, root, current).map(textOf).join(' ');
        case 'range':
          return select(node.path, root, current)
            .map((value) => render(node.body, root, value))
            .join('');
      }
    })
    .join('');
}

/** Every value of the first path in the template. */
export function valuesOf(nodes: readonly Node[], root: unknown): unknown[] {
  return nodes.flatMap((node) => (node.type === 'path' ? select(node.path, root, root) : []));
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

function select(path: readonly Step[], root: unknown, current: unknown): unknown[] {
  let values = [current];
  for (const step of path) values = values.flatMap((value) => follow(step, root, value));
  return values;
}

function follow(step: Step, root: unknown, value: unknown): unknown[] {
  switch (step.type) {
    case 'root':
      return [root];
    case 'field':
      return fieldOf(value, step.name);
    case 'any':
      return childrenOf(value);
    case 'descend':
      return [value, ...childrenOf(value).flatMap((child) => follow(step, root, child))];
    case 'union':
      return step.parts.flatMap((part) => partOf(part, value));
    case 'filter':
      return childrenOf(value).filter((child) => holds(step, root, child));
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const childrenOf = (value: unknown): unknown[] => (isObject(value) ? Object.values(value) : []);

const fieldOf = (value: unknown, name: string): unknown[] =>
  isObject(value) && !Array.isArray(value) && Object.hasOwn(value, name) ? [value[name]] : [];

function partOf(part: UnionPart, value: unknown): unknown[] {
  if (part.type === 'name') return fieldOf(value, part.name);
  if (!Array.isArray(value)) return [];
  const list = value as unknown[];
  if (part.type === 'index') {
    const index = part.index < 0 ? part.index + list.length : part.index;
    return index in list ? [list[index]] : [];
  }
  return list.slice(part.from, part.to).filter((_, index) => index % part.step === 0);
}

function holds({ left, operator, right }: Extract<Step, { type: 'filter' }>, root: unknown, value: unknown): boolean {
  const lefts = operandValues(left, root, value);
  if (operator === 'exists') return lefts.length > 0;
  const [a] = lefts;
  const [b] = operandValues(right, root, value);
  if (operator === '!=') return a !== b;
  if (a === undefined || b === undefined) return false;
  if (operator === '==') return a === b;
  if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string')) return false;
  const order = a < (b as typeof a) ? -1 : a > (b as typeof a) ? 1 : 0;
  return { '<': order < 0, '>': order > 0, '<=': order <= 0, '>=': order >= 0 }[operator];
}

const operandValues = (operand: Operand, root: unknown, value: unknown): unknown[] =>
  operand.type === 'literal' ? [operand.value] : select(operand.path, root, value);
