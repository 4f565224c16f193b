/** Schemas of skyflow.io Service. */
import type { Schema } from '@skyflow/contracts';

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', format: 'int32', minimum: 0, description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });
const portNumber = (description: string): Schema => ({ type: 'integer', format: 'int32', description });

export const serviceSpecSchema: Schema = {
  type: 'object',
  description: 'What is to be served, and where.',
  properties: {
    cluster: {
      type: 'string',
      default: 'auto',
      description: 'Cluster of the native Service; auto: the one with the most ready pods, chosen once.',
    },
    sources: list(
      'Clusters whose pods are behind it; absent: all. Pods on the cluster of the Service always are.',
      text('Name of a cluster.'),
    ),
    type: { type: 'string', default: 'ClusterIP', description: 'ClusterIP, NodePort, LoadBalancer or ExternalName.' },
    clusterIP: text(
      'None: headless, names in DNS lead to the pods themselves. Absent: the cluster chooses an address.',
    ),
    externalName: text('DNS name that the service is another name of; with type ExternalName.'),
    ipFamilies: list('Address families, the first is the main one.', text('IPv4 or IPv6.')),
    ipFamilyPolicy: text('SingleStack (default), PreferDualStack or RequireDualStack.'),
    internalTrafficPolicy: text('Cluster (default) or Local, which leaves out pods of other clusters.'),
    externalTrafficPolicy: text('Cluster (default) or Local, which leaves out pods of other clusters.'),
    selector: {
      type: 'object',
      description: 'Labels of the pods.',
      additionalProperties: { type: 'string' },
    },
    ports: list('Ports of the service.', {
      type: 'object',
      required: ['port'],
      properties: {
        name: text('Needed when there are several.'),
        protocol: {
          type: 'string',
          default: 'TCP',
          description: 'TCP or UDP, which gateways between clusters do not carry.',
        },
        port: portNumber('Port that clients use.'),
        targetPort: {
          'x-kubernetes-int-or-string': true,
          description: 'Port of the pods, by number or by name of a container port. Absent: as port.',
        },
        nodePort: portNumber(
          'Port on the nodes, for the types NodePort and LoadBalancer. Absent: the cluster chooses.',
        ),
        appProtocol: text('Protocol of the application, as core/v1 has it.'),
      },
    }),
    spread: text(
      'What connections are shared over: pods (default; each alike), clusters (each alike), or local-first (pods of the cluster of the Service, and of others as many as are missing to the minimum).',
    ),
    localFirst: {
      type: 'object',
      description: 'Of spread local-first.',
      properties: {
        minReady: count(
          'Ready pods on the cluster of the Service from which on no other cluster is needed. Absent: 1.',
        ),
        rampSeconds: count('Over how long pods of other clusters are let go when local ones are back. Absent: 30.'),
      },
    },
    plane: text(
      'How pods of other clusters are reached: flat at their addresses, gateway, or auto (default): as the Link says.',
    ),
    sessionAffinity: text('None (default) or ClientIP.'),
    sessionAffinityConfig: {
      type: 'object',
      properties: { clientIP: { type: 'object', properties: { timeoutSeconds: count('1 to 86400.') } } },
    },
  },
};

/** What is known of the pods of one cluster behind a service. */
export const serviceClusterSchema: Schema = {
  type: 'object',
  properties: {
    cluster: text('Name of the cluster.'),
    primary: { type: 'boolean', description: 'Whether the native Service is there.' },
    ready: count('Ready endpoints there.'),
    total: count('Endpoints there.'),
    path: {
      type: 'object',
      description: 'Whether the cluster of the Service reaches them.',
      properties: {
        state: text('UP, DOWN, OVERLAP or UNKNOWN.'),
        message: text('The evidence.'),
        since: text('Since when.'),
      },
    },
    evidence: list('What was looked at besides.', {
      type: 'object',
      properties: {
        check: text('networks, addresses, pods, back, nodes or nodesBack.'),
        ok: { type: 'boolean', description: 'Whether it speaks for the flat plane; absent: it is not known.' },
        message: text('What was found.'),
      },
    }),
    plane: text('How the cluster of the Service reaches them: flat or gateway.'),
    planeBecause: text('Who or what decided that.'),
    share: { type: 'number', description: 'What its endpoints get of new connections, in per cent.' },
    reason: text('Why the numbers are old, in one word.'),
    message: text('Why, for people.'),
    observedAt: text('When the agent there last reported.'),
  },
};

export const serviceStatusSchema = (conditions: Schema): Schema => ({
  type: 'object',
  description: 'What is known of the service; decided by the mesh controller from what the clusters proved.',
  properties: {
    phase: text('PENDING, READY, DEGRADED, FAILED, UNKNOWN or DELETING.'),
    reason: text('Why, in one word.'),
    message: text('Why, for people.'),
    observedGeneration: count('Generation that this is about.'),
    cluster: text('Cluster of the native Service.'),
    clusterIP: text('Its address there.'),
    chosenBecause: text('Why that cluster, where SkyFlow chose it.'),
    ipFamilies: list('Address families that the cluster gave it.', text('IPv4 or IPv6.')),
    externalIPs: list('Addresses of its load balancer.', text('An address or a host name.')),
    ready: count('Endpoints that connections reach.'),
    total: count('Endpoints in all.'),
    clusters: list('By cluster.', serviceClusterSchema),
    endpoints: list('The first hundred endpoints.', {
      type: 'object',
      properties: {
        cluster: text('Its cluster.'),
        address: text('Address of the pod.'),
        ports: list('Ports.', {
          type: 'object',
          properties: { name: text('Name.'), port: portNumber('Number.'), protocol: text('Protocol.') },
        }),
        pod: text('Name of the pod.'),
        ready: { type: 'boolean', description: 'Whether the pod is ready.' },
        used: { type: 'boolean', description: 'Whether connections go to it.' },
      },
    }),
    conditions,
  },
});
