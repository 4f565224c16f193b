/** What is there to ask for, and what one may: explain, api-resources of what both serve, auth can-i. */
import type { Script } from '../scripts/scripts.js';

interface ResourceList {
  resources: { name: string }[];
}

/** Those that the façade serves too, by what they can. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  '/api/v1': [
    ...['namespaces', 'pods', 'pods/log', 'pods/exec', 'nodes', 'services', 'configmaps', 'secrets', 'events'],
    'resourcequotas',
  ],
  '/apis/apps/v1': ['deployments', 'deployments/scale', 'deployments/status', 'replicasets'],
  '/apis/batch/v1': ['jobs', 'jobs/status'],
  '/apis/coordination.k8s.io/v1': ['leases'],
};

export const facadeDiscovery: Script = {
  name: 'facade-discovery',
  async play(session) {
    for (const [path, names] of Object.entries(SHARED)) {
      const { resources } = (await session.fetch(path)) as ResourceList;
      for (const name of names) {
        const found = resources.find((each) => each.name === name);
        session.note(`${path} ${name}`, found && { ...found, storageVersionHash: undefined });
      }
    }
    for (const path of ['deployment.spec.replicas', 'service.spec.ports', 'pod', 'deployment.spec.nothing'])
      await session.kubectl(`explain ${path}`, `explain ${path}`);
    await session.kubectl('explain gizmo', 'explain gizmo');
    await session.kubectl('apply of a kind that nobody serves', 'apply -f -', {
      input: 'apiVersion: a.b/v1\nkind: C\nmetadata: {name: x}\n',
    });
    await session.kubectl('api-resources of apps', 'api-resources --api-group=apps -o name');
    await session.kubectl('auth can-i', 'auth can-i create deployments.apps');
    await session.kubectl('auth can-i what nobody serves', 'auth can-i create gizmos');
    await session.kubectl('auth can-i, quietly', 'auth can-i delete pods -q');
    await session.kubectl('auth can-i as another', 'auth can-i get pods --as=nobody-known');
    await session.api('health', { path: '/healthz' });
    await session.api('readiness', { path: '/readyz' });
    await session.api('a group that is not there', { path: '/apis/nowhere.io/v1' });
    await session.api('a resource that is not there', { path: '/api/v1/namespaces/{ns}/gizmos' });
  },
};
