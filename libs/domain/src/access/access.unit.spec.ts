import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AccessRequest, type AccessRule, ACCESS_VERBS, ruleAllows } from './access-rule.js';
import { decideAccess, decideCollection, decideParts } from './decide-access.js';
import { DEFAULT_ROLES } from './default-roles.js';
import { uncoveredRights } from './escalation.js';
import { MASTERS } from './identity.js';
import { type AccessBinding, type AccessPolicy, boundRules, rightsOf } from './policy.js';

const KINDS = ['Job', 'Pod', 'Role', 'Namespace'];
const VERBS = ['get', 'list', 'create', 'exec'];
const SPACES = ['a', 'b', 'c'];
const NAMES = ['x', 'y', 'a'];
const CLUSTERS = ['c1', 'c2'];

const some = (values: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom('*', ...values), { minLength: 1, maxLength: 3 });
const rule: fc.Arbitrary<AccessRule> = fc.record(
  { verbs: some(VERBS), kinds: some(KINDS), namespaces: some(SPACES), names: some(NAMES), clusters: some(CLUSTERS) },
  { requiredKeys: ['verbs', 'kinds'] },
);
const rules = fc.array(rule, { maxLength: 4 });
const request: fc.Arbitrary<AccessRequest> = fc.record(
  {
    verb: fc.constantFrom(...VERBS, 'other'),
    kind: fc.constantFrom(...KINDS, 'Other'),
    namespace: fc.constantFrom(...SPACES, 'd'),
    name: fc.constantFrom(...NAMES, 'z'),
    cluster: fc.constantFrom(...CLUSTERS, 'c3'),
  },
  { requiredKeys: ['verb', 'kind'] },
);
const allowed = (held: readonly AccessRule[], asked: AccessRequest): boolean =>
  held.some((each) => ruleAllows(each, asked));
const policyOf = (roles: Record<string, AccessRule[]>, bindings: AccessBinding[]): AccessPolicy => ({
  roles: new Map(Object.entries(roles)),
  bindings,
});
const JO = { name: 'jo', groups: ['devs'] };

describe('rules', () => {
  it('allow nothing that is not written in them: each dimension must allow it', () => {
    fc.assert(
      fc.property(rule, request, (given, asked) => {
        const fits = (list: readonly string[] | undefined, value: string | undefined): boolean =>
          list === undefined || list.some((each) => each === '*' || each === value);
        const expected =
          fits(given.verbs, asked.verb) &&
          fits(given.kinds, asked.kind) &&
          fits(given.namespaces, asked.namespace) &&
          fits(given.names, asked.name) &&
          fits(given.clusters, asked.cluster);
        expect(ruleAllows(given, asked)).toBe(expected);
      }),
    );
  });

  it('of nobody allow nothing', () => {
    expect(decideAccess({ rules: [], roles: [] }, { verb: 'get', kind: 'Job' })).toEqual({
      allowed: false,
      reason: 'missing verb "get" on kind "Job" (no role is bound to this user); ask for a role that has it',
    });
  });
});

describe('bindings', () => {
  it('give a role to a user or a group, and only in the namespaces that they name', () => {
    const policy = policyOf(
      { dev: [{ verbs: ['*'], kinds: ['Job'] }], ops: [{ verbs: ['get'], kinds: ['Cluster'] }] },
      [
        { name: '1', role: 'dev', subjects: [{ kind: 'Group', name: 'devs' }], namespaces: ['a'] },
        { name: '2', role: 'ops', subjects: [{ kind: 'User', name: 'jo' }] },
        { name: '3', role: 'gone', subjects: [{ kind: 'User', name: 'jo' }] },
      ],
    );
    const rights = rightsOf(JO, policy);
    expect(rights.roles).toEqual(['dev', 'ops']);
    expect(decideAccess(rights, { verb: 'create', kind: 'Job', namespace: 'a' }).allowed).toBe(true);
    expect(decideAccess(rights, { verb: 'create', kind: 'Job', namespace: 'b' }).allowed).toBe(false);
    expect(decideAccess(rights, { verb: 'get', kind: 'Cluster', name: 'x' }).allowed).toBe(true);
    expect(rightsOf({ name: 'devs', groups: ['jo'] }, policy).rules).toEqual([]);
    expect(
      decideAccess(rightsOf({ name: 'root', groups: [MASTERS] }, policy), { verb: 'bind', kind: 'Role' }).allowed,
    ).toBe(true);
  });

  it('never give more than the role, and nothing outside their namespaces', () => {
    fc.assert(
      fc.property(rules, fc.option(some(SPACES), { nil: undefined }), request, (given, namespaces, asked) => {
        const bound = allowed(boundRules(given, namespaces), asked);
        const inside =
          namespaces === undefined ||
          namespaces.includes('*') ||
          (asked.namespace !== undefined && namespaces.includes(asked.namespace));
        expect(bound).toBe(allowed(given, asked) && inside);
      }),
    );
  });

  it('do not depend on the order of roles and bindings', () => {
    const binding = fc.record({
      name: fc.string(),
      role: fc.constantFrom('r1', 'r2'),
      subjects: fc.constant([{ kind: 'User', name: 'jo' } as const]),
    });
    fc.assert(
      fc.property(rules, rules, fc.array(binding, { maxLength: 4 }), request, (r1, r2, bindings, asked) => {
        const one = rightsOf(JO, policyOf({ r1, r2 }, bindings));
        const other = rightsOf(JO, policyOf({ r2, r1 }, [...bindings].reverse()));
        expect(decideAccess(one, asked)).toEqual(decideAccess(other, asked));
      }),
    );
  });
});

describe('lists', () => {
  it('show exactly what a rule allows to be seen, and are refused only when that is nothing', () => {
    fc.assert(
      fc.property(rules, request, fc.boolean(), (held, { verb, kind, namespace: asked }, inNamespaces) => {
        // Namespaces themselves are in none.
        const namespaced = inNamespaces && kind !== 'Namespace';
        const scope = namespaced && asked !== undefined ? { namespace: asked } : {};
        const decision = decideCollection({ rules: held, roles: [] }, { verb, kind, namespaced, ...scope });
        let any = false;
        for (const namespace of namespaced
          ? [...SPACES, 'd'].filter((each) => asked === undefined || each === asked)
          : [undefined]) {
          for (const name of [...NAMES, 'z']) {
            for (const cluster of [...CLUSTERS, undefined]) {
              const target = {
                name,
                ...(namespace === undefined ? {} : { namespace }),
                ...(cluster === undefined ? {} : { cluster }),
              };
              const may = decideAccess({ rules: held, roles: [] }, { verb, kind, ...target }).allowed;
              any ||= may;
              const shown = decision.allowed && (!('visible' in decision) || decision.visible(target));
              expect({ target, shown }).toEqual({ target, shown: may });
            }
          }
        }
        if (any) expect(decision.allowed).toBe(true);
      }),
    );
  });

  it('of namespaces show those that one may work in', () => {
    const rights = { roles: ['dev'], rules: [{ verbs: ['list'], kinds: ['*'], namespaces: ['a'] }] };
    const decision = decideCollection(rights, { verb: 'list', kind: 'Namespace', namespaced: false });
    expect(decision).toMatchObject({ allowed: true });
    if (!('visible' in decision)) throw new Error('everything is visible');
    expect(['a', 'b'].map((name) => decision.visible({ name }))).toEqual([true, false]);
    expect(decideCollection(rights, { verb: 'list', kind: 'Cluster', namespaced: false }).allowed).toBe(false);
  });
});

describe('escalation', () => {
  it('covers nothing that the holder could not do himself', () => {
    fc.assert(
      fc.property(rules, rules, request, (held, wanted, asked) => {
        if (uncoveredRights(held, wanted).length > 0) return;
        if (allowed(wanted, asked)) expect(allowed(held, asked)).toBe(true);
      }),
    );
  });

  it('lets everyone give what he has, part of it, or nothing', () => {
    fc.assert(
      fc.property(rules, (held) => {
        expect(uncoveredRights(held, held)).toEqual([]);
        expect(uncoveredRights(held, [])).toEqual([]);
        expect(uncoveredRights([{ verbs: ['*'], kinds: ['*'] }], held)).toEqual([]);
      }),
    );
  });

  it('names the right that is missing', () => {
    const held = [{ verbs: ['get'], kinds: ['Job'], namespaces: ['a'] }];
    expect(uncoveredRights(held, [{ verbs: ['get', 'delete'], kinds: ['Job'], namespaces: ['a'] }])).toEqual([
      { verbs: ['delete'], kinds: ['Job'], namespaces: ['a'] },
    ]);
    expect(uncoveredRights(held, [{ verbs: ['*'], kinds: ['Job'], namespaces: ['a'] }])).toHaveLength(1);
  });
});

describe('the default roles', () => {
  const can = (role: string, verb: string, kind: string): boolean =>
    allowed(DEFAULT_ROLES.get(role) ?? [], { verb, kind, namespace: 'a', name: 'x' });

  it('are the seed’s: admins do everything, readers look, inviters invite', () => {
    for (const verb of ACCESS_VERBS) expect(can('admin-role', verb, 'Job')).toBe(true);
    expect(['get', 'list', 'watch', 'logs', 'create', 'exec'].map((verb) => can('reader-role', verb, 'Job'))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(['Secret', 'Token'].map((kind) => can('reader-role', 'get', kind))).toEqual([false, false]);
    expect([can('inviter-role', 'create', 'User'), can('inviter-role', 'get', 'User')]).toEqual([true, false]);
  });
});

describe('what one object has in several clusters', () => {
  const about = (asked: AccessRequest): AccessRequest => {
    const { cluster: _cluster, ...rest } = asked;
    return rest;
  };

  it('is seen where a rule allows the object, or what stands for a part of it, in that cluster; and nowhere else', () => {
    fc.assert(
      fc.property(rules, request, request, fc.constantFrom(...CLUSTERS, 'c3'), (held, one, other, cluster) => {
        const [asked, alternative] = [about(one), about(other)];
        const decision = decideParts({ rules: held, roles: [] }, asked, [alternative]);
        const may = (each: AccessRequest): boolean => decideAccess({ rules: held, roles: [] }, each).allowed;
        const inCluster = may({ ...asked, cluster }) || may({ ...alternative, cluster });
        if (!decision.allowed) expect(inCluster).toBe(false);
        else if ('visible' in decision) {
          expect(may(asked)).toBe(false);
          expect(decision.visible({ cluster })).toBe(inCluster);
        } else expect(may(asked)).toBe(true);
      }),
    );
  });

  it('is refused, with the right that is missing, to one who could see none of it', () => {
    const elsewhere: AccessRule = { verbs: ['logs'], kinds: ['Job'], namespaces: ['b'], clusters: ['c1'] };
    const asked = { verb: 'logs', kind: 'Job', namespace: 'a', name: 'x' };
    expect(decideParts({ rules: [elsewhere], roles: ['r'] }, asked)).toEqual({
      allowed: false,
      reason: expect.stringContaining('missing verb "logs" on kind "Job"'),
    });
  });
});
