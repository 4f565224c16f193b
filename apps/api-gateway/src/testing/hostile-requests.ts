/**
 * Requests made from an OpenAPI document: for every operation those that it describes, and those that someone would send who means no
 * good or knows no better. Deterministic: an arbitrary of fast-check.
 */
import fc from 'fast-check';

export interface FuzzedRequest {
  operationId: string;
  /** Path of the operation in the document. */
  template: string;
  method: string;
  /** With query, escaped as far as an HTTP client must. */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  schema?: { type?: string; enum?: string[] };
  example?: unknown;
}
interface Operation {
  operationId?: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content: Record<string, { example?: unknown }> };
}
export interface FuzzedDocument {
  paths: Record<string, Record<string, unknown>>;
  components: { parameters?: Record<string, Parameter> };
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** What has broken servers before: escapes, traversal, types, lengths, prototypes, numbers at the edge, encodings. */
const HOSTILE_TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '../../etc/passwd',
    '%00',
    '%',
    '%zz',
    '\u0000',
    '\n',
    '\r\nx-injected: 1',
    '"',
    "'",
    '`',
    '\\',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'true', '[object Object]'],
  ...['0', '-1', '1e309', '9007199254740993', '99999999999999999999', '0x10', '1.5', '٣', '-0'],
  ...['a=b', 'a in (', '!', 'a=b,', '=,=', 'metadata.name', 'spec.nope=1', '*', '>', '$.a', '{}', '[]', 'eyJ4IjoxfQ'],
  ...[
    'ünïcödé',
    '\u202e',
    '\ud800',
    '😀'.repeat(40),
    'a'.repeat(300),
    'a'.repeat(5_000),
    '<script>',
    '${7*7}',
    "' OR 1=1",
  ],
  ...['default', 'kube-system', 'UPPER', 'under_score', '-dash', 'dash-', 'a..b', '127.0.0.1', 'http://127.0.0.1:1/'],
];
const HOSTILE_VALUES: readonly unknown[] = [
  ...HOSTILE_TEXTS,
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, -(2 ** 31), [], {}, [[]], [null], { a: null }, ['a', 1, {}]],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  Array.from({ length: 2_000 }, () => 0),
  Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index])),
];
const HOSTILE_BODIES: readonly string[] = [
  ...['', ' ', '{', '}', '[]', 'null', '"text"', '{"a":1,"a":2}', '{"kind":"Job"}', '{"apiVersion":1}', '\ufeff{}'],
  ...[
    '{"metadata":{"name":{}}}',
    '{"metadata":null}',
    '{"__proto__":null}',
    'apiVersion: v1\nkind: [',
    '&a [*a]',
    '\u0000',
  ],
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
  `{"metadata":{"name":"${'x'.repeat(100_000)}"}}`,
  '{"kind":"List","items":[null,1,{}]}',
  '{"kind":"JobList","apiVersion":"skyflow.io/v1","items":[{"metadata":{}}]}',
];
const MEDIA_TYPES: readonly string[] = [
  ...['application/json', 'application/yaml', 'text/plain', 'application/xml', '', 'application/json; charset=klingon'],
  ...[
    'application/merge-patch+json',
    'application/json-patch+json',
    'application/apply-patch+yaml',
    'multipart/form-data',
  ],
  ...['application/vnd.kubernetes.protobuf', 'application/strategic-merge-patch+json', 'x'],
];
const HOSTILE_HEADERS: readonly (readonly [string, string])[] = [
  ['accept', 'application/json;as=Table;v=v1;g=meta.k8s.io'],
  ['accept', 'image/png'],
  ['accept', ';;;q=,'],
  ['accept', 'application/yaml'],
  ['idempotency-key', 'x'.repeat(2_000)],
  ['idempotency-key', ''],
  ['traceparent', 'garbage'],
  ['x-request-id', '../..'],
  ['last-event-id', 'jobs=,=1'],
  ['impersonate-user', 'nobody'],
  ['impersonate-group', 'system:masters'],
  ['authorization', 'Basic !!!'],
  ['authorization', 'Bearer'],
  ['authorization', `Bearer ${'a'.repeat(4_000)}`],
  ['if-match', '*'],
  ['range', 'bytes=0-1'],
  ['content-encoding', 'gzip'],
  ['expect', 'a-miracle'],
];

const hostileText = fc.constantFrom(...HOSTILE_TEXTS);

/** Null but for one in so many. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, oneIn: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

/** For each operation one arbitrary, in the order of the document. */
export function requestsOf(document: FuzzedDocument, token: string): fc.Arbitrary<FuzzedRequest>[] {
  const { parameters: shared = {} } = document.components;
  const resolved = (each: Parameter | { $ref: string }): Parameter =>
    '$ref' in each ? (shared[each.$ref.split('/').at(-1) ?? ''] as Parameter) : each;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => {
      const operation = item[method] as Operation;
      const common = (item.parameters ?? []) as Operation['parameters'];
      const parameters = [...(common ?? []), ...(operation.parameters ?? [])].map(resolved);
      return requestOf(path, method, operation, parameters, token);
    }),
  );
}

function requestOf(
  path: string,
  method: string,
  { operationId = '', requestBody }: Operation,
  parameters: readonly Parameter[],
  token: string,
): fc.Arbitrary<FuzzedRequest> {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  const places = fc.record(Object.fromEntries(names.map((name) => [name, pathValue(name)])));
  const query = fc
    .subarray(parameters.filter((each) => each.in === 'query'))
    .chain((chosen) =>
      fc.tuple(
        fc.tuple(...chosen.map((each) => queryValue(each).map((value): [string, string] => [each.name, value]))),
        rarely(fc.tuple(hostileText, hostileText), 10),
      ),
    );
  const headers = rarely(fc.constantFrom(...HOSTILE_HEADERS), 5);
  const body = requestBody === undefined ? rarely(anyBody(), 10) : describedBody(requestBody);
  return fc.record({ places, query, headers, body }).map((made) => {
    const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => made.places[name] ?? '');
    const [pairs, stray] = made.query;
    const text = [...pairs, ...(stray === null ? [] : [stray])]
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .join('&');
    return {
      operationId,
      template: path,
      method: method.toUpperCase(),
      path: text === '' ? filled : `${filled}?${text}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(made.body === null ? {} : made.body.type === '' ? {} : { 'content-type': made.body.type }),
        ...(made.headers === null ? {} : { [made.headers[0]]: made.headers[1] }),
      },
      ...(made.body === null ? {} : { body: made.body.text }),
    };
  });
}

function pathValue(name: string): fc.Arbitrary<string> {
  const known: Record<string, string[]> = {
    namespace: ['default', 'default', 'default', 'nowhere'],
    plural: ['jobs', 'deployments', 'clusters', 'nothing'],
    group: ['skyflow.io', 'core', 'apps'],
    version: ['v1', 'v9'],
    name: ['hello', 'hello', 'hello', 'web', 'admin-role', 'ada'],
  };
  return fc.oneof(
    { weight: 7, arbitrary: fc.constantFrom(...(known[name] ?? ['x'])) },
    { weight: 1, arbitrary: fc.oneof(hostileText.map(escaped), fc.constantFrom('%', '%zz', '%c0%af', '..', '%2e%2e')) },
  );
}

function queryValue({ name, schema = {}, example }: Parameter): fc.Arbitrary<string> {
  const fitting =
    name === 'timeoutSeconds'
      ? fc.constant('1')
      : schema.enum !== undefined
        ? fc.constantFrom(...schema.enum)
        : schema.type === 'boolean'
          ? fc.constantFrom('true', 'false')
          : schema.type === 'integer' || schema.type === 'number'
            ? fc.nat(1_000).map(String)
            : fc.constantFrom(...(example === undefined ? ['1', 'x'] : [example as string]));
  return fc.oneof({ weight: 3, arbitrary: fitting }, { weight: 1, arbitrary: hostileText });
}

interface Body {
  type: string;
  text: string;
}

const anyBody = (): fc.Arbitrary<Body> =>
  fc.record({
    type: fc.constantFrom(...MEDIA_TYPES),
    text: fc.oneof(
      fc.constantFrom(...HOSTILE_BODIES),
      fc.constantFrom(...HOSTILE_VALUES).map((each) => JSON.stringify(each)),
    ),
  });

/** Its example, its example with something hostile in it, or anything. */
function describedBody({ content }: NonNullable<Operation['requestBody']>): fc.Arbitrary<Body> {
  const types = Object.entries(content);
  const described = fc.constantFrom(...types).chain(([type, { example = {} }]) =>
    fc.record({
      type: fc.constant(type),
      text: fc
        .oneof({ weight: 2, arbitrary: fc.constant(example) }, { weight: 5, arbitrary: spoilt(example) })
        .map((value) => JSON.stringify(value)),
    }),
  );
  return fc.oneof({ weight: 5, arbitrary: described }, { weight: 1, arbitrary: anyBody() });
}

/** One to three places of a value are replaced, taken away, or given a neighbour. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  const paths = [...pathsIn(value)];
  const change = fc.record({
    path: fc.constantFrom(...(paths.length === 0 ? [[]] : paths)),
    hostile: fc.constantFrom(...HOSTILE_VALUES),
    how: fc.constantFrom('replace', 'remove', 'add'),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let copy = structuredClone(value);
    for (const { path, hostile, how } of changes) copy = changed(copy, path, hostile, how);
    return copy;
  });
}

function* pathsIn(value: unknown, path: string[] = []): Generator<string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* pathsIn(member, [...path, key]);
}

function changed(root: unknown, path: readonly string[], hostile: unknown, how: string): unknown {
  const last = path.at(-1);
  if (last === undefined) return hostile;
  let at: unknown = root;
  for (const key of path.slice(0, -1)) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  if (typeof at !== 'object' || at === null) return root;
  if (how === 'remove') Reflect.deleteProperty(at, last);
  else Reflect.set(at, how === 'add' ? `${last}x` : last, hostile);
  return root;
}

/** As an HTTP client must; half of a surrogate pair cannot be written at all. */
const escaped = (text: string): string => encodeURIComponent(text.toWellFormed());
