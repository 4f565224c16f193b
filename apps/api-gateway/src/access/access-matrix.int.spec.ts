/**
 * Identities × verbs × kinds × namespaces over HTTP: each cell is asked for and compared with what the rule model says of it; lists with
 * exactly what it lets be seen.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AccessBinding,
  type AccessRule,
  type Identity,
  type Rights,
  DEFAULT_ROLES,
  decideAccess,
  decideCollection,
  decideParts,
  rightsOf,
} from '@skyflow/domain';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, jobNamed, startGatewayFixture } from '../testing/gateway-fixture.js';

const SKYFLOW = '/apis/skyflow.io/v1';
const NAMESPACES = ['team-a', 'team-b'];
const NAMES = ['one', 'two'];

/** A row of the matrix: what discovery says of a resource, and what it takes. */
interface Kind {
  kind: string;
  path: string;
  plural: string;
  namespaced: boolean;
  verbs: readonly string[];
  /** To be created, valid as it is; undefined: cannot be. */
  body?: (name: string) => object;
  logs: boolean;
}

/** Not rows: questions that whoever is let in may ask about himself. */
const REVIEWS = ['selfsubjectaccessreviews', 'selfsubjectreviews', 'selfsubjectrulesreviews'];

/** Where the example of the OpenAPI document would not do: of another kind, it is taken with another name. */
const BODIES: Readonly<Record<string, (name: string) => object>> = {
  // One that ends is a job of batch/v1 as well.
  [`${SKYFLOW}/jobs`]: (name) => jobNamed(name, {}, { restartPolicy: 'Never' }),
  [`${SKYFLOW}/roles`]: (name) => ({ metadata: { name }, rules: [] }),
  [`${SKYFLOW}/rolebindings`]: (name) => ({
    metadata: { name },
    roleRef: { kind: 'Role', name: 'nothing' },
    subjects: [],
  }),
  [`${SKYFLOW}/links`]: (name) => ({ metadata: { name } }),
  // One that refuses nothing: that would be a 403, too.
  '/api/v1/resourcequotas': (name) => ({ metadata: { name }, spec: { hard: { pods: '1000' } } }),
};
/** Kinds whose objects cannot have any name. */
const OWN_NAMES: Readonly<Record<string, readonly string[]>> = { [`${SKYFLOW}/links`]: ['one.two', 'two.one'] };
const LOGGED = [`${SKYFLOW}/jobs`, `${SKYFLOW}/deployments`, '/api/v1/pods'];

/** Every resource that the gateway serves, so that a new kind has its row, too. */
async function servedKinds(): Promise<Kind[]> {
  const get = async (path: string): Promise<unknown> => JSON.parse((await gateway.request('GET', path)).text);
  const { groups } = (await get('/apis')) as { groups: { versions: { groupVersion: string }[] }[] };
  const { paths } = (await get('/openapi.json')) as { paths: Record<string, { post?: Operation }> };
  const rows: Kind[] = [];
  for (const path of [
    '/api/v1',
    ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`)),
  ]) {
    const { resources } = (await get(path)) as {
      resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
    };
    for (const { name: plural, kind, namespaced, verbs } of resources) {
      if (plural.includes('/') || REVIEWS.includes(plural)) continue;
      const operation = paths[`${path}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`]?.post;
      const example = operation?.requestBody.content['application/json']?.example;
      const own = BODIES[`${path}/${plural}`];
      const body = own ?? (example && ((name: string) => ({ ...example, metadata: { ...example.metadata, name } })));
      if (verbs.includes('create') && body === undefined) throw new Error(`${path}/${plural} has no example`);
      const logs = LOGGED.includes(`${path}/${plural}`);
      rows.push({ kind, path, plural, namespaced, verbs, logs, ...(body !== undefined && { body }) });
    }
  }
  return rows;
}

interface Operation {
  requestBody: { content: Record<string, { example?: { metadata: object } }> };
}

const ROLES: Readonly<Record<string, AccessRule[]>> = {
  nothing: [],
  'team-a-dev': [
    { verbs: ['*'], kinds: ['Job', 'Deployment', 'ConfigMap', 'Pod', 'Namespace'], namespaces: ['team-a'] },
  ],
  'one-only': [{ verbs: ['get', 'list', 'watch', 'update', 'delete'], kinds: ['*'], names: ['one'] }],
  'log-reader': [{ verbs: ['logs'], kinds: ['Job', 'Pod'] }],
  operator: [
    { verbs: ['get', 'list', 'watch', 'update', 'patch'], kinds: ['Cluster', 'Node', 'Pod'], clusters: ['two'] },
    { verbs: ['get', 'list'], kinds: ['System'] },
  ],
  creator: [{ verbs: ['create', 'patch'], kinds: ['*'] }],
  'two-reader': [{ verbs: ['get', 'list', 'logs'], kinds: ['*'], clusters: ['two'] }],
};
const BINDINGS: readonly AccessBinding[] = [
  { name: 'b1', role: 'reader-role', subjects: [{ kind: 'User', name: 'reader' }] },
  { name: 'b2', role: 'inviter-role', subjects: [{ kind: 'User', name: 'inviter' }] },
  { name: 'b3', role: 'team-a-dev', subjects: [{ kind: 'Group', name: 'team-a' }] },
  { name: 'b4', role: 'reader-role', subjects: [{ kind: 'User', name: 'guest' }], namespaces: ['team-b'] },
  { name: 'b5', role: 'one-only', subjects: [{ kind: 'User', name: 'single' }] },
  { name: 'b6', role: 'log-reader', subjects: [{ kind: 'User', name: 'logger' }] },
  { name: 'b7', role: 'operator', subjects: [{ kind: 'User', name: 'operator' }] },
  { name: 'b8', role: 'creator', subjects: [{ kind: 'User', name: 'creator' }] },
  { name: 'b9', role: 'admin-role', subjects: [{ kind: 'User', name: 'root' }] },
  { name: 'b10', role: 'log-reader', subjects: [{ kind: 'User', name: 'mixed' }], namespaces: ['team-a'] },
  { name: 'b12', role: 'two-reader', subjects: [{ kind: 'User', name: 'partial' }], namespaces: ['team-a'] },
  { name: 'b11', role: 'one-only', subjects: [{ kind: 'User', name: 'mixed' }] },
];
const IDENTITIES: readonly Identity[] = [
  ...[
    'reader',
    'inviter',
    'guest',
    'single',
    'logger',
    'operator',
    'creator',
    'root',
    'mixed',
    'nobody',
    'partial',
  ].map((name) => ({ name, groups: [] })),
  { name: 'dev', groups: ['team-a'] },
];
/** What is not of any resource: the kind that its rule names. */
const OWN_ROUTES = { '/status': 'System', '/metrics': 'System', '/usage?by=user': 'Usage', '/log?to=1': 'Log' };
const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'logs',
  'impersonate',
];

let kinds: readonly Kind[] = [];
let nats: NatsFixture;
let gateway: GatewayFixture;
let directory: string;
const rights = new Map<string, Rights>();
/** Names by path, plural and namespace, as the admin sees them. */
const present = new Map<string, { namespace?: string; name: string }[]>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skyflow-matrix-'));
  const tokens = join(directory, 'tokens');
  await writeFile(tokens, IDENTITIES.map(({ name, groups }) => `token-${name} ${name} ${groups.join(',')}`).join('\n'));
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url, undefined, { SKYFLOW_TOKENS_FILE: tokens });
  const policy = { roles: new Map([...DEFAULT_ROLES, ...Object.entries(ROLES)]), bindings: BINDINGS };
  for (const identity of IDENTITIES) rights.set(identity.name, rightsOf(identity, policy));
  await seed();
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

async function seed(): Promise<void> {
  const create = async (path: string, body: object): Promise<void> => {
    const { status, text } = await gateway.request('POST', path, body);
    if (status !== 201) throw new Error(`${path}: ${String(status)} ${text}`);
  };
  for (const name of NAMESPACES) await create(`${SKYFLOW}/namespaces`, { metadata: { name } });
  for (const [name, rules] of Object.entries(ROLES)) await create(`${SKYFLOW}/roles`, { metadata: { name }, rules });
  for (const { name, role, subjects, namespaces } of BINDINGS) {
    await create(`${SKYFLOW}/rolebindings`, { metadata: { name }, roleRef: { name: role }, subjects, namespaces });
  }
  kinds = await servedKinds();
  for (const kind of kinds) {
    // Others are faces of SkyFlow's.
    const isFace = kind.path !== SKYFLOW && kinds.some((each) => each.path === SKYFLOW && each.kind === kind.kind);
    if (kind.body === undefined || isFace) continue;
    for (const namespace of kind.namespaced ? NAMESPACES : [undefined]) {
      for (const name of namesOf(kind)) await create(`${collection(kind, namespace)}?allowMoves=all`, kind.body(name));
    }
  }
  for (const kind of kinds) {
    const { body } = await gateway.request('GET', collection(kind, undefined));
    present.set(
      collection(kind, undefined),
      body.items.map(({ metadata }) => metadata),
    );
  }
}

const namesOf = ({ path, plural }: Kind): readonly string[] => OWN_NAMES[`${path}/${plural}`] ?? NAMES;

const collection = ({ path, plural }: Kind, namespace: string | undefined): string =>
  namespace === undefined ? `${path}/${plural}` : `${path}/namespaces/${namespace}/${plural}`;

/** Nothing is written; and nobody is asked what a change of a policy would move. */
const DRY = 'dryRun=All&allowMoves=all';

interface Cell {
  identity: Identity;
  verb: string;
  kind: Kind;
  namespace: string | undefined;
  name: string;
}

function* cells(): Generator<Cell> {
  for (const identity of IDENTITIES) {
    for (const kind of kinds) {
      for (const verb of VERBS) {
        const open = ['list', 'watch'].includes(verb);
        for (const namespace of kind.namespaced ? [...NAMESPACES, ...(open ? [undefined] : [])] : [undefined]) {
          for (const name of open || verb === 'create' || verb === 'deletecollection' ? [''] : namesOf(kind)) {
            if (isServed(kind, verb)) yield { identity, verb, kind, namespace, name };
          }
        }
      }
    }
  }
}

function isServed({ verbs, logs, kind, path }: Kind, verb: string): boolean {
  if (verb === 'logs') return logs;
  if (verb === 'impersonate') return kind === 'User' && path === SKYFLOW;
  return verbs.includes(verb);
}

interface Expected {
  allowed: boolean;
  /** Of a list, what is in it. */
  items?: string[];
}

function expected({ identity, verb, kind, namespace, name }: Cell): Expected {
  const held = rights.get(identity.name) as Rights;
  const scope = namespace === undefined ? {} : { namespace };
  if (['list', 'watch', 'deletecollection'].includes(verb)) {
    const asked = verb === 'deletecollection' ? 'delete' : verb;
    const decision = decideCollection(held, { verb: asked, kind: kind.kind, namespaced: kind.namespaced, ...scope });
    if (!decision.allowed || verb !== 'list') return { allowed: decision.allowed };
    const all = present.get(collection(kind, undefined)) ?? [];
    const seen = all
      .filter((each) => namespace === undefined || each.namespace === namespace)
      .filter((each) => !('visible' in decision) || decision.visible(targetOf(kind, each)));
    return { allowed: true, items: seen.map(keyOf).sort() };
  }
  const target = name === '' ? scope : targetOf(kind, { ...scope, name });
  // What a workload has in clusters: those that he may see of it.
  if (verb === 'logs' && kind.path === SKYFLOW && kind.kind !== 'Cluster') {
    const pods = { verb, kind: 'Pod', ...scope };
    return { allowed: decideParts(held, { verb, kind: kind.kind, ...target }, [pods]).allowed };
  }
  return { allowed: decideAccess(held, { verb, kind: kind.kind, ...target }).allowed };
}

const targetOf = ({ kind }: Kind, { namespace, name }: { namespace?: string; name: string }) => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  ...(kind === 'Cluster' ? { cluster: name } : {}),
});
const keyOf = ({ namespace = '', name }: { namespace?: string; name: string }): string => `${namespace}/${name}`;

async function actual({
  identity,
  verb,
  kind,
  namespace,
  name,
}: Cell): Promise<Expected & { status: number; text: string }> {
  const all = collection(kind, namespace);
  const one = `${all}/${name}`;
  const headers: Record<string, string> = { authorization: `Bearer token-${identity.name}` };
  const ask = (): ReturnType<GatewayFixture['request']> => {
    switch (verb) {
      case 'get':
        return gateway.request('GET', one, undefined, headers);
      case 'list':
        return gateway.request('GET', all, undefined, headers);
      case 'watch':
        // A version that is not there yet: refused at once if it is let in.
        return gateway.request('GET', `${all}?watch=1&resourceVersion=x`, undefined, headers);
      case 'create':
        return gateway.request('POST', `${all}?${DRY}`, kind.body?.('three'), headers);
      case 'update':
        return gateway.request('PUT', `${one}?${DRY}`, kind.body?.(name), headers);
      case 'patch':
        return gateway.request(
          'PATCH',
          `${one}?${DRY}`,
          { metadata: { labels: { a: 'b' } } },
          {
            ...headers,
            'content-type': 'application/merge-patch+json',
          },
        );
      case 'delete':
        return gateway.request('DELETE', `${one}?${DRY}`, undefined, headers);
      case 'deletecollection':
        return gateway.request('DELETE', `${all}?${DRY}`, undefined, headers);
      case 'logs':
        return gateway.request('GET', `${one}/log`, undefined, headers);
      default:
        return gateway.request('GET', '/api', undefined, { ...headers, 'impersonate-user': name });
    }
  };
  const { status, text, body } = await ask();
  const items =
    verb === 'list' && status === 200 ? { items: body.items.map(({ metadata }) => keyOf(metadata)).sort() } : {};
  return { allowed: status !== 403, ...items, status, text: (body as { message?: string }).message ?? text };
}

describe('the access matrix', () => {
  it('over HTTP is the rule model’s, in every cell', async () => {
    let count = 0;
    let refused = 0;
    const wrong: object[] = [];
    for (const cell of cells()) {
      count += 1;
      const want = expected(cell);
      const { status, text, ...got } = await actual(cell);
      if (!want.allowed) refused += 1;
      const names =
        !want.allowed &&
        (!text.includes(cell.verb === 'deletecollection' ? '"delete"' : `"${cell.verb}"`) ||
          !text.includes(`"${cell.kind.kind}"`));
      if (JSON.stringify(got) === JSON.stringify(want) && status < 500 && status !== 401 && !names) continue;
      const { identity, verb, kind, namespace, name } = cell;
      wrong.push({
        cell: [identity.name, verb, collection(kind, namespace), name],
        want,
        got,
        status,
        text: text.slice(0, 300),
      });
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(3_000);
    expect(refused).toBeGreaterThan(500);
    expect(count - refused).toBeGreaterThan(500);
  }, 240_000);

  it('has a row for every resource of every group, with objects in it where it can have any', () => {
    expect(kinds.length).toBeGreaterThan(20);
    for (const kind of kinds) {
      const { path, plural, verbs } = kind;
      const count = present.get(collection(kind, undefined))?.length ?? 0;
      const held = verbs.includes('create') ? count >= NAMES.length : true;
      expect([path, plural, verbs.includes('get'), verbs.includes('list'), held]).toEqual([
        path,
        plural,
        true,
        true,
        true,
      ]);
    }
  });

  it('of our own routes too: each takes the verb get on a kind of its own', async () => {
    for (const { name } of IDENTITIES) {
      const held = rights.get(name) as Rights;
      for (const [path, kind] of Object.entries(OWN_ROUTES)) {
        const want = decideAccess(held, { verb: 'get', kind }).allowed ? 200 : 403;
        const { status } = await gateway.request('GET', path, undefined, { authorization: `Bearer token-${name}` });
        expect([name, path, status]).toEqual([name, path, want]);
      }
    }
    expect((await gateway.request('GET', '/status', undefined, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });
});
