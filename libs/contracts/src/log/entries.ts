/**
 * Every entry type of the log, with the schema of its data. Additive optional fields keep the version; any other change
 * is a new version with an upcaster. What is decoded here is what folds and deciders see.
 */
import { z } from 'zod';
import type { RawEntry } from './commit.js';
import { isPlainDecision } from './plain-decision.js';
import { type Upcasters, entryVersion, upcast, upcasters } from './upcasters.js';
import { pathStates, planes } from '../kinds/ways.js';
import { gatewayPeerSchema } from '../mesh/gateway.js';
import { clusterHealthStates, evictionCauses, workPhases } from '../kinds/status.js';
import { clusterStepSchema, machineStepSchema, orphanStepSchema } from './provisioning.js';

const name = z.string().min(1);
const count = z.int().min(0);
/** Quantities in base units: cpu in millicores, memory and ephemeral-storage in bytes, everything else as a count. */
const resourceList = z.record(z.string(), z.number());

/** Names one object for ever: a new object of the same name has another uid. */
export const objectRefSchema = z.object({ kind: name, namespace: z.string().optional(), name, uid: name });

/** An API object as the log stores it: what the user asked for, without status and resourceVersion. */
export const storedObjectSchema = z.looseObject({
  apiVersion: name,
  kind: name,
  metadata: z.looseObject({
    name,
    namespace: z.string().optional(),
    uid: name,
    creationTimestamp: name,
    generation: z.int().min(1).optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

export const nodeObservationSchema = z.object({
  name,
  ready: z.boolean(),
  unschedulable: z.boolean().optional(),
  allocatable: resourceList,
  /** Requests of pods on this node that SkyFlow did not make; finished pods excluded. */
  requestedByOthers: resourceList,
  labels: z.record(z.string(), z.string()).optional(),
  taints: z.array(z.object({ key: name, value: z.string().optional(), effect: name })).optional(),
});

export const placementSchema = z.object({ cluster: name, replicas: count, completions: count.optional() });

/** Preemption, as each of the two says it of the other. */
export const displacementSchema = z.object({
  ref: objectRefSchema,
  queue: name,
  priority: z.int(),
  cluster: name,
});

/** At most so many pods of a share are named in one report of it. */
export const PODS_TOLD = 20;

/** A pod of a share, as far as the log has it: what changes by the second (restarts, addresses) is asked of the cluster. */
export const observedPodSchema = z.object({
  /** As its cluster calls it. */
  name,
  /** Absent: it has no node yet. */
  node: name.optional(),
  /** As Kubernetes says it: `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  phase: name,
  /** Why it does not do what it should: `CrashLoopBackOff`, `Unschedulable`. */
  reason: name.optional(),
  /** RFC 3339. */
  created: name.optional(),
  containers: z.array(z.object({ name, ready: z.boolean() })),
});

/** Why a cluster was taken or not, as the scheduler saw it. */
export const clusterVerdictSchema = z.object({
  cluster: name,
  /** Set when a filter refused it: the plugin and what it said. */
  plugin: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  /** Set when it passed the filters: total score, and replicas that fit. */
  score: z.number().optional(),
  fits: count.optional(),
});

/** A pod behind a service, as the agent of its cluster sees it; conditions as in discovery/v1 EndpointSlices. */
export const endpointSchema = z.object({
  address: name,
  /** Of the other address family, where the pod has both. */
  otherAddress: name.optional(),
  /** By name of the service's port ('' for the only one), numbers as this pod resolves them. */
  ports: z.array(z.object({ name: z.string(), port: z.int().min(1).max(65_535), protocol: name })),
  ready: z.boolean(),
  serving: z.boolean(),
  terminating: z.boolean(),
  pod: name,
  /** uid of the pod. */
  uid: name,
});

/** An endpoint as the primary of a service is told it. */
export const assignedEndpointSchema = endpointSchema.extend({
  /** Ports of the primary's gateway behind which it is, by name of the service's port. In the flat plane: none. */
  leases: z.array(z.object({ name: z.string(), port: z.int().min(1).max(65_535) })).optional(),
});

/** A Service that a cluster exports, as far as its import is made from it (core/v1). */
export const exportedServiceSchema = z.object({
  /** Of the Service, RFC 3339. */
  creationTimestamp: name,
  type: name,
  clusterIP: z.string().optional(),
  selector: z.record(z.string(), z.string()),
  ports: z.array(
    z.object({
      name: z.string().optional(),
      protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
      port: z.int(),
      targetPort: z.union([z.int(), z.string()]).optional(),
      appProtocol: z.string().optional(),
    }),
  ),
  sessionAffinity: z.enum(['None', 'ClientIP']).optional(),
  sessionAffinityConfig: z.object({ clientIP: z.object({ timeoutSeconds: z.int().optional() }).optional() }).optional(),
  ipFamilies: z.array(z.string()).optional(),
  internalTrafficPolicy: z.string().optional(),
  trafficDistribution: z.string().optional(),
});

/** The schemas by entry type. */
export const entryTypes = {
  // sky.cmd.<shard>: what users asked for.
  ObjectCreated: z.object({ object: storedObjectSchema }),
  ObjectUpdated: z.object({
    object: storedObjectSchema,
    /** Position of the version that the writer changed. */
    expect: z.number(),
  }),
  /**
   * The user wants it gone. Workloads and clusters stay, as deleting, until `ObjectReleased`, unless `force`; what has finalizers stays
   * until they are taken away. `propagation`: sets the finalizers by which it waits for, or gives away, what it owns.
   */
  ObjectDeleted: z.object({
    ref: objectRefSchema,
    force: z.boolean().optional(),
    propagation: z.enum(['Background', 'Foreground', 'Orphan']).optional(),
  }),

  // sky.evt.<decider>: what a service decided.
  /** A new active instance; folds ignore decisions and work of smaller epochs from here on. */
  EpochStarted: z.object({ epoch: z.int().min(1), holder: name }),
  /**
   * Everybody reads this level: what needs it may be written from here on (sky.evt.features, by a gateway). Its form never changes: programs
   * of any age must be able to read that they are too old.
   */
  FeatureLevelRaised: z.object({
    level: z.int().min(2),
    /** The one before. */
    from: z.int().min(1),
    /** Of the program that saw it. */
    version: name,
    /** Services and agents that were heard then. */
    heard: count,
  }),
  /** Where the replicas of a workload are to be, whole and absolute; `unplaced` of them wait, for `reason`. */
  PlacementDecided: z.object({
    epoch: z.int(),
    ref: objectRefSchema,
    generation: z.int().min(1),
    placements: z.array(placementSchema),
    unplaced: count,
    reason: z.string().optional(),
    message: z.string().optional(),
    /** Position of the log that this was decided from. */
    basis: z.number(),
    /** Version of the scheduling code. */
    code: name,
    verdicts: z.array(clusterVerdictSchema),
    /** Replicas beyond `placements` that stay where they are until those placed elsewhere are ready. */
    leaving: z.array(z.object({ cluster: name, replicas: z.int().min(1) })).optional(),
    /** What the round took as now, ms since the epoch, where its outcome could depend on it. */
    now: z.int().optional(),
    /** Room that is kept for waiting replicas while those leave that were displaced for them. */
    claims: z.array(placementSchema).optional(),
    /** Who was displaced for it. */
    displaces: z.array(displacementSchema).optional(),
    /** Who it was displaced for. */
    displacedBy: displacementSchema.optional(),
  }),
  /** Shares have to leave a cluster; the next placements of their workloads act on it. */
  EvictionDecided: z.object({
    epoch: z.int(),
    cluster: name,
    cause: z.enum(evictionCauses),
    message: z.string(),
    /** Wall clock by which this was decided, ms since the epoch. */
    now: z.int(),
    /** What leaves may stay until its replacement is ready, but not beyond this time. Absent: it goes at once. */
    until: z.int().optional(),
    /** `replicas` of the share must be placed elsewhere: only there, if `to` names a cluster. */
    shares: z.array(z.object({ ref: objectRefSchema, replicas: z.int().min(1), to: name.optional() })),
  }),
  /** How far the change of a pod template has gone over the clusters of a workload, whole and absolute. */
  RolloutAdvanced: z.object({
    epoch: z.int(),
    ref: objectRefSchema,
    /** The new version, and the one that clusters have which it has not been given to. */
    generation: z.int().min(1),
    from: z.int().min(1),
    /** Wall clock by which this was decided, ms since the epoch. */
    now: z.int(),
    state: z.enum(['Progressing', 'Stopped', 'RolledBack', 'Complete']),
    message: z.string(),
    /** Clusters that have, or are to have, the new version, and since when. */
    released: z.array(
      z.object({
        cluster: name,
        state: z.enum(['Updating', 'Ready', 'Failed']),
        sinceMs: z.int(),
        readyMs: z.int().optional(),
      }),
    ),
  }),
  /** How many replicas may still stay of shares that leave: replacements are ready, or the time is over. */
  EvictionProgressed: z.object({
    epoch: z.int(),
    cluster: name,
    /** Wall clock by which this was decided, ms since the epoch. */
    now: z.int(),
    shares: z.array(z.object({ ref: objectRefSchema, leaving: count })),
  }),
  /** Nothing of a deleted object is left anywhere: it is gone now. */
  ObjectReleased: z.object({ epoch: z.int(), ref: objectRefSchema }),
  ClusterHealthDecided: z.object({
    epoch: z.int(),
    cluster: name,
    uid: name,
    state: z.enum(clusterHealthStates),
    reason: z.string(),
    message: z.string(),
  }),

  /** What the mesh controller says of a service; the status that users see. */
  ServiceStatusDecided: z.object({
    epoch: z.int(),
    ref: objectRefSchema,
    status: z.record(z.string(), z.unknown()),
  }),

  /** A ServiceImport as it is now, status included; `gone`: nobody exports it any more. */
  ServiceImportDecided: z.object({ epoch: z.int(), object: storedObjectSchema, gone: z.boolean() }),

  /** A step in the life of a cluster that SkyFlow builds. */
  ProvisioningAdvanced: z.object({ epoch: z.int(), ref: objectRefSchema, step: clusterStepSchema }),
  /** A step in the life of one of its machines. */
  MachineAdvanced: z.object({ epoch: z.int(), ref: objectRefSchema, machine: name, step: machineStepSchema }),
  /** A step in the life of a rented machine that belongs to no cluster. */
  OrphanAdvanced: z.object({
    epoch: z.int(),
    provider: name,
    region: name,
    /** As the provider names it. */
    id: name,
    step: orphanStepSchema,
  }),
  /** What the provisioner says of a cluster; the status that users see. Its phase DELETED ends a deleted Cluster. */
  ProvisioningStatusDecided: z.object({
    epoch: z.int(),
    ref: objectRefSchema,
    status: z.looseObject({ phase: name }),
  }),

  // sky.work.<cluster>: what one cluster must have.
  /** This cluster's share of a workload, absolute. */
  WorkAssigned: z.object({
    epoch: z.int(),
    /** Position of the `PlacementDecided` that this carries out. */
    decision: z.number(),
    generation: z.int().min(1),
    replicas: count,
    completions: count.optional(),
    /** The workload as stored (kind Job or Deployment). */
    object: storedObjectSchema,
    /** ConfigMaps and the like that its pods refer to, to be there before it. */
    dependencies: z.array(storedObjectSchema).optional(),
  }),
  /** This cluster must not have the workload any more. The only thing that makes an agent delete. */
  WorkWithdrawn: z.object({ epoch: z.int(), decision: z.number(), ref: objectRefSchema }),
  /** SkyFlow's namespace is gone: an agent deletes the native one if it made it and nothing foreign is in it. */
  NamespaceWithdrawn: z.object({ epoch: z.int(), namespace: name }),

  /** This cluster takes part in a service: it reports its endpoints, and if it is the primary it has the native Service. */
  ServiceAssigned: z.object({
    epoch: z.int(),
    object: storedObjectSchema,
    primary: z.boolean(),
    /** Clusters whose gateways may reach its pods here. */
    consumers: z.array(name).optional(),
  }),
  /** Endpoints of a service on another cluster, absolute: what the primary adds to its native Service. */
  EndpointsAssigned: z.object({
    epoch: z.int(),
    ref: objectRefSchema,
    source: name,
    /** How they are reached; absent: flat. */
    plane: z.enum(planes).optional(),
    endpoints: z.array(assignedEndpointSchema),
  }),
  /** The other clusters that this one's mesh gateway has to do with, absolute. */
  PeersAssigned: z.object({ epoch: z.int(), peers: z.array(gatewayPeerSchema) }),
  /** This cluster has no part in the service any more: whatever was made for it goes. */
  ServiceWithdrawn: z.object({ epoch: z.int(), ref: objectRefSchema }),

  /** A Service of this name is exported: this cluster says what it has of it. */
  ExportAssigned: z.object({
    epoch: z.int(),
    namespace: name,
    name,
    /** What the ServiceExport of the same name on this cluster is to say, if there is one. */
    conditions: z
      .array(
        z.object({
          type: name,
          status: z.enum(['True', 'False', 'Unknown']),
          reason: name,
          message: z.string(),
          lastTransitionTime: name,
        }),
      )
      .optional(),
  }),
  /** It is exported no more. */
  ExportWithdrawn: z.object({ epoch: z.int(), namespace: name, name }),

  // sky.obs.<cluster>: what changed in one cluster.
  ClusterObserved: z.object({
    kubernetesVersion: z.string(),
    nodes: z.array(nodeObservationSchema),
    /** False: the agent lives but cannot reach its cluster's API; nodes are the last known. */
    reachable: z.boolean(),
    reason: z.string().optional(),
    message: z.string().optional(),
    /** The agent's public key, to which keys of Secrets are sealed (X25519, SPKI, base64). */
    sealingKey: z.string().optional(),
    /** The nodes are as they were told before; `nodes` is empty then. */
    keepsNodes: z.boolean().optional(),
  }),
  /** Some nodes of a cluster of many have changed, or are told for the first time; the others are as they were. */
  NodesObserved: z.object({ nodes: z.array(nodeObservationSchema), removed: z.array(name) }),
  WorkObserved: z.object({
    ref: objectRefSchema,
    generation: z.int(),
    epoch: z.int(),
    phase: z.enum(workPhases),
    replicas: count,
    ready: count,
    running: count,
    pending: count,
    succeeded: count,
    failed: count,
    /** Replicas of an older pod template that are still there, of a Deployment; absent: none, or not told. */
    outdated: count.optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
    /** Its pods that are not on their way out, by name, the first {@link PODS_TOLD}; absent: told by an agent that did not name them. */
    pods: z.array(observedPodSchema).optional(),
    /** How many more there are. */
    morePods: count.optional(),
  }),
  /** The endpoints of a service on this cluster, absolute. */
  EndpointsObserved: z.object({ ref: objectRefSchema, endpoints: z.array(endpointSchema) }),
  /** The native Service of a service whose primary this cluster is. */
  ServiceObserved: z.object({
    ref: objectRefSchema,
    generation: z.int(),
    clusterIP: z.string().optional(),
    ipFamilies: z.array(z.string()).optional(),
    externalIPs: z.array(z.string()),
    /** Set when it is not as it must be. */
    reason: z.string().optional(),
    message: z.string().optional(),
  }),
  /** The mesh gateway of this cluster: how others reach it and know it. */
  GatewayObserved: z.object({
    /** uid of the Cluster object that it is for. */
    cluster: name,
    /** Where virtual endpoints are; absent: it has no gateway, for the reason of `message`. */
    address: name.optional(),
    /** `host:port` where other gateways dial it; absent: they cannot. */
    listening: name.optional(),
    /** `host:port` where it is in the pod network of its cluster. */
    inside: name.optional(),
    /** Networks of the cluster, as its nodes or its operator declare them; absent: an agent that does not say. */
    networks: z.object({ pods: z.array(name), services: z.array(name), nodes: z.array(name) }).optional(),
    /** Authorities that sign its certificates, this and the next generation, PEM. */
    authorities: z.array(name),
    message: z.string().optional(),
    /** The agent was stopped or started anew, and has not said since of all services what is there: what it said before may not be so any more. */
    settling: z.literal(true).optional(),
  }),
  /** Whether pods of this cluster reach those of another one at the addresses that they have there, as its gateway answered. */
  ReachObserved: z.object({
    peer: name,
    ok: z.boolean(),
    message: z.string(),
    /** The same of its nodes, as probes on them tell; no `ok`: it is not known yet of all. Absent: nothing is tried from nodes. */
    nodes: z.object({ ok: z.boolean().optional(), message: z.string() }).optional(),
  }),
  /** How the endpoints of a service on another cluster are reached from this one. */
  PathObserved: z.object({
    ref: objectRefSchema,
    source: name,
    state: z.enum(pathStates),
    message: z.string(),
    /** Over which it was tried; absent: of an older agent. */
    plane: z.enum(planes).optional(),
    /** A pod was reached, not only the way to where pods are. */
    ofPod: z.boolean().optional(),
    /** uids of pods that do not answer though others there do: they take no connections. */
    failing: z.array(name).optional(),
  }),
  /** What a cluster has under the name of an exported Service, absolute. */
  ExportObserved: z.object({
    namespace: name,
    name,
    /** Absent: it has no such Service. */
    service: exportedServiceSchema.optional(),
    /** The ServiceExport that the cluster itself has; absent: none. */
    declared: z
      .object({
        uid: name,
        creationTimestamp: name,
        exportedLabels: z.record(z.string(), z.string()).optional(),
        exportedAnnotations: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
  }),
  /** Nothing that was made for a service is left on the cluster. */
  ServiceRemoved: z.object({ ref: objectRefSchema }),
  /** Every native object of the workload is gone from the cluster. */
  WorkRemoved: z.object({ ref: objectRefSchema }),
} as const;

export type EntryType = keyof typeof entryTypes;
export type EntryData<T extends EntryType> = z.infer<(typeof entryTypes)[T]>;

/** A decoded entry: `entry.type` narrows `entry.data`. */
export type Entry = { [T in EntryType]: Omit<RawEntry, 'type' | 'data'> & { type: T; data: EntryData<T> } }[EntryType];

export type ObjectRef = z.infer<typeof objectRefSchema>;
export type StoredObject = z.infer<typeof storedObjectSchema>;
export type NodeObservation = z.infer<typeof nodeObservationSchema>;
export type Displacement = z.infer<typeof displacementSchema>;
export type Placement = z.infer<typeof placementSchema>;
export type Endpoint = z.infer<typeof endpointSchema>;
export type AssignedEndpoint = z.infer<typeof assignedEndpointSchema>;
export type ExportedService = z.infer<typeof exportedServiceSchema>;
export type ObservedPod = z.infer<typeof observedPodSchema>;
export type ClusterVerdict = z.infer<typeof clusterVerdictSchema>;
export type ResourceList = z.infer<typeof resourceList>;

/** An entry that this version of the code cannot read: the log was written by a newer one, or is damaged. */
export class UnreadableEntryError extends Error {
  override readonly name = 'UnreadableEntryError';
}

/**
 * Brings an entry up to the version of now, checks and types its data; in place: the raw entry is the caller's to give away.
 * @param known of which upcasters there are
 * @throws UnreadableEntryError
 */
export function decodeEntry(raw: RawEntry, known: Upcasters = upcasters): Entry {
  const schema = Object.hasOwn(entryTypes, raw.type) ? entryTypes[raw.type as EntryType] : undefined;
  if (schema === undefined || raw.v > entryVersion(raw.type, known)) {
    throw new UnreadableEntryError(
      `entry type ${raw.type} v${raw.v} is not known to this version; run a version of SkyFlow at least as new as the one that wrote the log`,
    );
  }
  const written = raw.v;
  try {
    upcast(raw, known);
  } catch (error) {
    throw new UnreadableEntryError(`entry ${raw.type} v${written} is damaged: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (raw.type === 'PlacementDecided' && isPlainDecision(raw.data)) return raw as Entry;
  const result = schema.safeParse(raw.data);
  if (!result.success) {
    throw new UnreadableEntryError(`entry ${raw.type} v${written} is damaged: ${z.prettifyError(result.error)}`);
  }
  // In place: a copy of every entry of a long log would be most of what a replay allocates.
  raw.data = result.data;
  return raw as Entry;
}
