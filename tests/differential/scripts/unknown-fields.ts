/** What becomes of fields that nobody knows, and of fields that are there twice. */
import type { Script } from './scripts.js';

const pods = '/api/v1/namespaces/{ns}/pods';
const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';
const withTypos = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'typo', label: { a: 'b' } },
  spec: {
    contaners: [],
    containers: [{ name: 'c', image: 'busybox', imagee: 'x', port: 80 }],
    nodeNam: 'n',
    nodeSelector: { no: 'where' },
  },
};
const twice =
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"},"data":{"b":"3"},"extra":1}';

export const unknownFields: Script = {
  name: 'unknown-fields',
  async play(session) {
    for (const validation of ['Strict', 'Warn', 'Ignore', 'Sometimes']) {
      const query = `?fieldValidation=${validation}&dryRun=All`;
      await session.api(`create, ${validation}`, { method: 'POST', path: pods + query, body: withTypos });
      await session.api(`create, twice, ${validation}`, {
        method: 'POST',
        path: `/api/v1/namespaces/{ns}/configmaps${query}`,
        body: twice,
      });
      await session.api(`create in YAML, ${validation}`, {
        method: 'POST',
        path: `/api/v1/namespaces/{ns}/configmaps${query}`,
        body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\nda: {}\ndata:\n  a: "1"\n',
        headers: { 'content-type': 'application/yaml' },
      });
    }
    await session.api('create, as the default is', { method: 'POST', path: pods, body: withTypos });
    for (const [type, body] of [
      ['application/merge-patch+json', { spec: { nodeNam: 'n' }, metadata: { labels: { a: 'b' } } }],
      ['application/strategic-merge-patch+json', { spec: { containers: [{ name: 'c', imagee: 'y' }] } }],
      ['application/json-patch+json', [{ op: 'add', path: '/spec/nodeNam', value: 'n' }]],
    ] as const) {
      for (const validation of ['Strict', 'Warn']) {
        await session.api(`${type}, ${validation}`, {
          method: 'PATCH',
          path: `${pods}/typo?fieldValidation=${validation}&dryRun=All`,
          body,
          headers: { 'content-type': type },
          withoutStatus: true,
        });
      }
    }
    await session.api('apply, Strict', {
      method: 'PATCH',
      path: `${deployments}/typo?fieldManager=a&fieldValidation=Strict`,
      body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'typo' }, spec: { replicsa: 1 } },
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicsa: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;
    await session.kubectl('kubectl create', 'create -f -', { input: deployment });
    await session.kubectl('kubectl apply', 'apply -f -', { input: deployment });
    await session.kubectl('kubectl apply --server-side', 'apply --server-side -f -', { input: deployment });
    await session.kubectl('kubectl apply --validate=warn', 'apply --validate=warn -f -', {
      input: deployment.replace('replicsa: 2', 'replicas: 0\n  replicsa: 2'),
    });
  },
};
