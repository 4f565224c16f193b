/** What deploy/agent/rbac.yaml says, with the reasons there; a test compares them. */
export const agentRbac: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: 'skyflow',
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'skyflow-agent',
      namespace: 'skyflow',
    },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'skyflow-agent',
    },
    rules: [
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: ['batch'],
        resources: ['jobs'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: [''],
        resources: ['configmaps', 'secrets'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: ['scheduling.k8s.io'],
        resources: ['priorityclasses'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: [''],
        resources: ['services'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: ['multicluster.x-k8s.io'],
        resources: ['serviceexports'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: ['multicluster.x-k8s.io'],
        resources: ['serviceimports'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: ['multicluster.x-k8s.io'],
        resources: ['serviceexports/status', 'serviceimports/status'],
        verbs: ['patch'],
      },
      {
        apiGroups: [''],
        resources: ['namespaces'],
        verbs: ['get', 'list', 'watch', 'create', 'delete'],
      },
      {
        apiGroups: [''],
        resources: ['pods', 'nodes'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: [''],
        resources: ['serviceaccounts', 'persistentvolumeclaims'],
        verbs: ['get'],
      },
      {
        apiGroups: ['node.k8s.io'],
        resources: ['runtimeclasses'],
        verbs: ['get'],
      },
      {
        nonResourceURLs: ['/version', '/readyz', '/api', '/api/*', '/apis', '/apis/*'],
        verbs: ['get'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'skyflow-agent-sees',
    },
    aggregationRule: {
      clusterRoleSelectors: [
        {
          matchLabels: {
            'skyflow.io/aggregate-to-agent': 'true',
          },
        },
      ],
    },
    rules: [],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'skyflow-agent-sees-kubernetes',
      labels: {
        'skyflow.io/aggregate-to-agent': 'true',
      },
    },
    rules: [
      {
        apiGroups: [''],
        resources: [
          'endpoints',
          'limitranges',
          'persistentvolumeclaims',
          'podtemplates',
          'replicationcontrollers',
          'resourcequotas',
          'serviceaccounts',
          'services',
        ],
        verbs: ['list'],
      },
      {
        apiGroups: ['apps'],
        resources: ['daemonsets', 'replicasets', 'statefulsets'],
        verbs: ['list'],
      },
      {
        apiGroups: ['autoscaling'],
        resources: ['horizontalpodautoscalers'],
        verbs: ['list'],
      },
      {
        apiGroups: ['batch'],
        resources: ['cronjobs'],
        verbs: ['list'],
      },
      {
        apiGroups: ['gateway.networking.k8s.io', 'networking.k8s.io', 'policy', 'resource.k8s.io', 'storage.k8s.io'],
        resources: ['*'],
        verbs: ['list'],
      },
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['roles', 'rolebindings'],
        verbs: ['list'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'skyflow-agent-streams',
    },
    rules: [
      {
        apiGroups: [''],
        resources: ['pods/log'],
        verbs: ['get'],
      },
      {
        apiGroups: [''],
        resources: ['pods/exec', 'pods/attach', 'pods/portforward'],
        verbs: ['get', 'create'],
      },
      {
        apiGroups: [''],
        resources: ['events'],
        verbs: ['list', 'watch'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: {
      name: 'skyflow-agent',
    },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'skyflow-agent',
    },
    subjects: [
      {
        kind: 'ServiceAccount',
        name: 'skyflow-agent',
        namespace: 'skyflow',
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: {
      name: 'skyflow-agent-sees',
    },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'skyflow-agent-sees',
    },
    subjects: [
      {
        kind: 'ServiceAccount',
        name: 'skyflow-agent',
        namespace: 'skyflow',
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: {
      name: 'skyflow-agent-streams',
    },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'skyflow-agent-streams',
    },
    subjects: [
      {
        kind: 'ServiceAccount',
        name: 'skyflow-agent',
        namespace: 'skyflow',
      },
    ],
  },
];
