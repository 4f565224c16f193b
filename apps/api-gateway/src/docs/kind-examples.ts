/** An object of each kind, as one would write it first. Each is accepted by a gateway of the clusters that it names (openapi.int.spec.ts). */

const POD = {
  containers: [{ name: 'main', image: 'nginx:1.29', resources: { requests: { cpu: '250m', memory: '64Mi' } } }],
};
const WEB = { metadata: { labels: { app: 'web' } }, spec: POD };
const ENDING = { ...POD, restartPolicy: 'Never' };

/** By `<group>/<version>/<kind>`: what follows apiVersion and kind. */
const EXAMPLES: Readonly<Record<string, object>> = {
  'skyflow.io/v1/Cluster': { metadata: { name: 'eu-1', labels: { tier: 'prod' } }, spec: { region: 'eu-west' } },
  'skyflow.io/v1/Namespace': { metadata: { name: 'team-a' } },
  'skyflow.io/v1/Job': { metadata: { name: 'hello' }, spec: { replicas: 2, template: { spec: POD } } },
  'skyflow.io/v1/Deployment': {
    metadata: { name: 'web' },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: WEB },
  },
  'skyflow.io/v1/PlacementPolicy': {
    metadata: { name: 'prod-only' },
    spec: { clusterSelector: { matchLabels: { tier: 'prod' } } },
  },
  'skyflow.io/v1/Service': {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 8008, targetPort: 8080 }] },
  },
  'skyflow.io/v1/Link': { metadata: { name: 'mluo-onprem.mluo-cloud' }, spec: { plane: 'flat' } },
  'skyflow.io/v1/Queue': { metadata: { name: 'research' }, spec: { weight: 2 } },
  'skyflow.io/v1/User': { metadata: { name: 'ada' }, spec: { email: 'ada@example.org' } },
  'skyflow.io/v1/Role': {
    metadata: { name: 'job-runner' },
    rules: [{ verbs: ['get', 'list', 'watch', 'create', 'delete'], kinds: ['Job'], namespaces: ['team-a'] }],
  },
  'skyflow.io/v1/RoleBinding': {
    metadata: { name: 'ada-runs-jobs' },
    roleRef: { kind: 'Role', name: 'reader-role' },
    subjects: [{ kind: 'User', name: 'ada' }],
  },
  'multicluster.x-k8s.io/v1beta1/ServiceExport': { metadata: { name: 'web' }, spec: {} },
  'scheduling.k8s.io/v1/PriorityClass': { metadata: { name: 'urgent' }, value: 1000 },
  '/v1/Namespace': { metadata: { name: 'team-a' } },
  '/v1/ConfigMap': { metadata: { name: 'settings' }, data: { greeting: 'hello' } },
  '/v1/Service': {
    metadata: { name: 'site' },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  },
  '/v1/ResourceQuota': { metadata: { name: 'team' }, spec: { hard: { pods: '10', 'requests.cpu': '4' } } },
  '/v1/Secret': { metadata: { name: 'key' }, type: 'Opaque', stringData: { token: 'not-so-secret' } },
  'coordination.k8s.io/v1/Lease': {
    metadata: { name: 'my-controller' },
    spec: { holderIdentity: 'my-controller-0', leaseDurationSeconds: 15 },
  },
  'apps/v1/Deployment': {
    metadata: { name: 'site' },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: WEB },
  },
  'batch/v1/Job': { metadata: { name: 'sum' }, spec: { completions: 3, parallelism: 2, template: { spec: ENDING } } },
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    spec: { resourceAttributes: { verb: 'create', group: 'skyflow.io', resource: 'jobs', namespace: 'default' } },
  },
  'authorization.k8s.io/v1/SelfSubjectRulesReview': { spec: { namespace: 'default' } },
  'authentication.k8s.io/v1/SelfSubjectReview': {},
};

/** Undefined: objects of this kind are made by others. */
export function exampleOf({
  group,
  version,
  kind,
}: {
  group: string;
  version: string;
  kind: string;
}): object | undefined {
  const rest = EXAMPLES[`${group}/${version}/${kind}`];
  return rest && { apiVersion: group === '' ? version : `${group}/${version}`, kind, ...rest };
}
