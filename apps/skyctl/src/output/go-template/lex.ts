/** From a template to texts and actions, and from an action to its words. */
import { TemplateError } from './syntax.js';

export type Piece = { type: 'text'; text: string } | { type: 'action'; tokens: readonly Token[] };

export interface Token {
  type: 'word' | 'string' | 'number' | 'field' | 'variable' | 'symbol';
  text: string;
  /** Follows the token before it without a space between, as `.name` does in `(…).name`. */
  isAttached: boolean;
}

const COMMENT = /^\/\*[^]*?\*\/$/;

/** @throws TemplateError */
export function piecesOf(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const start = template.indexOf('{{', at);
    const text = template.slice(at, start < 0 ? undefined : start);
    const trimsBefore = start >= 0 && /^\{\{-\s/.test(template.slice(start, start + 4));
    const left = trimNext ? text.trimStart() : text;
    pieces.push({ type: 'text', text: trimsBefore ? left.trimEnd() : left });
    if (start < 0) return pieces;
    const from = start + (trimsBefore ? 3 : 2);
    const end = endOf(template, from);
    const inside = template.slice(from, end);
    trimNext = /\s-$/.test(inside);
    const body = (trimNext ? inside.slice(0, -1) : inside).trim();
    if (!COMMENT.test(body)) pieces.push({ type: 'action', tokens: tokensOf(body) });
    at = end + 2;
  }
}

/** The `}}` that is in no string and no comment. */
function endOf(template: string, from: number): number {
  const skip = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\/\*[^]*?\*\/|\}\}/y;
  for (let at = from; at < template.length; at += 1) {
    skip.lastIndex = at;
    const found = skip.exec(template)?.[0];
    if (found === '}}') return at;
    if (found !== undefined) at += found.length - 1;
  }
  throw new TemplateError(`"{{" without "}}": ${template.slice(from, from + 30).trim()}`);
}

const TOKEN =
  /(?<space>\s+)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\\n]|\\.)')|(?<number>[+-]?(?:0x[\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?))|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<symbol>:=|[|().,=])/uy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let isAttached = false;
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    const [type, found] =
      Object.entries(groups ?? {}).find(([, value]) => (value as string | undefined) !== undefined) ?? [];
    if (type === undefined || found === undefined) {
      throw new TemplateError(`{{${text}}}: "${text.slice(at, at + 10)}" is not understood`);
    }
    at += found.length;
    if (type === 'char') tokens.push({ type: 'number', text: String(unquoted(found).codePointAt(0)), isAttached });
    else if (type === 'string') tokens.push({ type: 'string', text: unquoted(found), isAttached });
    else if (type !== 'space') tokens.push({ type: type as Token['type'], text: found, isAttached });
    isAttached = type !== 'space';
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' };

function unquoted(text: string): string {
  const inside = text.slice(1, -1);
  if (text.startsWith('`')) return inside;
  return inside.replaceAll(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|.)/g, (_all, escape: string) =>
    escape.length > 1 ? String.fromCodePoint(Number.parseInt(escape.slice(1), 16)) : (ESCAPES[escape] ?? escape),
  );
}
