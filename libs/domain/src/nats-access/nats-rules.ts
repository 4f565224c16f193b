/**
 * Who may say and hear what on NATS: the one model, from which the configuration of nats-server, the matrix test and the documentation
 * come. Services share an account and have permissions in it; each agent has an account of its own, into which only its own subjects
 * are imported, so that another cluster's cannot even be named there (ADR 20). Pure.
 */
import {
  type AgentVerb,
  CHECKPOINT_STREAM,
  FEATURES_SUBJECT,
  LEASE_BUCKET,
  LEASE_OBJECT_BUCKET,
  READERS_PER_AGENT,
  STREAM,
  agentRequestSubject,
  commandSubject,
  decisionSubject,
  heartbeatSubject,
  inboxPrefix,
  linkDownSubject,
  linkUpSubject,
  nodeUsageSubject,
  observationSubject,
  provisionerRequestSubject,
  readerConsumer,
  readerSubject,
  schedulerRequestSubject,
  serviceHeartbeatSubject,
  shadowReportSubject,
  unsealSubject,
  workSubject,
  type Decider,
} from '@skyflow/contracts';

/** Services that connect to NATS. `operator` is the person who looks after it: backups, the nats command line, tests. */
export const natsServices = ['api-gateway', 'scheduler', 'mesh-controller', 'provisioner', 'operator'] as const;
export type NatsService = (typeof natsServices)[number];

/** Who looks after nats-server's configuration, and tells each server to read it; in the servers' own account, where nothing of the log is. */
export const NATS_KEEPER = 'nats-keeper';
/** All of ours that have a key at NATS; agents have theirs by their Tokens. */
export const natsKeyHolders = [...natsServices, NATS_KEEPER] as const;
export type NatsKeyHolder = (typeof natsKeyHolders)[number];

/** Who connects. */
export type NatsIdentity = { readonly service: NatsService } | { readonly agent: string };

/** What one identity may do; `*` and `>` are NATS' wildcards. */
export interface NatsGrants {
  /** Subjects that it may publish on, requests and appends to the log included. */
  readonly publish: readonly string[];
  /** Subjects that it may listen to. */
  readonly subscribe: readonly string[];
  /** May answer, once each, requests that reach it, so long after they came; absent: it answers none. */
  readonly answersWithinMs?: number;
}

export const agentVerbs: readonly AgentVerb[] = ['pods', 'logs', 'connect', 'events', 'mesh'];

/** A what-if over a large world may take as long. */
const ANSWERS_WITHIN_MS = 60_000;
const EVERY = '*';

export function natsGrants(identity: NatsIdentity): NatsGrants {
  return 'agent' in identity ? agentGrants(identity.agent) : serviceGrants[identity.service];
}

const js = (verb: string): string => `$JS.API.${verb}`;
const leaseStream = `KV_${LEASE_BUCKET}`;
/** Opens the log, folds it, reads single entries. Nothing of it can change or delete what is in the log. */
const READS_LOG = [
  js('INFO'),
  js(`STREAM.INFO.${STREAM}`),
  js(`STREAM.CREATE.${STREAM}`),
  js(`STREAM.MSG.GET.${STREAM}`),
  js(`STREAM.MSG.GET.${CHECKPOINT_STREAM}`),
  js(`CONSUMER.CREATE.${STREAM}.${EVERY}`),
  js(`CONSUMER.DELETE.${STREAM}.${EVERY}`),
  js(`CONSUMER.MSG.NEXT.${STREAM}.${EVERY}`),
];
const holdsLease = (name: Decider): string[] => [
  js(`STREAM.INFO.${leaseStream}`),
  js(`STREAM.CREATE.${leaseStream}`),
  js(`STREAM.MSG.GET.${leaseStream}`),
  `$KV.${LEASE_BUCKET}.${name}`,
];
const leaseObjects = `KV_${LEASE_OBJECT_BUCKET}`;
/** Serves coordination.k8s.io Leases out of their bucket. */
const KEEPS_LEASE_OBJECTS = [
  js(`STREAM.INFO.${leaseObjects}`),
  js(`STREAM.CREATE.${leaseObjects}`),
  js(`STREAM.MSG.GET.${leaseObjects}`),
  js(`CONSUMER.CREATE.${leaseObjects}.${EVERY}`),
  js(`CONSUMER.DELETE.${leaseObjects}.${EVERY}`),
  js(`CONSUMER.MSG.NEXT.${leaseObjects}.${EVERY}`),
  `$KV.${LEASE_OBJECT_BUCKET}.>`,
];
const decides = (service: NatsService, role: Decider): string[] => [
  ...READS_LOG,
  ...holdsLease(role),
  decisionSubject(role),
  serviceHeartbeatSubject(service),
];
const inbox = (service: NatsService): string => `${inboxPrefix(service)}.>`;

const serviceGrants: Readonly<Record<NatsService, NatsGrants>> = {
  'api-gateway': {
    publish: [
      ...READS_LOG,
      ...KEEPS_LEASE_OBJECTS,
      commandSubject(0),
      FEATURES_SUBJECT,
      serviceHeartbeatSubject('api-gateway'),
      agentRequestSubject(EVERY, EVERY as AgentVerb),
      linkDownSubject(EVERY, EVERY),
      ...(['preview', 'explain', 'simulate'] as const).map(schedulerRequestSubject),
      shadowReportSubject(),
      ...(['plan', 'escrow'] as const).map(provisionerRequestSubject),
    ],
    subscribe: [
      inbox('api-gateway'),
      heartbeatSubject(EVERY),
      serviceHeartbeatSubject(EVERY),
      nodeUsageSubject(EVERY),
      unsealSubject(EVERY),
      readerSubject(EVERY),
      linkUpSubject(EVERY, EVERY),
    ],
    answersWithinMs: ANSWERS_WITHIN_MS,
  },
  scheduler: {
    publish: [...decides('scheduler', 'scheduler'), workSubject(EVERY)],
    subscribe: [
      inbox('scheduler'),
      heartbeatSubject(EVERY),
      ...(['preview', 'explain', 'simulate'] as const).map(schedulerRequestSubject),
      shadowReportSubject(),
    ],
    answersWithinMs: ANSWERS_WITHIN_MS,
  },
  'mesh-controller': {
    publish: [...decides('mesh-controller', 'mesh'), workSubject(EVERY)],
    subscribe: [inbox('mesh-controller')],
  },
  provisioner: {
    publish: [...decides('provisioner', 'provisioner'), schedulerRequestSubject('simulate')],
    subscribe: [
      inbox('provisioner'),
      heartbeatSubject(EVERY),
      ...(['plan', 'escrow'] as const).map(provisionerRequestSubject),
    ],
    answersWithinMs: ANSWERS_WITHIN_MS,
  },
  operator: { publish: ['>'], subscribe: ['>'] },
};

/** Of the keeper, in the servers' own account. */
export const keeperGrants: NatsGrants = {
  publish: ['$SYS.REQ.SERVER.*.RELOAD'],
  subscribe: [`${inboxPrefix(NATS_KEEPER)}.>`],
};

/** An agent says what is so in its own cluster, and hears what is meant for it. */
function agentGrants(cluster: string): NatsGrants {
  const slots = Array.from({ length: READERS_PER_AGENT }, (_, slot) => readerConsumer(cluster, slot));
  return {
    publish: [
      observationSubject(cluster),
      heartbeatSubject(cluster),
      nodeUsageSubject(cluster),
      unsealSubject(cluster),
      readerSubject(cluster),
      linkUpSubject(cluster, EVERY),
      ...slots.map((consumer) => js(`CONSUMER.MSG.NEXT.${STREAM}.${consumer}`)),
    ],
    subscribe: [...agentVerbs.map((verb) => agentRequestSubject(cluster, verb)), linkDownSubject(cluster, EVERY)],
  };
}
