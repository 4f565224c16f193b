/** Merging into kubeconfigs and taking out again: what is there already stays as it is, to the byte. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { type InstallationContext, merge, unmerge } from './merge.js';

const own: InstallationContext = {
  name: 'skyflow',
  clusters: { name: 'skyflow', cluster: { server: 'https://127.0.0.1:50443' } },
  users: {
    name: 'skyflow',
    user: { exec: { command: '/opt/skyctl.mjs', args: ['auth', 'credential', '--context', 'local'] } },
  },
  contexts: { name: 'skyflow', context: { cluster: 'skyflow', user: 'skyflow', namespace: 'default' } },
};
const file = '/home/ada/.kube/config';
const add = (text: string, more: object = {}): string => merge(text, own, { file, ...more });
const take = (text: string): string => unmerge(text, own, { file });
const ofName = (config: { name: string }[]): string[] => config.map(({ name }) => name);

/** As kubectl writes them, and as people do. */
const KUBECTL = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: AAAA
    server: https://192.0.2.1:6443
  name: prod
contexts:
- context:
    cluster: prod
    user: me
  name: prod
current-context: prod
kind: Config
preferences: {}
users:
- name: me
  user:
    token: "0123"
`;
const HAND = `# mine
kind: Config
contexts: # all of them
    - name: prod    # do not touch
      context: { cluster: prod, user: me }
    # old: staging
clusters:
  - {name: prod, cluster: {server: 'https://192.0.2.1'}}  # at the office
users:
  - name: me
    user: { token: t }
x-note: |
  kept

# end`;

describe('a merge', () => {
  it.each([
    ['kubectl', KUBECTL],
    ['a person', HAND],
    ['a person on Windows', HAND.replaceAll('\n', '\r\n')],
  ])('into what %s wrote only adds lines, and is undone to the byte', (_who, text) => {
    const merged = add(text);
    const lines = merged.split('\n');
    expect(text.split('\n').filter((line) => !lines.includes(line) && !lines.includes(`${line}\r`))).toEqual([]);
    for (const list of ['clusters', 'users', 'contexts'] as const) {
      const config = parse(merged) as Record<string, { name: string }[]>;
      expect(config[list]?.at(-1)).toEqual(own[list]);
      expect(config[list]).toHaveLength(2);
    }
    expect(add(merged)).toBe(merged);
    expect(take(merged)).toBe(text);
    expect(take(take(merged))).toBe(take(merged));
  });

  it('keeps the current context, unless there is none or it is asked for', () => {
    const current = (text: string): unknown => (parse(text) as Record<string, unknown>)['current-context'];
    expect(current(add(KUBECTL))).toBe('prod');
    expect(current(add(KUBECTL, { use: true }))).toBe('skyflow');
    expect(current(add(HAND))).toBe('skyflow');
    expect(current(add(KUBECTL.replace('current-context: prod', 'current-context: ""')))).toBe('skyflow');
    expect(current(take(add(HAND)))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['comments', '# nothing yet\n'],
    ['empty lists', 'apiVersion: v1\nkind: Config\nclusters: []\nusers:\ncontexts: null\ncurrent-context: ""\n'],
    ['JSON', JSON.stringify(parse(KUBECTL))],
    ['an empty mapping', '{}\n'],
  ])('into %s gives a kubeconfig, and can be undone', (_what, text) => {
    const config = parse(add(text)) as Record<string, { name: string }[]>;
    expect([config['clusters'], config['users'], config['contexts']].map((list) => ofName(list ?? []).at(-1))).toEqual(
      Array.from({ length: 3 }, () => 'skyflow'),
    );
    expect(take(add(text))).not.toContain('skyflow');
  });

  it('replaces what the same installation wrote before, where its server has moved', () => {
    const moved = { ...own, clusters: { name: 'skyflow', cluster: { server: 'https://127.0.0.1:6' } } };
    expect(merge(add(KUBECTL), moved, { file })).toBe(merge(KUBECTL, moved, { file }));
  });

  it.each([
    ['a: [', /config is not YAML: .+; it was not changed/],
    ['- a', /is not a kubeconfig: it must be a mapping/],
    ['clusters: {a: b}', /is not a kubeconfig: clusters must be a list/],
    ['users: [{user: {}}]', /users\[0\]\.name must be a string/],
    [
      KUBECTL.replaceAll('prod', 'skyflow'),
      /the name "skyflow" is taken by another cluster, https:\/\/192\.0\.2\.1:6443; this one is https:\/\/127\.0\.0\.1:50443/,
    ],
  ])('into %j is refused', (text, reason) => expect(() => add(text)).toThrow(reason));

  it('takes out nothing of another cluster, nor what another context has', () => {
    expect(() => take(KUBECTL.replaceAll('prod', 'skyflow'))).toThrow(/taken by another cluster/);
    const shared = add(KUBECTL).replace('cluster: prod\n    user: me', 'cluster: skyflow\n    user: me');
    expect((parse(take(shared)) as { clusters: { name: string }[] }).clusters.map(({ name }) => name)).toEqual([
      'prod',
      'skyflow',
    ]);
  });

  it('and its undoing give back any kubeconfig that has something in each list', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((each) => each !== 'skyflow');
    const list = (field: string): fc.Arbitrary<object[]> =>
      fc.uniqueArray(
        fc.record({ name: word, [field]: fc.dictionary(word, fc.oneof(fc.string(), fc.integer(), fc.boolean())) }),
        { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
      );
    const config = fc.record({
      apiVersion: fc.constant('v1'),
      clusters: list('cluster'),
      users: list('user'),
      contexts: list('context'),
      'current-context': word,
      extensions: fc.array(fc.string()),
    });
    fc.assert(
      fc.property(config, fc.boolean(), fc.nat(8), (value, indentSeq, at) => {
        const lines = stringify(value, { indentSeq, lineWidth: 0, indent: 2 + (at % 3) }).split('\n');
        const text = lines.toSpliced(1, 0, '# a comment').join('\n');
        expect(take(add(text))).toBe(text);
      }),
    );
  });
});
