/**
 * kubectl's JSONPath templates (k8s.io/client-go/util/jsonpath): text with `{…}` between, ranges, filters, unions, slices.
 * Written here because the packages of that name speak another dialect (no templates, no range) and evaluate filters as
 * JavaScript, which a command line must not.
 */

export type Node =
  | { type: 'text'; text: string }
  | { type: 'path'; path: readonly Step[] }
  | { type: 'range'; path: readonly Step[]; body: readonly Node[] };

export type Step =
  | { type: 'root' }
  | { type: 'field'; name: string }
  | { type: 'any' }
  /** `..`: the value and everything below it. */
  | { type: 'descend' }
  | { type: 'union'; parts: readonly UnionPart[] }
  | { type: 'filter'; left: Operand; operator: Operator; right: Operand };

export type UnionPart =
  | { type: 'name'; name: string }
  | { type: 'index'; index: number }
  | { type: 'slice'; from: number | undefined; to: number | undefined; step: number };

export type Operator = '==' | '!=' | '<=' | '>=' | '<' | '>' | 'exists';

export type Operand =
  { type: 'path'; path: readonly Step[] } | { type: 'literal'; value: string | number | boolean | null };

/** A template that is none. The message names the place. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}
