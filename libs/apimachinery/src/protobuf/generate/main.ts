/**
 * Writes messages.ts: `node dist/protobuf/generate/main.js <checkout of k8s.io/api> <checkout of k8s.io/apimachinery>`.
 * Run by hand when a new Kubernetes version adds fields.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readGoTypes, type GoPackage } from './go-types.js';
import { messageLines } from './message-lines.js';

/** What typed clients send to a server of the native kinds. */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  'apps.v1': ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'authentication.v1': ['SelfSubjectReview', 'TokenRequest'],
  'authorization.v1': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'],
  'autoscaling.v1': ['HorizontalPodAutoscaler', 'Scale'],
  'autoscaling.v2': ['HorizontalPodAutoscaler'],
  'batch.v1': ['CronJob', 'Job'],
  'coordination.v1': ['Lease'],
  'core.v1': [
    ...['Binding', 'ConfigMap', 'Endpoints', 'Event', 'LimitRange', 'Namespace', 'Node', 'PersistentVolume'],
    ...[
      'PersistentVolumeClaim',
      'Pod',
      'ReplicationController',
      'ResourceQuota',
      'Secret',
      'Service',
      'ServiceAccount',
    ],
  ],
  'discovery.v1': ['EndpointSlice'],
  'events.v1': ['Event'],
  'meta.v1': ['DeleteOptions'],
  'networking.v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'policy.v1': ['Eviction', 'PodDisruptionBudget'],
  'rbac.v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'scheduling.v1': ['PriorityClass'],
  'storage.v1': ['StorageClass'],
};

const [api = '', apimachinery = ''] = process.argv.slice(2);
const packages = new Map<string, GoPackage>();
const packageOf = (name: string): GoPackage => {
  let found = packages.get(name);
  if (found === undefined) {
    found = read(name === 'meta.v1' ? join(apimachinery, 'pkg/apis/meta/v1') : join(api, name.replace('.', '/')));
    packages.set(name, found);
  }
  return found;
};

const roots = Object.entries(ROOTS).flatMap(([home, kinds]) => kinds.map((kind) => `${home}.${kind}`));
const lines = messageLines(packageOf, roots);
const output = fileURLToPath(new URL('../../../src/protobuf/messages.ts', import.meta.url));
writeFileSync(output, render(lines));

function read(directory: string): GoPackage {
  if (!existsSync(directory))
    throw new Error(`${directory} is not there; give checkouts of k8s.io/api and k8s.io/apimachinery`);
  const files = readdirSync(directory).filter((file) => file.endsWith('.go') && !/_test\.go$|generated/.test(file));
  return readGoTypes(files.map((file) => readFileSync(join(directory, file), 'utf8')));
}

function render(messages: readonly string[]): string {
  return `/**
 * Field numbers of the native kinds on the wire, one message a line; written by generate/main.ts from the struct tags of
 * k8s.io/api and k8s.io/apimachinery. Field: number, name in JSON, then = plain, ? optional, * list, % map, ^ inline, then
 * s string, i integer, b boolean, d float, y bytes or a message (of the same package where it begins with a dot).
 */
export const MESSAGES = \`
${messages.join('\n')}
\`;
`;
}
