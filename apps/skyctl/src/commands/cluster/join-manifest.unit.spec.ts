import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { agentRbac } from './agent-rbac.js';
import { joinManifest, joinValues, unreachableFromPods } from './join-manifest.js';

const options = {
  cluster: 'east',
  uid: 'uid-east',
  api: 'https://sky.example.org',
  joinToken: 'skyj_name_secret',
  tokenName: 'name',
  image: 'skyflow/control-plane:0.1.0',
};
const text = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../../../../../deploy/agent', file), 'utf8');

describe('the manifest of skyctl cluster join', () => {
  it('gives the agent the rights of deploy/agent/rbac.yaml, and one Secret more', () => {
    expect(agentRbac).toEqual(parseAllDocuments(text('rbac.yaml')).map((document) => document.toJS() as object));
    const roles = joinManifest(options).filter((object) => (object as { kind: string }).kind === 'Role');
    expect(roles).toHaveLength(1);
    expect(roles[0]).toMatchObject({
      rules: [{ resources: ['secrets'], resourceNames: ['skyflow-agent-credentials'], verbs: ['get', 'patch'] }],
    });
  });

  it('has the join token in one Secret and nowhere else, and the authority when there is one', () => {
    const objects = joinManifest({ ...options, authority: 'PEM' });
    expect(objects.filter((object) => JSON.stringify(object).includes(options.joinToken))).toEqual([
      expect.objectContaining({ kind: 'Secret', stringData: { 'join.token': options.joinToken, 'ca.crt': 'PEM' } }),
    ]);
    expect(JSON.stringify(objects)).toContain('NODE_EXTRA_CA_CERTS');
    expect(JSON.stringify(joinManifest(options))).not.toContain('NODE_EXTRA_CA_CERTS');
  });

  it.each(['http://127.0.0.1:50051', 'https://localhost:8443', 'http://[::1]:50051'])(
    'warns of %s, which is the pod itself',
    (api) => {
      expect(unreachableFromPods(api)).toContain('--api-url');
      expect(unreachableFromPods('https://sky.example.org')).toBeUndefined();
      expect(unreachableFromPods('http://127.0.0.1.example.org')).toBeUndefined();
    },
  );

  it('has values for the chart too', () => {
    expect(joinValues({ ...options, image: 'registry.example.org:5000/sky' })).toEqual({
      cluster: { name: 'east', uid: 'uid-east' },
      api: { url: options.api },
      joinToken: options.joinToken,
      image: { repository: 'registry.example.org:5000/sky' },
    });
    expect(joinValues(options)).toMatchObject({ image: { repository: 'skyflow/control-plane', tag: '0.1.0' } });
  });

  it('runs the agent as deploy/agent/agent.yaml does', () => {
    const made = joinManifest(options).at(-1) as { spec: { template: { spec: { securityContext: object } } } };
    const given = parseAllDocuments(text('agent.yaml'))[0]?.toJS() as typeof made;
    expect(made.spec.template.spec.securityContext).toEqual(given.spec.template.spec.securityContext);
  });
});
