/** Manifests as Kubernetes users have them. Each call gives a fresh copy. */
import { parse } from 'yaml';

export type Manifest = Record<string, unknown> & { apiVersion: string; kind: string; metadata: { name: string } };

const yaml = (text: string): Manifest => parse(text) as Manifest;

export const deployment = (): Manifest =>
  yaml(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  labels: {app: shop, tier: web}
  annotations: {team.example.com/owner: "web"}
spec:
  replicas: 3
  minReadySeconds: 5
  selector:
    matchLabels: {app: shop}
    matchExpressions:
      - {key: tier, operator: In, values: [web]}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}
  template:
    metadata:
      creationTimestamp: null
      labels: {app: shop, tier: web}
    spec:
      serviceAccountName: shop
      automountServiceAccountToken: false
      nodeSelector: {kubernetes.io/os: linux}
      priorityClassName: high
      imagePullSecrets: [{name: registry}]
      hostAliases: [{ip: 10.0.0.1, hostnames: [db.local]}]
      dnsConfig: {options: [{name: ndots, value: "2"}]}
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        fsGroup: 2000
        seccompProfile: {type: RuntimeDefault}
        sysctls: [{name: net.core.somaxconn, value: "1024"}]
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions: [{key: gpu, operator: DoesNotExist}]
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 10
              preference: {matchExpressions: [{key: zone, operator: In, values: [a]}]}
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector: {matchLabels: {app: shop}}
      tolerations:
        - {key: node-role, operator: Exists, effect: NoSchedule}
        - {key: slow, value: "true", effect: NoExecute, tolerationSeconds: 60}
      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: shop}}}
      initContainers:
        - name: migrate
          image: registry.example.com:5000/shop/migrate:1.4.2
          command: [sh, -c]
          args: ["./migrate && echo done"]
          env:
            - name: DB_PASSWORD
              valueFrom: {secretKeyRef: {name: db, key: password, optional: false}}
      containers:
        - name: web
          image: registry.example.com:5000/shop/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          imagePullPolicy: IfNotPresent
          workingDir: /srv
          ports:
            - {name: http, containerPort: 8080}
            - {name: dns, containerPort: 53, protocol: UDP}
          envFrom:
            - configMapRef: {name: shop}
            - prefix: S_
              secretRef: {name: shop, optional: true}
          env:
            - {name: PORT, value: "8080"}
            - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: CPUS, valueFrom: {resourceFieldRef: {containerName: web, resource: limits.cpu}}}
            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: shop, key: level}}}
          resources:
            requests: {cpu: 250m, memory: 128Mi, ephemeral-storage: 1Gi}
            limits: {cpu: 0.5, memory: 256Mi, nvidia.com/gpu: 1}
          startupProbe: {httpGet: {path: /healthz, port: http}, failureThreshold: 30}
          livenessProbe: {tcpSocket: {port: 8080}, initialDelaySeconds: 5}
          readinessProbe:
            httpGet: {path: /ready, port: 8080, httpHeaders: [{name: X-Probe, value: "1"}]}
            periodSeconds: 3
          lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          volumeMounts:
            - {name: config, mountPath: /etc/shop, readOnly: true}
            - {name: cache, mountPath: /cache}
        - name: proxy
          image: envoyproxy/envoy
          livenessProbe: {grpc: {port: 9090}}
      volumes:
        - name: config
          configMap: {name: shop, items: [{key: level, path: level.txt, mode: 256}]}
        - name: cache
          emptyDir: {sizeLimit: 1Gi, medium: Memory}
        - name: scratch
        - name: all
          projected:
            sources:
              - serviceAccountToken: {path: token, audience: shop}
              - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}
status: {}
`);

export const indexedJob = (): Manifest =>
  yaml(`
apiVersion: batch/v1
kind: Job
metadata: {name: render, namespace: default}
spec:
  completions: 8
  parallelism: 4
  completionMode: Indexed
  backoffLimitPerIndex: 2
  maxFailedIndexes: 3
  activeDeadlineSeconds: 3600
  ttlSecondsAfterFinished: 600
  podFailurePolicy:
    rules:
      - action: FailIndex
        onExitCodes: {containerName: render, operator: In, values: [42]}
      - action: Ignore
        onPodConditions: [{type: DisruptionTarget}]
  template:
    metadata: {labels: {job: render}}
    spec:
      restartPolicy: Never
      containers:
        - name: render
          image: render:latest
          command: ["./render", "--frame", "$(JOB_COMPLETION_INDEX)"]
`);

export const statefulSet = (): Manifest =>
  yaml(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 10
      containers:
        - name: db
          image: postgres:17
          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: ""
        resources: {requests: {storage: 10Gi}}
`);

export const service = (): Manifest =>
  yaml(`
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports:
    - {name: http, port: 80, targetPort: http}
    - {name: metrics, port: 9090}
`);

/** One small manifest of each other kind. */
export const others = (): Manifest[] =>
  [
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {key: value, "file.txt": "x"}, binaryData: {b: AAEC}, immutable: true}`,
    `{apiVersion: v1, kind: Secret, metadata: {name: a}, type: kubernetes.io/tls, data: {tls.crt: YQ==}, stringData: {tls.key: k}}`,
    `{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: "*/5 * * * *", timeZone: Etc/UTC, concurrencyPolicy: Forbid, jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: busybox}]}}}}}}`,
    `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostNetwork: true, containers: [{name: c, image: "x:1", ports: [{containerPort: 9100}]}]}}}}`,
    `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {ingressClassName: nginx, tls: [{hosts: [a.example.com], secretName: t}], rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}}`,
    `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 443}]}]}}`,
    `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {minAvailable: 50%, selector: {matchLabels: {a: b}}}}`,
    `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, subjects: [{kind: User, name: jane}, {kind: ServiceAccount, name: sa, namespace: default}], roleRef: {kind: Role, name: r}}`,
    `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}, rules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}, {nonResourceURLs: [/metrics], verbs: [get]}]}`,
    `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}}`,
    `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Ti}}}}`,
    `{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: ebs.csi.aws.com, parameters: {type: gp3}, allowVolumeExpansion: true}`,
    `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: 1000, globalDefault: false, description: d}`,
    `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a, labels: {kubernetes.io/service-name: a}}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}, nodeName: n, zone: z}], ports: [{name: http, port: 80}]}`,
    `{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, spec: {holderIdentity: h, leaseDurationSeconds: 15, renewTime: "2026-01-01T00:00:00.000000Z"}}`,
    `{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}`,
    `{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}, automountServiceAccountToken: false}`,
    `{apiVersion: v1, kind: Endpoints, metadata: {name: a}, subsets: [{addresses: [{ip: 10.0.0.1, targetRef: {kind: Pod, name: p}}], ports: [{port: 80}]}]}`,
    `{apiVersion: v1, kind: ResourceQuota, metadata: {name: a}, spec: {hard: {requests.cpu: "4", pods: 10}}}`,
    `{apiVersion: v1, kind: LimitRange, metadata: {name: a}, spec: {limits: [{type: Container, default: {cpu: 500m}}]}}`,
  ].map(yaml);
