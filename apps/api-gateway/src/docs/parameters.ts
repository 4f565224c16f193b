/** Parameters that many operations have, by name: what Kubernetes' own are, and ours. */

interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required?: boolean;
  description: string;
  schema: object;
  example?: unknown;
}

const text = { type: 'string' };
const whole = { type: 'integer', minimum: 0 };
const flag = { type: 'boolean' };

const query = (name: string, schema: object, description: string, example?: unknown): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});

const ALL: readonly Parameter[] = [
  { name: 'namespace', in: 'path', required: true, description: 'Namespace', schema: text, example: 'default' },
  { name: 'name', in: 'path', required: true, description: 'Name of the object', schema: text, example: 'hello' },
  query('labelSelector', text, 'Only objects with these labels', 'app=web,tier in (a,b)'),
  query('fieldSelector', text, 'Only objects with these fields', 'metadata.name=hello'),
  query('limit', whole, 'Objects per page; metadata.continue of the answer names the next one', 500),
  query('continue', text, 'metadata.continue of the page before; all pages show one state'),
  query('resourceVersion', text, 'Not older than (or, with resourceVersionMatch=Exact, exactly) this version'),
  query('resourceVersionMatch', { ...text, enum: ['Exact', 'NotOlderThan'] }, 'What resourceVersion means'),
  query('watch', flag, 'Changes as they happen, a line of JSON each, instead of a list'),
  query('allowWatchBookmarks', flag, 'With watch: BOOKMARK events that say how far one is'),
  query('sendInitialEvents', flag, 'With watch: first everything there is as ADDED, then a bookmark'),
  query('timeoutSeconds', whole, 'With watch: longest time', 60),
  query(
    'at',
    text,
    'What was then: an RFC 3339 time, or a sequence of the log. 410 for what has been purged.',
    '2026-05-17T09:30:00Z',
  ),
  query('dryRun', { ...text, enum: ['All'] }, 'Everything but writing'),
  query('fieldManager', { ...text, maxLength: 128 }, 'Who owns the fields that are set', 'my-tool'),
  query('fieldValidation', { ...text, enum: ['Ignore', 'Warn', 'Strict'] }, 'What to do about unknown fields'),
  query('force', flag, 'With server-side apply: takes fields over from other managers'),
  query('container', text, 'Container of the pod; default: its first'),
  query('follow', flag, 'Goes on while lines come'),
  query('tailLines', whole, 'Only the last lines', 100),
  query('previous', flag, 'Of the container before the last restart'),
  query('timestamps', flag, 'Each line begins with its time'),
  query('gracePeriodSeconds', whole, '0: a workload, cluster or service is dropped without waiting for its clusters'),
  query(
    'propagationPolicy',
    { ...text, enum: ['Background', 'Foreground', 'Orphan'] },
    'What becomes of the objects that it owns',
  ),
  {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Makes repeating the request safe: the same key with the same request gets the same answer',
    schema: text,
    example: '6f1c2f0e-8f0a-4f43-9b3c-5d0f6a1b2c3d',
  },
];

/** For `components.parameters`. */
export const PARAMETERS: Readonly<Record<string, Parameter>> = Object.fromEntries(ALL.map((each) => [each.name, each]));

export const parameterRefs = (...names: readonly string[]): { $ref: string }[] =>
  names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
