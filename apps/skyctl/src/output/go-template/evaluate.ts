/** Templates applied to decoded JSON. */
import { FUNCTIONS, isTrue } from './functions.js';
import { formatted } from './go-format.js';
import { type Command, type Node, type Operand, type Pipe, type Template, TemplateError } from './syntax.js';

/** What Go prints for a key that is not there. */
const NO_VALUE = '<no value>';
const MOST_NESTED = 1_000;

/** @param missing whether a key that is not there prints `<no value>`; else it is an error. @throws TemplateError */
export function renderGoTemplate(template: Template, root: unknown, missing = true): string {
  const run = new Run(template, missing);
  run.nodes(template.root, root, new Scope(undefined, new Map([['', root]])));
  return run.text;
}

/** Variables by name; those of an inner block are gone after it. */
class Scope {
  constructor(
    private readonly outer: Scope | undefined,
    private readonly values = new Map<string, unknown>(),
  ) {}

  make(name: string, value: unknown): void {
    this.values.set(name, value);
  }

  get(name: string): unknown {
    return this.holder(name).values.get(name);
  }

  change(name: string, value: unknown): void {
    this.holder(name).values.set(name, value);
  }

  private holder(name: string): Scope {
    if (this.values.has(name)) return this;
    if (this.outer === undefined) throw new TemplateError(`there is no variable $${name}`);
    return this.outer.holder(name);
  }
}

class Run {
  text = '';
  private depth = 0;

  constructor(
    private readonly template: Template,
    private readonly missing: boolean,
  ) {}

  /** @returns what ended it early, in a range */
  nodes(nodes: readonly Node[], dot: unknown, scope: Scope): 'break' | 'continue' | undefined {
    for (const node of nodes) {
      const ended = this.node(node, dot, scope);
      if (ended !== undefined) return ended;
    }
    return undefined;
  }

  private node(node: Node, dot: unknown, scope: Scope): 'break' | 'continue' | undefined {
    switch (node.type) {
      case 'text':
        this.text += node.text;
        return undefined;
      case 'print': {
        const value = this.pipe(node.pipe, dot, scope);
        if (node.pipe.variables.length === 0)
          this.text += value === undefined || value === null ? NO_VALUE : formatted(value);
        return undefined;
      }
      case 'if':
      case 'with': {
        const inner = new Scope(scope);
        const value = this.pipe(node.pipe, dot, inner);
        if (!isTrue(value)) return this.nodes(node.otherwise, dot, inner);
        return this.nodes(node.then, node.type === 'with' ? value : dot, inner);
      }
      case 'range':
        return this.range(node, dot, scope);
      case 'template':
        this.named(node.name, node.pipe === undefined ? undefined : this.pipe(node.pipe, dot, scope));
        return undefined;
      default:
        return node.type;
    }
  }

  private range(
    { pipe, then, otherwise }: Extract<Node, { type: 'range' }>,
    dot: unknown,
    scope: Scope,
  ): 'break' | 'continue' | undefined {
    const entries = entriesOf(this.commands(pipe, dot, scope));
    if (entries.length === 0) return this.nodes(otherwise, dot, scope);
    for (const [key, value] of entries) {
      const inner = new Scope(scope);
      const [first, second] = pipe.variables;
      const set = (name: string | undefined, each: unknown): void => {
        if (name !== undefined) this.assign(pipe, name, each, inner);
      };
      set(first, second === undefined ? value : key);
      set(second, value);
      if (this.nodes(then, value, inner) === 'break') break;
    }
    return undefined;
  }

  private named(name: string, dot: unknown): void {
    const nodes = this.template.defined.get(name);
    if (nodes === undefined) throw new TemplateError(`there is no template "${name}"`);
    this.depth += 1;
    if (this.depth > MOST_NESTED) throw new TemplateError(`template "${name}" calls itself without end`);
    this.nodes(nodes, dot, new Scope(undefined, new Map([['', dot]])));
    this.depth -= 1;
  }

  private pipe(pipe: Pipe, dot: unknown, scope: Scope): unknown {
    const value = this.commands(pipe, dot, scope);
    for (const name of pipe.variables) this.assign(pipe, name, value, scope);
    return value;
  }

  private assign({ isNew }: Pipe, name: string, value: unknown, scope: Scope): void {
    if (isNew) scope.make(name, value);
    else scope.change(name, value);
  }

  private commands({ commands }: Pipe, dot: unknown, scope: Scope): unknown {
    return commands.reduce<unknown>(
      (before, command, index) => this.command(command, index === 0 ? [] : [before], dot, scope),
      undefined,
    );
  }

  /** @param last what the command before it gave: its last argument */
  private command([first, ...rest]: Command, last: readonly unknown[], dot: unknown, scope: Scope): unknown {
    if (first.type === 'literal' && first.value === null) throw new TemplateError('nil is not a command');
    if (first.type !== 'function') {
      if (rest.length + last.length > 0) throw new TemplateError('a value that is no function is given arguments');
      return this.operand(first, dot, scope);
    }
    const { name } = first;
    const value = (operand: Operand): unknown => this.operand(operand, dot, scope);
    // Stop at the first that decides, as Go does.
    if (name === 'and' || name === 'or') {
      let result: unknown;
      for (const next of [...rest.map((operand) => () => value(operand)), ...last.map((each) => () => each)]) {
        result = next();
        if (isTrue(result) === (name === 'or')) break;
      }
      return result;
    }
    const call = FUNCTIONS.get(name);
    if (call === undefined) throw new TemplateError(`there is no function "${name}"`);
    return call([...rest.map(value), ...last]);
  }

  private operand(operand: Operand, dot: unknown, scope: Scope): unknown {
    switch (operand.type) {
      case 'literal':
        return operand.value;
      case 'field':
        return this.path(dot, operand.names);
      case 'variable':
        return this.path(scope.get(operand.name), operand.names);
      case 'group':
        return this.path(this.pipe(operand.pipe, dot, scope), operand.names);
      case 'function':
        return this.command([operand], [], dot, scope);
    }
  }

  private path(from: unknown, names: readonly string[]): unknown {
    let value = from;
    for (const name of names) {
      if (value === undefined && this.missing) return undefined;
      if (value === undefined || value === null) throw new TemplateError(`nil pointer evaluating interface {}.${name}`);
      if (typeof value !== 'object' || Array.isArray(value)) {
        throw new TemplateError(`can't evaluate field ${name} in ${formatted(value)}`);
      }
      const next = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      if (next === undefined && !this.missing) throw new TemplateError(`map has no entry for key "${name}"`);
      value = next;
    }
    return value;
  }
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((each, index) => [index, each] as const);
  if (typeof value === 'number')
    return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index] as const);
  if (typeof value === 'object') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  throw new TemplateError(`range can't iterate over ${formatted(value)}`);
}
