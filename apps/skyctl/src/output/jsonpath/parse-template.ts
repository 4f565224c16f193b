/** Templates: text, `{path}`, `{"text"}`, `{range path}…{end}`. */
import { parsePath, unquote } from './parse-path.js';
import { JsonPathError } from './syntax.js';
import type { Node, Step } from './syntax.js';

/** @throws JsonPathError */
export function parseTemplate(template: string): Node[] {
  const root: Node[] = [];
  const open: { path: Step[]; body: Node[] }[] = [];
  for (const token of tokensOf(template)) {
    const body = open.at(-1)?.body ?? root;
    if (token.type === 'text') body.push(token);
    else if (token.text === 'end') {
      const range = open.pop();
      if (range === undefined) throw new JsonPathError('{end} without a {range …} before it');
      (open.at(-1)?.body ?? root).push({ type: 'range', ...range });
    } else if (/^range\b/.test(token.text)) {
      open.push({ path: parsePath(token.text.slice('range'.length)), body: [] });
    } else body.push(...actionNodes(token.text));
  }
  if (open.length > 0) throw new JsonPathError('{range …} without an {end}');
  return root;
}

/** For columns and sorting, where the braces and the first dot may be left out: `metadata.name`. */
export function parseRelaxed(expression: string): Node[] {
  const text = expression.trim();
  if (text.startsWith('{')) return parseTemplate(text);
  return [{ type: 'path', path: parsePath(/^[.[$@]/.test(text) ? text : `.${text}`) }];
}

type Token = { type: 'text'; text: string } | { type: 'action'; text: string };

function* tokensOf(template: string): Generator<Token> {
  let rest = template;
  while (rest !== '') {
    const open = rest.indexOf('{');
    if (open !== 0) {
      yield { type: 'text', text: open < 0 ? rest : rest.slice(0, open) };
      rest = open < 0 ? '' : rest.slice(open);
      continue;
    }
    const action = /^\{((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'}])*)\}/s.exec(rest);
    if (action === null) throw new JsonPathError(`"{" in "${template}" is never closed`);
    yield { type: 'action', text: (action[1] ?? '').trim() };
    rest = rest.slice(action[0].length);
  }
}

function actionNodes(text: string): Node[] {
  const literal = unquote(text);
  if (literal !== undefined) return [{ type: 'text', text: literal }];
  if (text === '') throw new JsonPathError('{} is empty; {.} is the whole object');
  return [{ type: 'path', path: parsePath(text) }];
}
