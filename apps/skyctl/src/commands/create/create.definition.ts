import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { createAccessDefinitions } from './create-access.definition.js';
import { createSeedKindDefinitions } from './create-seed-kinds.definition.js';
import { CLUSTERS_OPTION, PLACEMENT_OPTIONS } from './placement-options.js';
import { createPolicyDefinition } from './policy.definition.js';
import { PROVISION_OPTIONS } from './provision-options.js';
import { DRY_RUN_OPTION, PRINT_OPTION } from './write-options.js';

const LABELS_OPTION: OptionSpec = {
  flags: '-l, --labels <key> <value>',
  description: 'a label, as K V or K=V; repeatable',
  takes: 'pairs',
  spellings: ['label'],
};

const WORKLOAD_OPTIONS: readonly OptionSpec[] = [
  { flags: '--image <image>', description: 'container image (default ubuntu:latest)' },
  { flags: '--run <command>', description: 'a line for /bin/sh' },
  { flags: '--replicas <count>', description: 'pods over all clusters (default 1)' },
  { flags: '--cpus <amount>', description: 'processors per replica: 1, 0.5, 250m (default 1)' },
  { flags: '--gpus <count>', description: 'GPUs per replica' },
  { flags: '--memory <amount>', description: 'memory per replica: MB, or with a unit: 512Mi, 2Gi' },
  { flags: '--disk <amount>', description: 'local disk (ephemeral-storage) per replica: MB, or with a unit: 10Gi' },
  {
    flags: '--resources <name> <amount>',
    description: 'any other resource per replica, as N A or N=A: example.com/fpga=1; repeatable',
    takes: 'pairs',
    spellings: ['resource'],
  },
  {
    flags: '-a, --accelerators <type:count>',
    description: 'GPUs of one type per replica: V100:2',
    spellings: ['accelerator'],
  },
  {
    flags: '-e, --envs <key> <value>',
    description: 'an environment variable, as K V or K=V; repeatable',
    takes: 'pairs',
    spellings: ['env'],
  },
  LABELS_OPTION,
  {
    flags: '-p, --ports <port>',
    description: 'a port of the container: 8080, 53/UDP; repeatable, or with commas',
    takes: 'list',
    spellings: ['port'],
  },
  {
    flags: '--restart-policy <policy>',
    description: 'Always (runs for ever, the default), OnFailure or Never (runs to completion)',
    spellings: ['restart'],
    complete: ['Always', 'OnFailure', 'Never'],
  },
  {
    flags: '-v, --volumes <source> <dir>',
    description:
      'mount a PersistentVolumeClaim by name, configmap/NAME, secret/NAME, /path of the node, or empty at a directory; repeatable',
    takes: 'pairs',
    spellings: ['volume'],
  },
  CLUSTERS_OPTION,
  { flags: '--policy <name>', description: 'a placement policy of the namespace that applies too', complete: 'policy' },
  ...PLACEMENT_OPTIONS,
  { flags: '-q, --queue <name>', description: 'the queue that it waits in (default: default)', complete: 'queue' },
  {
    flags: '--priority-class <name>',
    description: 'its priority; higher ones go first and may displace lower ones',
    spellings: ['priority'],
    complete: 'priorityclass',
  },
  NAMESPACE_OPTION,
  DRY_RUN_OPTION,
  PRINT_OPTION,
];

const createJob: CommandSpec = {
  name: 'job',
  aliases: ['jobs'],
  arguments: '<name>',
  argumentDescriptions: { name: 'a DNS label: lower-case letters, digits, dashes' },
  summary: 'Create a job: copies of a pod, spread over the clusters',
  details: 'A command with arguments may be given after "--" instead of --run.',
  examples: [
    [
      "skyctl create job hello --replicas 2 --run 'echo hello; sleep 300' --cpus 1 --labels app nginx",
      'two replicas that run for ever',
    ],
    [
      "skyctl create job train --image pytorch/pytorch --accelerators V100:2 --memory 16Gi --restart-policy OnFailure --run 'python train.py'",
      'runs to completion on two V100',
    ],
    ['skyctl create job web --image nginx --ports 80 --cluster mluo-onprem', 'on one cluster only'],
    ['skyctl create job hello --run date --dry-run client -o yaml', 'the manifest, to keep and apply'],
  ],
  options: WORKLOAD_OPTIONS,
  load: async () => (await import('./create-workload.js')).createJob,
};

const createDeployment: CommandSpec = {
  name: 'deployment',
  aliases: ['deployments', 'deploy'],
  arguments: '<name>',
  argumentDescriptions: { name: 'a DNS label: lower-case letters, digits, dashes' },
  summary: 'Create a deployment, spread over the clusters',
  details: 'A command with arguments may be given after "--" instead of --run.',
  examples: [['skyctl create deployment web --image nginx --replicas 3 --ports 80', 'three replicas of nginx']],
  options: WORKLOAD_OPTIONS,
  load: async () => (await import('./create-workload.js')).createDeployment,
};

const createService: CommandSpec = {
  name: 'service',
  aliases: ['services', 'svc'],
  arguments: '<name>',
  argumentDescriptions: { name: 'a DNS label: lower-case letters, digits, dashes' },
  summary: 'Create a service on one cluster that balances over pods of all of them',
  details:
    'The cluster gets a native Service; pods that the selector matches on other clusters are added to it once connections to\n' +
    'them are proved to arrive.',
  examples: [
    [
      'skyctl create service my-nginx-service --type LoadBalancer --selector app nginx --ports 8008 80 --cluster mluo-onprem',
      'port 8008 on mluo-onprem, to port 80 of all pods with app=nginx',
    ],
    ['skyctl create service web --ports 80 8080', 'on the cluster with the most ready pods of app=web'],
    [
      'skyctl create service web --ports 80 8080 --cluster eu --spread local-first --min-local 3',
      'pods of other clusters help only while eu has fewer than 3 ready ones',
    ],
    ['skyctl create service db --external-name db.example.org --cluster eu', 'another name of db.example.org'],
  ],
  options: [
    {
      flags: '-t, --type <type>',
      description: 'ClusterIP (default), NodePort, LoadBalancer, headless or ExternalName',
      spellings: ['service-type'],
      complete: ['ClusterIP', 'NodePort', 'LoadBalancer', 'headless', 'ExternalName'],
    },
    {
      flags: '-s, --selector <key> <value>',
      description: 'a label of the pods, as K V or K=V; repeatable (default app=NAME)',
      takes: 'pairs',
    },
    {
      flags: '-p, --ports <port> <target>',
      description:
        'port of the service, and of the pods by number or name; with /UDP where it is that (53 5353/UDP); repeatable',
      takes: 'pairs',
      spellings: ['port'],
    },
    {
      flags: '-c, --cluster <name>',
      description: 'cluster of the native Service (default auto: the one with the most ready pods)',
      complete: 'cluster',
    },
    {
      flags: '--sources <name>',
      description: 'only pods of these clusters; repeatable, or with commas (default all)',
      takes: 'list',
      spellings: ['source'],
      complete: 'cluster',
    },
    {
      flags: '--plane <plane>',
      description: 'how pods of other clusters are reached: auto (default), flat (at their addresses) or gateway',
      complete: ['auto', 'flat', 'gateway'],
    },
    {
      flags: '--spread <what>',
      description:
        'what connections are shared over: pods (default), clusters, or local-first: pods of other clusters stand by',
      complete: ['pods', 'clusters', 'local-first'],
    },
    {
      flags: '--min-local <count>',
      description:
        'with local-first: ready pods on the cluster of the service from which on no other helps (default 1)',
    },
    {
      flags: '--ramp-seconds <seconds>',
      description: 'with local-first: over how long other clusters are let go when local pods are back (default 30)',
    },
    {
      flags: '--external-name <name>',
      description: 'the DNS name that a service of type ExternalName stands for',
    },
    {
      flags: '--ip-families <families>',
      description: 'IPv4, IPv6 or both, the first is the main one',
      takes: 'list',
      complete: ['IPv4', 'IPv6'],
    },
    {
      flags: '--ip-family-policy <policy>',
      description: 'SingleStack (default), PreferDualStack or RequireDualStack',
      complete: ['SingleStack', 'PreferDualStack', 'RequireDualStack'],
    },
    {
      flags: '--session-affinity <kind>',
      description: 'ClientIP keeps a client on one pod (default None)',
      complete: ['None', 'ClientIP'],
    },
    LABELS_OPTION,
    NAMESPACE_OPTION,
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./create-service.js')).createService,
};

const createCluster: CommandSpec = {
  name: 'cluster',
  aliases: ['clusters', 'cl'],
  arguments: '<context>',
  argumentDescriptions: {
    context: 'context of the kubeconfig (kubectl config get-contexts); with --provision, the name of the new cluster',
  },
  summary: 'Add a Kubernetes cluster to the super-cluster, or build one',
  details:
    'Without --provision the cluster is only attached: SkyFlow never changes or removes it. With it, SkyFlow builds it with RKE on hosts\n' +
    'that are there or on machines that it rents, and takes it down when it is deleted.',
  examples: [
    ['skyctl create cluster --manager k8 mluo-cloud', 'the cluster of the context mluo-cloud'],
    ['skyctl create cluster gke_proj_us-central1-c_prod --name prod', 'under a name of its own'],
    [
      'skyctl create cluster aws-east --prices cpu=0.04 --prices memory=0.005',
      'used where waiting for others costs more',
    ],
    ['skyctl create cluster prod-eu --provision --hosts hosts.yaml', 'built on machines that you have'],
    [
      'skyctl create cluster prod-eu --provision --cloud aws --region eu-west-1 --num-nodes 3 --cpus 8 --memory 32',
      'built on machines that are rented',
    ],
  ],
  options: [
    {
      flags: '--manager <manager>',
      description: 'kind of cluster manager: k8 (default)',
      complete: ['k8'],
    },
    { flags: '--name <name>', description: 'name in SkyFlow (default: made of the context)' },
    { flags: '--provider <name>', description: 'who runs it, for placements to ask: aws, gcp, onprem' },
    { flags: '--region <name>', description: 'where it is (default: the topology labels of its nodes)' },
    { flags: '--zone <name>', description: 'where in the region it is' },
    {
      flags: '--taints <taint>',
      description: 'keeps workloads away that do not tolerate it: spot=true:NoSchedule; repeatable',
      takes: 'list',
      spellings: ['taint'],
    },
    {
      flags: '--prices <resource=amount>',
      description: 'what an hour costs there: cpu (a core), memory (a GiB), nvidia.com/gpu (one): cpu=0.03; repeatable',
      takes: 'pairs',
      spellings: ['price'],
    },
    {
      flags: '-c, --kubeconfig <file>',
      description: 'kubeconfig that has the context (default: that of the supervisor)',
      spellings: ['config', 'C'],
      complete: 'file',
    },
    { flags: '--attached', description: 'it is there already; the default' },
    ...PROVISION_OPTIONS,
    LABELS_OPTION,
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./create-cluster.js')).createCluster,
};

const createNamespace: CommandSpec = {
  name: 'namespace',
  aliases: ['namespaces', 'ns'],
  arguments: '<name>',
  argumentDescriptions: { name: 'a DNS label: lower-case letters, digits, dashes' },
  summary: 'Create a namespace',
  examples: [['skyctl create namespace team-a', 'for the objects of one team']],
  options: [LABELS_OPTION, DRY_RUN_OPTION, PRINT_OPTION],
  load: async () => (await import('./create-namespace.js')).createNamespace,
};

const createQueue: CommandSpec = {
  name: 'queue',
  aliases: ['queues'],
  arguments: '<name>',
  argumentDescriptions: { name: 'a DNS label: lower-case letters, digits, dashes' },
  summary: 'Create a queue: a share of the clusters for the jobs that name it',
  examples: [
    ['skyctl create queue team-a --weight 2', 'gets twice what a queue of weight 1 gets when both want more'],
    ['skyctl create queue research --quota cpu=100 --quota memory=400Gi', 'never more than this'],
    [
      'skyctl create queue vision --parent research --quota cpu=40 --borrowing-limit cpu=20 --lending-limit cpu=30',
      'sure of 40 cores, up to 60 while others leave theirs, and always 10 to itself',
    ],
  ],
  options: [
    { flags: '--weight <number>', description: 'share among its siblings, relative to theirs (default 1)' },
    { flags: '--parent <queue>', description: 'the queue that it belongs to', complete: 'queue' },
    {
      flags: '--quota <resource> <amount>',
      description: 'what it is sure of, as cpu=10; repeatable',
      takes: 'pairs',
    },
    {
      flags: '--borrowing-limit <resource> <amount>',
      description: 'most that it may use beyond it; repeatable',
      takes: 'pairs',
    },
    {
      flags: '--lending-limit <resource> <amount>',
      description: 'most that others may use of what it leaves; repeatable',
      takes: 'pairs',
    },
    LABELS_OPTION,
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./create-queue.js')).createQueue,
};

const createPriorityClass: CommandSpec = {
  name: 'priorityclass',
  aliases: ['priorityclasses', 'pc'],
  arguments: '<name>',
  argumentDescriptions: { name: 'what pod templates say as priorityClassName' },
  summary: 'Create a priority class',
  examples: [
    ['skyctl create priorityclass urgent --value 1000', 'jobs of it may displace those of lower priority'],
    ['skyctl create priorityclass patient --value 500 --preemption-policy Never', 'goes first, displaces nobody'],
  ],
  options: [
    { flags: '--value <number>', description: 'larger is more urgent; jobs without a class have 0' },
    { flags: '--global-default', description: 'for workloads that name no class' },
    {
      flags: '--preemption-policy <policy>',
      description: 'PreemptLowerPriority (default) or Never',
      complete: ['PreemptLowerPriority', 'Never'],
    },
    { flags: '--description <text>', description: 'when to use it' },
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./create-priority-class.js')).createPriorityClass,
};

const createFromFiles: CommandSpec = {
  name: 'from-files',
  hidden: true,
  summary: 'Create the objects that files have; what is there already is refused',
  options: [
    ...FILE_OPTIONS,
    { flags: '-l, --selector <selector>', description: 'only objects with these labels: app=nginx' },
    { flags: '--edit', description: 'in an editor first' },
    { flags: '--field-manager <name>', description: 'who manages the fields (default skyctl)' },
    NAMESPACE_OPTION,
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./create-from-files.js')).createFromFiles,
};

export const createDefinition: CommandSpec = {
  name: 'create',
  byFlags: createFromFiles,
  details:
    'With -f FILE (a file, directory, address, or - for stdin) or -k DIRECTORY it creates what is in them: all of it, or says what was there already. "apply" also changes what is there.',
  examples: [
    ['skyctl create -f hello.yaml', 'from a file'],
    [
      'skyctl create -f manifests/ -R -l tier=web --dry-run server',
      'from a directory, only those with a label, to see',
    ],
  ],
  summary:
    'Create a job, deployment, service, cluster, namespace, policy, queue, priority class, user, role, binding or token',
  subcommands: [
    createJob,
    createDeployment,
    createService,
    createCluster,
    createNamespace,
    createQueue,
    createPriorityClass,
    createPolicyDefinition,
    ...createAccessDefinitions,
    ...createSeedKindDefinitions,
  ],
};
