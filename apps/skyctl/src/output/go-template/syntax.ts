/** The language of Go's text/template, as trees. */

/** A template that cannot be parsed or applied. The message is for people. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export type Node =
  | { type: 'text'; text: string }
  | { type: 'print'; pipe: Pipe }
  | { type: 'if' | 'with'; pipe: Pipe; then: readonly Node[]; otherwise: readonly Node[] }
  | { type: 'range'; pipe: Pipe; then: readonly Node[]; otherwise: readonly Node[] }
  | { type: 'template'; name: string; pipe: Pipe | undefined }
  | { type: 'break' | 'continue' };

export interface Pipe {
  /** Variables that it sets, without `$`; of a range two: index and element. */
  variables: readonly string[];
  /** `:=` makes them, `=` changes them. */
  isNew: boolean;
  commands: readonly Command[];
}

/** A function or value, and its arguments. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { type: 'literal'; value: string | number | boolean | null }
  /** `.a.b`; no names: the dot itself. */
  | { type: 'field'; names: readonly string[] }
  /** `$x.a`; the name is empty for `$`. */
  | { type: 'variable'; name: string; names: readonly string[] }
  | { type: 'function'; name: string }
  | { type: 'group'; pipe: Pipe; names: readonly string[] };

export interface Template {
  root: readonly Node[];
  /** What `define` names. */
  defined: ReadonlyMap<string, readonly Node[]>;
}
