/** Objects that break a rule, one each: the answer names field, value and rule. */
import type { Script } from './scripts.js';

/** One that is taken by mistake is in nobody's way. */
const TRIED = '?dryRun=All';

const container = { name: 'c', image: 'x' };
const podSpec = { containers: [container] };
const template = (spec: object = podSpec, labels: object = { a: 'b' }): object => ({ metadata: { labels }, spec });

const pod = (spec: object, metadata: object = {}): object => ({ metadata: { name: 'bad', ...metadata }, spec });
const podWith = (more: object): object => pod({ containers: [{ ...container, ...more }] });
const deployment = (spec: object): object => ({
  metadata: { name: 'bad' },
  spec: { selector: { matchLabels: { a: 'b' } }, template: template(), ...spec },
});
const jobTemplate = template({ ...podSpec, restartPolicy: 'Never' });
const job = (spec: object): object => ({ metadata: { name: 'bad' }, spec: { template: jobTemplate, ...spec } });
const service = (spec: object): object => ({ metadata: { name: 'bad' }, spec: { ports: [{ port: 80 }], ...spec } });

const PODS: Record<string, object> = {
  'no containers': pod({ containers: [] }),
  'no spec': { metadata: { name: 'bad' } },
  'no name': { metadata: {}, spec: podSpec },
  'name in capitals': pod(podSpec, { name: 'Bad_Name' }),
  'name too long': pod(podSpec, { name: 'a'.repeat(254) }),
  'label value': pod(podSpec, { labels: { a: 'not ok!' } }),
  'label key': pod(podSpec, { labels: { 'a b': 'c' } }),
  'annotation key': pod(podSpec, { annotations: { 'a b': 'c' } }),
  'container without name': podWith({ name: undefined }),
  'container without image': podWith({ image: undefined }),
  'container name in capitals': podWith({ name: 'C' }),
  'two containers of a name': pod({ containers: [container, container] }),
  'init container of the same name': pod({ containers: [container], initContainers: [container] }),
  'pull policy': podWith({ imagePullPolicy: 'Sometimes' }),
  'restart policy': pod({ ...podSpec, restartPolicy: 'Perhaps' }),
  'port out of range': podWith({ ports: [{ containerPort: 70_000 }] }),
  'port name': podWith({ ports: [{ containerPort: 80, name: 'Http_Port' }] }),
  'two ports of a name': podWith({
    ports: [
      { containerPort: 80, name: 'a' },
      { containerPort: 81, name: 'a' },
    ],
  }),
  protocol: podWith({ ports: [{ containerPort: 80, protocol: 'ICMP' }] }),
  'env name': podWith({ env: [{ name: 'a=b', value: '' }] }),
  'env with value and source': podWith({
    env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  }),
  'env from an unknown field': podWith({
    env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } }],
  }),
  'request above limit': podWith({ resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }),
  'negative request': podWith({ resources: { requests: { cpu: '-1' } } }),
  'unknown resource': podWith({ resources: { requests: { gpu: 1 } } }),
  'fraction of an extended resource': podWith({ resources: { limits: { 'example.com/x': '1500m' } } }),
  'mount of no volume': podWith({ volumeMounts: [{ name: 'v', mountPath: '/x' }] }),
  'mount twice at a place': {
    metadata: { name: 'bad' },
    spec: {
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        {
          ...container,
          volumeMounts: [
            { name: 'v', mountPath: '/x' },
            { name: 'v', mountPath: '/x' },
          ],
        },
      ],
    },
  },
  'two volumes of a name': pod({
    ...podSpec,
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 'v', emptyDir: {} },
    ],
  }),
  'volume with two sources': pod({ ...podSpec, volumes: [{ name: 'v', emptyDir: {}, configMap: { name: 'c' } }] }),
  'probe with no handler': podWith({ livenessProbe: { periodSeconds: 1 } }),
  'probe with two handlers': podWith({ livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } }),
  'probe with a negative period': podWith({ livenessProbe: { exec: { command: ['x'] }, periodSeconds: -1 } }),
  'liveness success threshold': podWith({ livenessProbe: { exec: { command: ['x'] }, successThreshold: 2 } }),
  toleration: pod({ ...podSpec, tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
  'negative grace period': pod({ ...podSpec, terminationGracePeriodSeconds: -5 }),
  'deadline zero': pod({ ...podSpec, activeDeadlineSeconds: 0 }),
  'affinity without topology key': pod({
    ...podSpec,
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } },
  }),
  'topology spread': pod({
    ...podSpec,
    topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Maybe' }],
  }),
  'run as non-number': pod({ ...podSpec, securityContext: { runAsUser: 'root' } }),
  'negative user': pod({ ...podSpec, securityContext: { runAsUser: -1 } }),
  'host name': pod({ ...podSpec, hostname: 'Not OK' }),
  'dns policy': pod({ ...podSpec, dnsPolicy: 'None' }),
  'string for a number': pod({ ...podSpec, terminationGracePeriodSeconds: 'ten' }),
  'object for a list': pod({ containers: container }),
  'number for a string': podWith({ image: 5 }),
  'unknown priority class': pod({ ...podSpec, priorityClassName: 'nothing' }),
  'unknown service account': pod({ ...podSpec, serviceAccountName: 'nobody' }),
  'several at once': pod({ containers: [{ name: 'C', image: '' }], restartPolicy: 'Perhaps' }, { name: 'Bad' }),
};

const DEPLOYMENTS: Record<string, object> = {
  'negative replicas': deployment({ replicas: -1 }),
  'no selector': deployment({ selector: undefined }),
  'empty selector': deployment({ selector: {} }),
  'selector that does not match': deployment({ selector: { matchLabels: { a: 'c' } } }),
  'restart policy Never': deployment({ template: template({ ...podSpec, restartPolicy: 'Never' }) }),
  'both bounds zero': deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
  'percentage over a hundred': deployment({ strategy: { rollingUpdate: { maxUnavailable: '120%' } } }),
  'surge in words': deployment({ strategy: { rollingUpdate: { maxSurge: 'some' } } }),
  'Recreate with bounds': deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
  strategy: deployment({ strategy: { type: 'Slowly' } }),
  'min ready above deadline': deployment({ minReadySeconds: 700 }),
  'negative history': deployment({ revisionHistoryLimit: -1 }),
  'bad container in the template': deployment({ template: template({ containers: [{ name: 'C' }] }) }),
  operator: deployment({ selector: { matchExpressions: [{ key: 'a', operator: 'Like', values: ['b'] }] } }),
  'replicas in words': deployment({ replicas: 'two' }),
};

const JOBS: Record<string, object> = {
  'restart policy Always': job({ template: template() }),
  'negative parallelism': job({ parallelism: -1 }),
  'negative completions': job({ completions: -2 }),
  'negative back-off': job({ backoffLimit: -1 }),
  'Indexed without completions': job({ completionMode: 'Indexed' }),
  'completion mode': job({ completionMode: 'Some', completions: 1 }),
  'selector of its own': job({ selector: { matchLabels: { a: 'b' } } }),
  'index back-off without Indexed': job({ backoffLimitPerIndex: 1 }),
  'failure policy and OnFailure': job({
    template: template({ ...podSpec, restartPolicy: 'OnFailure' }),
    podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] },
  }),
  'failure policy with exit code 0': job({
    podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [0] } }] },
  }),
  'negative ttl': job({ ttlSecondsAfterFinished: -1 }),
};

const SERVICES: Record<string, object> = {
  'no ports': service({ ports: [] }),
  'port 0': service({ ports: [{ port: 0 }] }),
  'two ports without names': service({ ports: [{ port: 80 }, { port: 81 }] }),
  'two equal ports': service({
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 80 },
    ],
  }),
  type: service({ type: 'Public' }),
  'external name missing': service({ type: 'ExternalName', ports: undefined }),
  'cluster IP in words': service({ clusterIP: 'one' }),
  'cluster IP outside': service({ clusterIP: '192.168.1.1' }),
  'node port out of range': service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
  'selector value': service({ selector: { a: 'not ok!' } }),
  'name that begins with a digit': { metadata: { name: '1web' }, spec: { ports: [{ port: 80 }] } },
  'session affinity': service({ sessionAffinity: 'Cookie' }),
};

const OTHERS: Record<string, [resource: string, body: object]> = {
  'ConfigMap key': ['/api/v1/namespaces/{ns}/configmaps', { metadata: { name: 'bad' }, data: { 'a b': 'c' } }],
  'ConfigMap key in both': [
    '/api/v1/namespaces/{ns}/configmaps',
    { metadata: { name: 'bad' }, data: { a: 'c' }, binaryData: { a: 'YQ==' } },
  ],
  'ConfigMap number': ['/api/v1/namespaces/{ns}/configmaps', { metadata: { name: 'bad' }, data: { a: 5 } }],
  'Secret not base64': ['/api/v1/namespaces/{ns}/secrets', { metadata: { name: 'bad' }, data: { a: '***' } }],
  'TLS secret without key': [
    '/api/v1/namespaces/{ns}/secrets',
    { metadata: { name: 'bad' }, type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } },
  ],
  'Namespace in capitals': ['/api/v1/namespaces', { metadata: { name: 'Bad' } }],
  'Namespace with a dot': ['/api/v1/namespaces', { metadata: { name: 'a.b' } }],
  'claim without modes': [
    '/api/v1/namespaces/{ns}/persistentvolumeclaims',
    { metadata: { name: 'bad' }, spec: { resources: { requests: { storage: '1Gi' } } } },
  ],
  'claim without size': [
    '/api/v1/namespaces/{ns}/persistentvolumeclaims',
    { metadata: { name: 'bad' }, spec: { accessModes: ['ReadWriteOnce'] } },
  ],
  'disruption budget with both': [
    '/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets',
    { metadata: { name: 'bad' }, spec: { minAvailable: 1, maxUnavailable: 1, selector: {} } },
  ],
  'role binding without role': [
    '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings',
    { metadata: { name: 'bad' }, subjects: [{ kind: 'User', name: 'me' }] },
  ],
  'network policy': [
    '/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies',
    { metadata: { name: 'bad' }, spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 'x' } }] }] } },
  ],
  'ingress without a path type': [
    '/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses',
    {
      metadata: { name: 'bad' },
      spec: { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'a', port: { number: 1 } } } }] } }] },
    },
  ],
  'stateful set without selector': [
    '/apis/apps/v1/namespaces/{ns}/statefulsets',
    { metadata: { name: 'bad' }, spec: { serviceName: 's', template: template() } },
  ],
  'daemon set with Never': [
    '/apis/apps/v1/namespaces/{ns}/daemonsets',
    {
      metadata: { name: 'bad' },
      spec: { selector: { matchLabels: { a: 'b' } }, template: template({ ...podSpec, restartPolicy: 'Never' }) },
    },
  ],
  'cron job schedule': [
    '/apis/batch/v1/namespaces/{ns}/cronjobs',
    { metadata: { name: 'bad' }, spec: { schedule: 'now and then', jobTemplate: { spec: { template: jobTemplate } } } },
  ],
};

const collections: readonly (readonly [string, Record<string, object>])[] = [
  ['/api/v1/namespaces/{ns}/pods', PODS],
  ['/apis/apps/v1/namespaces/{ns}/deployments', DEPLOYMENTS],
  ['/apis/batch/v1/namespaces/{ns}/jobs', JOBS],
  ['/api/v1/namespaces/{ns}/services', SERVICES],
];

export const badObjects: Script = {
  name: 'bad-objects',
  async play(session) {
    for (const [path, bodies] of collections) {
      const kind = path.slice(path.lastIndexOf('/') + 1);
      for (const [what, body] of Object.entries(bodies)) {
        await session.api(`${kind}: ${what}`, { method: 'POST', path: `${path}${TRIED}`, body });
      }
    }
    for (const [what, [path, body]] of Object.entries(OTHERS))
      await session.api(what, { method: 'POST', path: `${path}${TRIED}`, body });
    for (const metadata of [
      { name: 'given', uid: 'x' },
      { name: 'given', resourceVersion: '1' },
    ]) {
      await session.api(`create with ${Object.keys(metadata).join(' and ')}`, {
        method: 'POST',
        path: `/api/v1/namespaces/{ns}/configmaps${TRIED}`,
        body: { metadata, data: {} },
      });
    }
  },
};
