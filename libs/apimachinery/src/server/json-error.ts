/**
 * Where JSON text is broken, as line and column. V8's own message often names no place, so a text that JSON.parse has refused
 * is scanned again; only errors pay for it.
 */

const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/u;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/u;
const TOKEN = new RegExp(`\\s+|${STRING.source}|${NUMBER.source}|true|false|null|[{}[\\],:]`, 'uy');

/** What may stand next. */
type Expectation = 'value' | 'value or ]' | 'key or }' | 'key' | ':' | ', or }' | ', or ]' | 'end';

/** `line 2, column 9: found '}', expected a value`. */
export function describeJsonError(text: string): string {
  const { position, expected } = firstError(text);
  const before = text.slice(0, position).split('\n');
  const found = position >= text.length ? 'the end of the text' : JSON.stringify(text.slice(position, position + 20));
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: found ${found}, expected ${WORDS[expected]}`;
}

const WORDS: Readonly<Record<Expectation, string>> = {
  value: 'a value',
  'value or ]': "a value or ']'",
  'key or }': "a name in double quotes or '}'",
  key: 'a name in double quotes',
  ':': "':'",
  ', or }': "',' or '}'",
  ', or ]': "',' or ']'",
  end: 'nothing more',
};

function firstError(text: string): { position: number; expected: Expectation } {
  const open: ('{' | '[')[] = [];
  let expected: Expectation = 'value';
  let position = 0;
  while (position < text.length) {
    TOKEN.lastIndex = position;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) break;
    if (token.trim() !== '') {
      const next = advance(token, expected, open);
      if (next === undefined) break;
      expected = next;
    }
    position += token.length;
  }
  return { position, expected };
}

/** Undefined: the token may not stand here. */
function advance(token: string, expected: Expectation, open: ('{' | '[')[]): Expectation | undefined {
  const afterValue = (): Expectation => {
    const inside = open.at(-1);
    return inside === undefined ? 'end' : inside === '{' ? ', or }' : ', or ]';
  };
  switch (token) {
    case '{':
    case '[':
      if (expected !== 'value' && expected !== 'value or ]') return undefined;
      open.push(token);
      return token === '{' ? 'key or }' : 'value or ]';
    case '}':
      if (expected !== 'key or }' && expected !== ', or }') return undefined;
      open.pop();
      return afterValue();
    case ']':
      if (expected !== 'value or ]' && expected !== ', or ]') return undefined;
      open.pop();
      return afterValue();
    case ',':
      return expected === ', or }' ? 'key' : expected === ', or ]' ? 'value' : undefined;
    case ':':
      return expected === ':' ? 'value' : undefined;
    default:
      if (expected === 'value' || expected === 'value or ]') return afterValue();
      return token.startsWith('"') && (expected === 'key' || expected === 'key or }') ? ':' : undefined;
  }
}
