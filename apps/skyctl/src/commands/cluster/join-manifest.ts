/**
 * The one manifest that brings a cluster in: the agent with its rights there, the join token with which it enrols, and an empty Secret in
 * which it keeps what it is given. Pure.
 */
import { isLoopbackHost } from '../../loopback-host.js';
import { agentRbac } from './agent-rbac.js';

export interface JoinOptions {
  cluster: string;
  /** uid of the Cluster object. */
  uid: string;
  /** Where the agent reaches the gateway. */
  api: string;
  /** Authority of the gateway's certificate (PEM); absent: those of the system. */
  authority?: string;
  joinToken: string;
  /** Name of the Token: with another one the agent's pod is replaced. */
  tokenName: string;
  image: string;
}

const NAMESPACE = 'skyflow';
const AGENT = 'skyflow-agent';
const CREDENTIALS = `${AGENT}-credentials`;
const JOIN = `${AGENT}-join`;
const JOIN_FOLDER = '/join';
const labels = { 'app.kubernetes.io/name': AGENT };

/** In the order in which they are applied. The agent enrols with the join token, also when it has what it was given before; where that is refused it keeps it. */
export const joinManifest = (options: JoinOptions): object[] => [
  ...agentRbac,
  ...credentialsAccess(),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: JOIN, namespace: NAMESPACE },
    stringData: {
      'join.token': options.joinToken,
      ...(options.authority === undefined ? {} : { 'ca.crt': options.authority }),
    },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: CREDENTIALS, namespace: NAMESPACE } },
  deployment(options),
];

/** Why an agent cannot reach its gateway as it is told to; undefined: nothing is known against it. */
export function unreachableFromPods(api: string): string | undefined {
  if (!URL.canParse(api) || !isLoopbackHost(new URL(api).hostname)) return undefined;
  return (
    `${api} is this machine; in a pod it is the pod itself. Say where pods of the cluster reach the gateway: --api-url https://HOST:PORT ` +
    '(where the chart has installed it: http://skyflow.NAMESPACE.svc:443)'
  );
}

/** The same for the chart (deploy/charts/skyflow-agent): the values that it must have. */
export function joinValues({ cluster, uid, api, authority, joinToken, image }: JoinOptions): object {
  const colon = image.lastIndexOf(':');
  const isTagged = colon > image.lastIndexOf('/');
  return {
    cluster: { name: cluster, uid },
    api: { url: api, ...(authority === undefined ? {} : { authority }) },
    joinToken,
    image: isTagged ? { repository: image.slice(0, colon), tag: image.slice(colon + 1) } : { repository: image },
  };
}

/** The agent may read and change one Secret beside what its work needs. */
function credentialsAccess(): object[] {
  const metadata = { name: CREDENTIALS, namespace: NAMESPACE };
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [CREDENTIALS], verbs: ['get', 'patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: CREDENTIALS },
      subjects: [{ kind: 'ServiceAccount', name: AGENT, namespace: NAMESPACE }],
    },
  ];
}

function deployment({ cluster, uid, api, authority, tokenName, image }: JoinOptions): object {
  const environment = {
    SKYFLOW_CLUSTER: cluster,
    SKYFLOW_CLUSTER_UID: uid,
    SKYFLOW_API_URL: api,
    SKYFLOW_JOIN_TOKEN_FILE: `${JOIN_FOLDER}/join.token`,
    SKYFLOW_CREDENTIALS_SECRET: `${NAMESPACE}/${CREDENTIALS}`,
    SKYFLOW_STATE_DIR: '/state',
    SKYFLOW_HEALTH_PORT: '8080',
    ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: `${JOIN_FOLDER}/ca.crt` }),
  };
  const alive = "fetch('http://127.0.0.1:8080/livez').then((answer) => process.exit(answer.ok ? 0 : 1))";
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: AGENT, namespace: NAMESPACE },
    spec: {
      // Two would both apply the same; the API server would see everything twice.
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'skyflow.io/join-token': tokenName } },
        spec: {
          serviceAccountName: AGENT,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_532,
            fsGroup: 65_532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'agent',
              image,
              command: ['node', 'apps/cluster-agent/dist/main.js'],
              env: Object.entries(environment).map(([name, value]) => ({ name, value })),
              livenessProbe: { periodSeconds: 20, timeoutSeconds: 5, exec: { command: ['node', '-e', alive] } },
              resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'state', mountPath: '/state' },
                { name: 'join', mountPath: JOIN_FOLDER, readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'state', emptyDir: {} },
            { name: 'join', secret: { secretName: JOIN, defaultMode: 0o440 } },
          ],
        },
      },
    },
  };
}
