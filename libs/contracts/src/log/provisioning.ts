/**
 * What the provisioner decided, began and saw: the steps of one cluster and of its machines (sky.evt.provisioner). No driver is called
 * before the intent is here, and no intent is forgotten before its outcome is.
 */
import { z } from 'zod';
import {
  CLUSTER_DRIVERS,
  DRIVER_COMMANDS,
  FAILURE_CLASSES,
  MACHINE_DRIVERS,
  NODE_ROLES,
  PROVISION_OPERATIONS,
} from '../kinds/provisioning.js';

const text = z.string().min(1);
const count = z.int().min(0);

export const provisionFailureSchema = z.object({
  class: z.enum(FAILURE_CLASSES),
  message: z.string(),
  line: z.string().optional(),
  advice: z.string(),
});

const plannedMachineSchema = z.object({
  name: text,
  driver: z.enum(MACHINE_DRIVERS),
  roles: z.array(z.enum(NODE_ROLES)),
  /** Of the static driver: which of `spec.provision.hosts`. */
  host: z.string().optional(),
  /** Of clouds: what is rented. */
  offer: z.object({ region: text, zone: z.string().optional(), type: text, hourly: z.number() }).optional(),
});

/** An offer that was looked at, best first; why the plan is what it is. */
export const provisionOfferSchema = z.object({
  provider: text,
  region: text,
  zone: z.string().optional(),
  type: text,
  cpus: z.number(),
  memoryGiB: z.number(),
  /** `TYPE:COUNT`. */
  accelerators: z.string().optional(),
  /** Of one machine, in the currency of the price list. */
  hourly: z.number(),
  /** Set when it was passed over. */
  refused: z.string().optional(),
});

/** A cloud that could not be asked for offers, and why. */
export const leftOutCloudSchema = z.object({ provider: text, message: z.string(), advice: z.string() });
export type LeftOutCloud = z.infer<typeof leftOutCloudSchema>;

/** Steps of a cluster. */
export const clusterStepSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('Planned'),
    /** Counts plans: each roll-back is followed by another, or by the end. */
    attempt: count,
    driver: z.enum(CLUSTER_DRIVERS),
    kubernetesVersion: z.string().optional(),
    machines: z.array(plannedMachineSchema),
    podCidr: text,
    serviceCidr: text,
    offers: z.array(provisionOfferSchema).optional(),
    leftOut: z.array(leftOutCloudSchema).optional(),
  }),
  /** A copy of what must not be lost, sealed with a key from outside the log. */
  z.object({
    type: z.literal('Escrowed'),
    what: z.enum(['state', 'kubeconfig', 'sshKey']),
    version: z.int().min(1),
    /** Of the plain text. */
    sha256: text,
    /** SHA-256 of the certificate authority in it; of the public key of an SSH key. */
    caFingerprint: text,
    /** Id of the key. */
    key: text,
    /** Base64. */
    sealed: text,
    /** Of a kubeconfig: address of the API, and end of its certificate (ms since the epoch). */
    endpoint: z.string().optional(),
    notAfterMs: z.number().optional(),
  }),
  /** What rented machines share in a region (key, firewall) is about to be asked for. */
  z.object({ type: z.literal('GroundworkIntended'), provider: z.enum(MACHINE_DRIVERS), region: text }),
  /** It is there; what machines are asked for with, so that a repeated request is the same request. */
  z.object({ type: z.literal('GroundworkLaid'), facts: z.record(z.string(), z.string()) }),
  /** The provider says that none of it is there any more. */
  z.object({ type: z.literal('GroundworkCleared') }),
  /** State and kubeconfig are escrowed: hosts may be touched from here on. */
  z.object({ type: z.literal('StateInitialised'), caFingerprint: text, configSha256: text }),
  z.object({
    type: z.literal('RunStarted'),
    run: z.int().min(1),
    operation: z.enum(PROVISION_OPERATIONS),
    command: z.enum(DRIVER_COMMANDS),
    /** Of the cluster.yml that it is given. */
    configSha256: text,
    /** By the way of a first installation (empty currentState). */
    recovery: z.boolean(),
    /** Machine on which the driver's process runs: only there can it be ended. */
    host: text,
    /** After this time, ms since the epoch, it cannot run any more. */
    deadlineMs: z.number(),
  }),
  z.object({ type: z.literal('RunProgressed'), run: z.int(), stage: text }),
  z.object({
    type: z.literal('RunEnded'),
    run: z.int(),
    outcome: z.enum(['Done', 'Partial', 'Failed', 'Unknown']),
    /** Hosts that were passed over. */
    hosts: z.array(z.string()).optional(),
    failure: provisionFailureSchema.optional(),
    /** User add-ons that failed, and the like: it is done all the same. */
    warnings: z.array(z.string()).optional(),
  }),
  /** The API answers with the right authority and the nodes are ready. */
  z.object({
    type: z.literal('Activated'),
    kubernetesVersion: z.string(),
    nodes: count,
    configSha256: text,
  }),
  /** Something short did not succeed: a plan, the first state, the proof that it works. */
  z.object({ type: z.literal('AttemptFailed'), failure: provisionFailureSchema }),
  /** The plan was changed to what the spec says now. */
  z.object({
    type: z.literal('OperationStarted'),
    operation: z.enum(PROVISION_OPERATIONS),
    kubernetesVersion: z.string().optional(),
    add: z.array(plannedMachineSchema),
    remove: z.array(text),
    /** Of the request in the spec that it carries out. */
    generation: z.int().optional(),
    /** That is taken, or gone back to. */
    snapshot: text.optional(),
  }),
  /** The autoscaler wants another number of machines. */
  z.object({ type: z.literal('NodesWanted'), nodes: count, remove: z.array(text), reason: text }),
  /** Nothing has run on it for long: no new work comes, and when none came in between all of it is taken away. */
  z.object({
    type: z.literal('StopStarted'),
    reason: text,
    /** What a node of it has for work, base units: what it would have again. */
    allocatable: z.record(z.string(), z.number()).optional(),
  }),
  /** Neither the scheduler nor its own API knows of work there, and none can come. */
  z.object({ type: z.literal('StopConfirmed') }),
  /** Work came in between, or it is wanted after all: it stays as it is. */
  z.object({ type: z.literal('StopAbandoned'), reason: text }),
  /** Nothing is there; it is built when it is wanted. */
  z.object({ type: z.literal('Stopped'), reason: text }),
  /** It could not be done; the cluster is as it was, or in part as it should be. */
  z.object({ type: z.literal('OperationFailed'), failure: provisionFailureSchema }),
  /** What was made is taken away before anything else is tried. */
  z.object({ type: z.literal('RollbackStarted'), failure: provisionFailureSchema, next: z.enum(['Plan', 'Fail']) }),
  z.object({ type: z.literal('Failed'), failure: provisionFailureSchema }),
  z.object({ type: z.literal('RemovalStarted'), retain: z.boolean() }),
  /** Nothing is left of it. */
  z.object({ type: z.literal('Deleted') }),
  /** What the driver printed. */
  z.object({ type: z.literal('Logged'), run: z.int(), lines: z.array(z.string()) }),
]);
export type ClusterStep = z.infer<typeof clusterStepSchema>;

/** Steps of a machine. */
export const machineStepSchema = z.discriminatedUnion('type', [
  /** Before the cloud is called. */
  z.object({
    type: z.literal('CreateIntended'),
    driver: z.enum(MACHINE_DRIVERS),
    /** Same token: same machine, however often it is asked for. */
    token: text,
    roles: z.array(z.enum(NODE_ROLES)),
    host: z.string().optional(),
    offer: plannedMachineSchema.shape.offer,
  }),
  z.object({
    type: z.literal('Created'),
    providerId: text,
    address: z.string().optional(),
    internalAddress: z.string().optional(),
    /** Found when it was looked for, after its creation had no answer. */
    adopted: z.boolean().optional(),
    /** Ids of others that were made for the same request, and have been ended. */
    removed: z.array(text).optional(),
    /** How one gets in, by its image. */
    login: z.object({ user: text, port: z.int(), dockerSocket: z.string().optional() }).optional(),
    /** Told again, after a while: what is still in the way of its use. */
    awaits: z.string().optional(),
  }),
  /** The answer was lost: it may be there. Looked for before anything else is done. */
  z.object({ type: z.literal('CreateUnknown'), message: z.string() }),
  /** Not there though it would have to be seen by now: asked for again with the same token. */
  z.object({ type: z.literal('CreateRepeated') }),
  z.object({ type: z.literal('CreateFailed'), failure: provisionFailureSchema }),
  z.object({
    type: z.literal('Prepared'),
    address: text,
    internalAddress: z.string().optional(),
    hostKey: text,
    facts: z.record(z.string(), z.string()),
  }),
  z.object({ type: z.literal('HostFailed'), failure: provisionFailureSchema }),
  /** The provider lists it no more, though nobody here asked for its end: a spot machine taken back, or one that somebody ended. */
  z.object({ type: z.literal('Lost'), message: text }),
  z.object({ type: z.literal('DeleteIntended') }),
  z.object({ type: z.literal('DeleteFailed'), failure: provisionFailureSchema }),
  /** The provider was told and says so; it may linger. */
  z.object({ type: z.literal('DeleteAccepted') }),
  /** The provider says that it is gone. */
  z.object({ type: z.literal('DeleteConfirmed') }),
]);
export type MachineStep = z.infer<typeof machineStepSchema>;

/** Steps of a machine, or of what machines share, that carries the mark of this installation and belongs to no cluster of it. */
export const orphanStepSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('Seen'),
    /** As its tags say. */
    name: z.string(),
    cluster: z.string(),
    clusterName: z.string(),
    /** No machine, but a part of what machines of a cluster share: a group, a firewall, a key. */
    ground: z.literal(true).optional(),
  }),
  /** Before the provider is called. */
  z.object({ type: z.literal('DeleteIntended') }),
  z.object({ type: z.literal('DeleteFailed'), failure: provisionFailureSchema }),
  /** It is not listed any more, or belongs to a cluster after all. */
  z.object({ type: z.literal('Cleared') }),
]);
export type OrphanStep = z.infer<typeof orphanStepSchema>;

export type PlannedMachine = z.infer<typeof plannedMachineSchema>;
export type ProvisionOffer = z.infer<typeof provisionOfferSchema>;
