/** Objects as people write them, and what the API server makes of them. */
import { deployment, indexedJob, others, service, statefulSet, type Manifest } from '@skyflow/kube-schema/testing';
import { parse } from 'yaml';
import type { Script } from './scripts.js';

const PLURALS: Readonly<Record<string, string>> = {
  Endpoints: 'endpoints',
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  PriorityClass: 'priorityclasses',
  StorageClass: 'storageclasses',
};
const CLUSTER_SCOPED = new Set(['ClusterRole', 'StorageClass', 'PriorityClass', 'Namespace', 'PersistentVolume']);

const small = (text: string): Manifest => parse(text) as Manifest;

/** What is shorter than the manifests of kube-schema, or has what those have not. */
const MORE = [
  `{apiVersion: v1, kind: Pod, metadata: {name: bare}, spec: {containers: [{name: c, image: busybox}]}}`,
  `{apiVersion: v1, kind: Pod, metadata: {name: rich, labels: {a: b}}, spec: {restartPolicy: Never, initContainers: [{name: i, image: "busybox:1.36", restartPolicy: Always, startupProbe: {exec: {command: [ls]}}}], containers: [{name: c, image: "nginx:latest", ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}], resources: {limits: {cpu: 1, memory: 64Mi}}, livenessProbe: {httpGet: {port: 80}}, readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 3}, env: [{name: N, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], lifecycle: {preStop: {sleep: {seconds: 1}}}}], volumes: [{name: e, emptyDir: {}}, {name: c, configMap: {name: c}}, {name: s, secret: {secretName: s}}, {name: p, projected: {sources: [{serviceAccountToken: {path: token}}]}}, {name: h, hostPath: {path: /x}}]}}`,
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: least}, spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}}`,
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: recreate}, spec: {replicas: 0, strategy: {type: Recreate}, selector: {matchLabels: {a: c}}, template: {metadata: {labels: {a: c}}, spec: {containers: [{name: c, image: x}]}}}}`,
  `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: set}, spec: {replicas: 0, selector: {matchLabels: {a: d}}, template: {metadata: {labels: {a: d}}, spec: {containers: [{name: c, image: x}]}}}}`,
  `{apiVersion: batch/v1, kind: Job, metadata: {name: once}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}`,
  `{apiVersion: batch/v1, kind: Job, metadata: {name: policy}, spec: {suspend: true, backoffLimit: 2, podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]}, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}`,
  `{apiVersion: v1, kind: Service, metadata: {name: least}, spec: {ports: [{port: 80}]}}`,
  `{apiVersion: v1, kind: Service, metadata: {name: headless}, spec: {clusterIP: None, selector: {a: b}, ports: [{port: 80, targetPort: http}]}}`,
  `{apiVersion: v1, kind: Service, metadata: {name: outside}, spec: {type: ExternalName, externalName: example.com}}`,
  `{apiVersion: v1, kind: Service, metadata: {name: balanced}, spec: {type: LoadBalancer, selector: {a: b}, ports: [{name: a, port: 80}, {name: b, port: 81, protocol: UDP}]}}`,
  `{apiVersion: v1, kind: Secret, metadata: {name: plain}, stringData: {user: me}}`,
  `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: claim}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`,
  `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}`,
];

export const defaulting: Script = {
  name: 'defaulting',
  async play(session) {
    const manifests = [deployment(), indexedJob(), statefulSet(), service(), ...others(), ...MORE.map(small)];
    for (const manifest of manifests) {
      const { apiVersion, kind } = manifest;
      const isCluster = CLUSTER_SCOPED.has(kind);
      // Names of what has no namespace are this script's own.
      const name = isCluster ? `diff-defaulting-${manifest.metadata.name}` : manifest.metadata.name;
      const body = { ...manifest, metadata: { ...manifest.metadata, name } };
      const collection = [
        apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
        ...(isCluster ? [] : ['namespaces/{ns}']),
        PLURALS[kind] ?? `${kind.toLowerCase()}s`,
      ].join('/');
      // Nothing acts on what is only tried: what comes back is what the API server makes of it.
      await session.api(`${kind} ${name}`, {
        method: 'POST',
        path: `${collection}?dryRun=All&fieldManager=test`,
        body,
      });
    }
  },
};
