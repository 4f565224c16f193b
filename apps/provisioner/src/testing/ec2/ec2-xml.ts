/** EC2's query protocol: parameters of a form in, XML out. */

/** `Filter.1.Name=a&Filter.1.Value.1=b` as `{Filter: [{Name: 'a', Value: ['b']}]}`. */
export type Query = { [name: string]: string | Query | (string | Query)[] | undefined };

export function readQuery(body: string): Query {
  const root: Query = {};
  for (const [path, value] of new URLSearchParams(body)) put(root, path.split('.'), value);
  return lists(root) as Query;
}

function put(at: Query, path: readonly string[], value: string): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    at[name] = value;
    return;
  }
  const below = at[name];
  const next: Query = typeof below === 'object' && !Array.isArray(below) ? below : {};
  at[name] = next;
  put(next, rest, value);
}

/** What has only numbers for names is a list. */
function lists(value: Query): Query | (string | Query)[] {
  const entries = Object.entries(value).map(([name, each]): [string, Query[string]] => [
    name,
    typeof each === 'object' && !Array.isArray(each) ? lists(each) : each,
  ]);
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, each]) => each as string | Query);
  }
  return Object.fromEntries(entries);
}

export const textOf = (value: Query[string]): string => (typeof value === 'string' ? value : '');
export const textsOf = (value: Query[string]): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
export const queriesOf = (value: Query[string]): Query[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'object') : [];

/** Lists become `<item>`s, as everywhere in EC2. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

export function writeXml(value: Xml): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((each: Xml) => `<item>${writeXml(each)}</item>`).join('');
  if (typeof value !== 'object') return escaped(String(value));
  return Object.entries(value as { readonly [name: string]: Xml })
    .map(([name, each]) => (each === undefined ? '' : `<${name}>${writeXml(each)}</${name}>`))
    .join('');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

export const answerXml = (action: string, requestId: string, body: Xml): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${NAMESPACE}"><requestId>${requestId}</requestId>${writeXml(body)}</${action}Response>`;

export const errorXml = (code: string, message: string, requestId: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
