/** From words to trees. */
import { type Token, piecesOf } from './lex.js';
import { type Command, type Node, type Operand, type Pipe, type Template, TemplateError } from './syntax.js';

/** @throws TemplateError that names the action */
export function parseGoTemplate(text: string): Template {
  const reader = new TemplateReader(text);
  return { root: reader.root(), defined: reader.defined };
}

const ENDS = new Set(['end', 'else']);

class TemplateReader {
  readonly defined = new Map<string, readonly Node[]>();
  private readonly pieces;
  private at = 0;
  private rangesOpen = 0;

  constructor(text: string) {
    this.pieces = piecesOf(text);
  }

  root(): Node[] {
    const { nodes, end } = this.list();
    if (end !== undefined) throw new TemplateError(`{{${end[0]?.text ?? ''}}} without an if, range or with before it`);
    return nodes;
  }

  /** Up to an end or else, or that of the template. */
  private list(): { nodes: Node[]; end: readonly Token[] | undefined } {
    const nodes: Node[] = [];
    for (; this.at < this.pieces.length;) {
      const piece = this.pieces[this.at++];
      if (piece === undefined) break;
      if (piece.type === 'text') {
        if (piece.text !== '') nodes.push(piece);
        continue;
      }
      const [first] = piece.tokens;
      if (first?.type === 'word' && ENDS.has(first.text)) return { nodes, end: piece.tokens };
      const node = this.action(piece.tokens);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, end: undefined };
  }

  private action(tokens: readonly Token[]): Node | undefined {
    const [first, name, ...rest] = tokens;
    if (first === undefined) throw new TemplateError('{{}} says nothing');
    if (first.type === 'word') {
      switch (first.text) {
        case 'if':
        case 'with':
        case 'range':
          return this.branch(first.text, tokens.slice(1));
        case 'break':
        case 'continue':
          if (this.rangesOpen === 0) throw new TemplateError(`{{${first.text}}} outside a range`);
          return { type: first.text };
        case 'define':
        case 'block':
        case 'template':
          if (name?.type !== 'string')
            throw new TemplateError(`{{${first.text}}} needs a name: {{${first.text} "name"}}`);
          if (first.text !== 'template') this.defined.set(name.text, this.closed(first.text));
          if (first.text === 'define') return undefined;
          return {
            type: 'template',
            name: name.text,
            pipe: rest.length === 0 ? undefined : new PipeReader(rest).whole(),
          };
        default:
      }
    }
    return { type: 'print', pipe: new PipeReader(tokens).whole() };
  }

  /** Nodes up to an end, of something that has no else. */
  private closed(what: string): Node[] {
    const { nodes, end } = this.list();
    if (end?.[0]?.text !== 'end') throw new TemplateError(`{{${what}}} without {{end}}`);
    return nodes;
  }

  private branch(type: 'if' | 'with' | 'range', tokens: readonly Token[]): Node {
    const pipe = new PipeReader(tokens).whole();
    if (type === 'range') this.rangesOpen += 1;
    const { nodes: then, end } = this.list();
    if (type === 'range') this.rangesOpen -= 1;
    if (end === undefined) throw new TemplateError(`{{${type}}} without {{end}}`);
    return { type, pipe, then, otherwise: end[0]?.text === 'end' ? [] : this.otherwise(end.slice(1)) };
  }

  private otherwise(tokens: readonly Token[]): Node[] {
    const [word] = tokens;
    if (word === undefined) return this.closed('else');
    if (word.text !== 'if' && word.text !== 'with') throw new TemplateError(`{{else ${word.text}}} is not understood`);
    return [this.branch(word.text, tokens.slice(1))];
  }
}

class PipeReader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Pipe {
    const pipe = this.pipe();
    const left = this.tokens[this.at];
    if (left !== undefined) throw new TemplateError(`"${left.text}" is not expected in ${this.shown()}`);
    return pipe;
  }

  private pipe(): Pipe {
    const { variables, isNew } = this.variables();
    const commands: Command[] = [];
    do commands.push(this.command());
    while (this.takes('|'));
    return { variables, isNew, commands };
  }

  /** `$i, $e :=` or `$x =` */
  private variables(): { variables: string[]; isNew: boolean } {
    const start = this.at;
    const variables: string[] = [];
    do {
      const token = this.tokens[this.at];
      if (token?.type !== 'variable') break;
      this.at += 1;
      variables.push(token.text.slice(1));
    } while (this.takes(','));
    if (this.takes(':=')) return { variables, isNew: true };
    if (variables.length > 0 && this.takes('=')) return { variables, isNew: false };
    this.at = start;
    return { variables: [], isNew: false };
  }

  private command(): Command {
    const operands: Operand[] = [];
    for (let next = this.operand(); next !== undefined; next = this.operand()) operands.push(next);
    const [first, ...rest] = operands;
    if (first === undefined) throw new TemplateError(`something is missing in ${this.shown()}`);
    return [first, ...rest];
  }

  private operand(): Operand | undefined {
    const token = this.tokens[this.at];
    if (token === undefined) return undefined;
    switch (token.type) {
      case 'string':
        this.at += 1;
        return { type: 'literal', value: token.text };
      case 'number':
        this.at += 1;
        return { type: 'literal', value: Number(token.text.replaceAll('_', '')) };
      case 'word':
        this.at += 1;
        return wordOf(token.text);
      case 'field':
        this.at += 1;
        return { type: 'field', names: [token.text.slice(1), ...this.names()] };
      case 'variable':
        this.at += 1;
        return { type: 'variable', name: token.text.slice(1), names: this.names() };
      case 'symbol':
        return this.symbol(token.text);
    }
  }

  private symbol(text: string): Operand | undefined {
    if (text !== '.' && text !== '(') return undefined;
    this.at += 1;
    if (text === '.') return { type: 'field', names: [] };
    const pipe = this.pipe();
    if (!this.takes(')')) throw new TemplateError(`"(" without ")" in ${this.shown()}`);
    return { type: 'group', pipe, names: this.names() };
  }

  /** Fields that follow without a space. */
  private names(): string[] {
    const names: string[] = [];
    for (let token = this.tokens[this.at]; token?.type === 'field' && token.isAttached; token = this.tokens[this.at]) {
      names.push(token.text.slice(1));
      this.at += 1;
    }
    return names;
  }

  private takes(symbol: string): boolean {
    const token = this.tokens[this.at];
    if (token?.type !== 'symbol' || token.text !== symbol) return false;
    this.at += 1;
    return true;
  }

  private shown(): string {
    return `{{${this.tokens.map(({ text }) => text).join(' ')}}}`;
  }
}

function wordOf(text: string): Operand {
  if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true' };
  return text === 'nil' ? { type: 'literal', value: null } : { type: 'function', name: text };
}
