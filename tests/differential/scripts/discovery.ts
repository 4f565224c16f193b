/** What is served, as clients find it. */
import type { Script } from './scripts.js';

interface ResourceList {
  groupVersion: string;
  /** Absent: nobody serves the group. */
  resources?: { name: string }[];
}

const GROUPS = [
  '/api/v1',
  ...[
    'apps/v1',
    'batch/v1',
    'networking.k8s.io/v1',
    'policy/v1',
    'rbac.authorization.k8s.io/v1',
    'autoscaling/v2',
    'storage.k8s.io/v1',
    'scheduling.k8s.io/v1',
    'discovery.k8s.io/v1',
    'coordination.k8s.io/v1',
    'events.k8s.io/v1',
    'authorization.k8s.io/v1',
    'authentication.k8s.io/v1',
  ].map((group) => `/apis/${group}`),
];

/** By name, without the hash of storage versions that only aggregators read. */
function byName(list: ResourceList): unknown {
  const entries = (list.resources ?? []).map(({ name, ...rest }) => {
    const { storageVersionHash: _hash, ...resource } = rest as { storageVersionHash?: string };
    return [name, resource];
  });
  return Object.fromEntries(entries);
}

export const discovery: Script = {
  name: 'discovery',
  async play(session) {
    for (const path of GROUPS)
      session.note(`resources of ${path}`, byName((await session.fetch(path)) as ResourceList));
    await session.api('versions', { path: '/api' });
    await session.api('a group that is not there', { path: '/apis/nowhere.io/v1' });
    await session.api('a resource that is not there', { path: '/api/v1/namespaces/{ns}/gizmos' });
    await session.api('health', { path: '/healthz' });
    await session.api('liveness', { path: '/livez' });
    await session.api('readiness', { path: '/readyz' });
    await session.kubectl('kubectl api-resources of apps', 'api-resources --api-group=apps -o wide');
    await session.kubectl('kubectl api-resources of batch', 'api-resources --api-group=batch');
    await session.kubectl('kubectl api-resources namespaced', 'api-resources --namespaced=true --api-group= -o name');
    for (const path of [
      'pod',
      'pod.spec.containers.resources',
      'deployment.spec.strategy',
      'job.spec',
      'service.spec.ports',
      'configmap',
      'deployment.spec.nothing',
    ]) {
      await session.kubectl(`kubectl explain ${path}`, `explain ${path}`);
    }
    await session.kubectl('kubectl explain gizmo', 'explain gizmo');
    await session.kubectl('kubectl get gizmos', 'get gizmos');
  },
};
