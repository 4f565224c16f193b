/** The gateway without HTTP: log, fold, stores and API machinery put together. */
import { previewReplySchema } from '@skyflow/contracts';
import {
  type Admission,
  type ResourceDefinition,
  type ResourceStore,
  ApiServer,
  apiVersionOf,
} from '@skyflow/apimachinery';
import { type EventLog, Projection, type SnapshotStore, serveReaders } from '@skyflow/event-log';
import type { ObjectChange, ObjectsState, RateLimit } from '@skyflow/domain';
import type { NatsConnection } from '@nats-io/transport-node';
import { AccessModel } from './access/access-model.js';
import { Authenticator, type FixedToken, type Proof } from './access/authenticator.js';
import { escalationGuard } from './access/escalation-guard.js';
import { Gatekeeper, type Refusal } from './access/gatekeeper.js';
import { LoginGuard } from './access/login-guard.js';
import { RateGate } from './access/rate-gate.js';
import { reviewResources } from './access/reviews.js';
import { Sessions } from './access/sessions.js';
import { STREAM_LIMITS, StreamGate, type StreamLimits } from './access/stream-gate.js';
import { AgentLines } from './agents/agent-lines.js';
import { LeaseObjects } from './coordination/leases.js';
import { eventDefinition, newerEventDefinition } from './events/definitions.js';
import { EventSource, newerEvents, pastEvents } from './events/event-source.js';
import { OwnEvents } from './events/own-events.js';
import type { Observe } from './health/gateway-metrics.js';
import type { Heartbeats } from './health/heartbeats.js';
import { featureGuard } from './features/feature-guard.js';
import type { LevelReport } from './features/level-keeper.js';
import { gatewayDefinitions, gatewayFaces } from './kinds/definitions.js';
import { gatewaySchemas } from './kinds/skyflow-schemas.js';
import { LinkStore } from './mesh/link-store.js';
import { endpointsDefinition, linkDefinition } from './mesh/mesh-definitions.js';
import { EndpointsSource, LinkSource, PastLinks } from './mesh/mesh-sources.js';
import { nodeDefinition, podDefinition } from './mirrors/definitions.js';
import { MirrorStore } from './mirrors/mirror-store.js';
import { NodeSource } from './mirrors/node-source.js';
import { PastPodLog } from './mirrors/past-pod-log.js';
import { PastPods } from './mirrors/past-pods.js';
import { PodSource, PodStore } from './mirrors/pod-source.js';
import { movesGuard } from './previews/moves-guard.js';
import { Past } from './past/past-reads.js';
import { PastStates, STEP_MS } from './past/past-states.js';
import { askScheduler } from './scheduler/ask-scheduler.js';
import type { Keyring } from './secrets/keyring.js';
import { Enrolment, type EnrolmentParts } from './access/enrolment.js';
import { replicaSetDefinition } from './replica-sets/replica-set-definition.js';
import { ReplicaSetStore } from './replica-sets/replica-set-store.js';
import { serveUnseal } from './secrets/serve-unseal.js';
import { CommandLog } from './store/command-log.js';
import { GarbageCollector } from './store/garbage-collector.js';
import { gatewayFold } from './store/gateway-fold.js';
import { Housekeeping } from './store/housekeeping.js';
import { plainFace } from './store/face.js';
import { LatestHead } from './store/latest-head.js';
import { LogBackend } from './store/log-backend.js';
import { LogStore, type LogStoreParts } from './store/log-store.js';
import type { History } from './store/object-watch.js';
import { pastChanges } from './store/past-changes.js';
import { observedSpans } from './store/observed-spans.js';
import { ReadModel } from './store/read-model.js';
import { LatencyBook } from './waits/latency-book.js';
import { WaitingIndex } from './waiting/waiting-index.js';

export interface GatewayOptions {
  log: EventLog;
  snapshots?: SnapshotStore;
  /** The way to the agents; absent: pods and nodes are not served. */
  nats?: NatsConnection;
  /** Copies of what is kept at NATS beside the log. Default 1. */
  replicas?: number;
  heartbeats: Pick<Heartbeats, 'liveness' | 'isConnected'>;
  /** `<service>/<instance>` */
  writer: string;
  /** Tokens from outside, the admin's first. */
  tokens: readonly FixedToken[];
  /** Further ways to prove who one is. */
  proofs?: readonly Proof[];
  /** Absent: the usual ones. */
  streamLimits?: StreamLimits;
  /** Of one user; absent: no limit. */
  rateLimit?: RateLimit;
  /** The feature level, asked while something is off; absent: everything is on. */
  level?: () => Promise<LevelReport>;
  /** Told of every refusal. */
  audit: (refusal: Refusal) => void;
  /** Undefined: ready. */
  notReady: () => string | undefined;
  onError: (error: unknown, about: object) => void;
  warn: (line: string) => void;
  /** What agents that enrol are told. */
  agents: Pick<EnrolmentParts, 'nats' | 'renewMs'>;
  observe?: Observe;
  /** Seals Secrets; absent: Secrets cannot be written. */
  keyring?: Keyring;
}

/** A resource that is not stored in the log. */
interface OtherResource {
  /** `<group>/<kind>` */
  name: string;
  definition: ResourceDefinition;
  store: ResourceStore;
}

/** A last snapshot that takes longer is given up; the next start folds a little more. */
const SNAPSHOT_WITHIN_MS = 1_500;

export class Gateway {
  readonly model: ReadModel;
  readonly projection: Projection<ObjectsState>;
  readonly commands: CommandLog;
  readonly api: ApiServer;
  readonly access: AccessModel;
  readonly authenticator: Authenticator;
  readonly gatekeeper: Gatekeeper;
  readonly sessions: Sessions;
  readonly enrolment: Enrolment;
  readonly streams: StreamGate;
  readonly definitions: readonly ResourceDefinition[];
  readonly pastStates: PastStates;
  readonly past: Past;
  readonly waiting: WaitingIndex;
  readonly latencies: LatencyBook;
  readonly schemas = gatewaySchemas();
  private readonly housekeeping: Housekeeping;
  private readonly garbage: GarbageCollector;
  private readonly storedKinds = new Map<string, string>();
  private readonly leases: LeaseObjects | undefined;
  private readonly stopping = new AbortController();

  constructor(readonly options: GatewayOptions) {
    const { log, heartbeats, snapshots } = options;
    const latest = new LatestHead({
      head: () => log.head(),
      fold: () => this.projection,
      isReachable: () => heartbeats.isConnected,
      stopping: this.stopping.signal,
    });
    this.model = new ReadModel({ liveness: () => heartbeats.liveness(), latest });
    this.waiting = new WaitingIndex(this.model);
    this.projection = new Projection({
      log,
      fold: gatewayFold((state) => this.model.begin(state)),
      ...(snapshots === undefined ? {} : { snapshots: { store: snapshots, warn: options.warn, stepMs: STEP_MS } }),
    });
    this.latencies = new LatencyBook({
      log,
      model: this.model,
      onBatch: (listener) => this.projection.onBatch(listener),
      stopping: this.stopping.signal,
    });
    this.commands = new CommandLog({
      log,
      state: this.projection,
      model: this.model,
      writer: options.writer,
      unreachable: () => (heartbeats.isConnected ? undefined : 'the connection to NATS is lost'),
    });
    this.housekeeping = new Housekeeping({
      model: this.model,
      sink: this.commands,
      signal: this.stopping.signal,
      warn: (error) => options.warn(`housekeeping waits: ${(error as Error).message}`),
    });
    this.garbage = new GarbageCollector({
      model: this.model,
      sink: this.commands,
      kindOf: (apiVersion, kind) => this.storedKinds.get(`${apiVersion}/${kind}`),
      signal: this.stopping.signal,
      warn: (error) => options.warn(`garbage collection waits: ${(error as Error).message}`),
    });
    this.pastStates = new PastStates({
      log,
      ...(snapshots === undefined ? {} : { snapshots }),
      warn: options.warn,
      stopping: this.stopping.signal,
    });
    this.access = new AccessModel(this.model);
    this.authenticator = new Authenticator(this.access, options.tokens, options.proofs);
    this.sessions = new Sessions({
      access: this.access,
      sink: this.commands,
      guard: new LoginGuard(),
      identityOf: (spec) => this.authenticator.identityOf(spec),
    });
    this.streams = new StreamGate(options.streamLimits ?? STREAM_LIMITS);
    this.enrolment = new Enrolment({ ...options.agents, access: this.access, sessions: this.sessions });
    this.gatekeeper = new Gatekeeper({
      access: this.access,
      authenticator: this.authenticator,
      audit: options.audit,
      definitions: () => this.definitions,
      rate: new RateGate(options.rateLimit),
      streams: this.streams,
    });
    const history = pastChanges(log, this.model);
    const { nats, replicas = 1, warn } = options;
    this.leases =
      nats && new LeaseObjects({ nats, replicas, warn, model: this.model, sink: this.commands, schemas: this.schemas });
    const parts = { model: this.model, sink: this.commands, history };
    const others = [
      this.replicaSets(this.model, history),
      ...(options.nats === undefined ? [] : this.mirrors(options.nats, parts)),
      ...(this.leases === undefined ? [] : [{ name: 'coordination.k8s.io/Lease', ...this.leases.resource }]),
      ...reviewResources(
        () => this.gatekeeper,
        () => this.definitions,
      ),
    ];
    this.definitions = [
      ...gatewayDefinitions(this.schemas, () => this.definitions),
      ...others.map(({ definition }) => definition),
    ];
    for (const [name, kind] of storedKindsOf(this.definitions, others, options.keyring))
      this.storedKinds.set(name, kind);
    const stores = new Map(others.map(({ name, store }) => [name, store]));
    this.past = this.pastOver(parts, stores);
    this.api = new ApiServer({
      definitions: this.definitions,
      schemas: this.schemas,
      backend: new LogBackend(parts, gatewayFaces(options.keyring), stores),
      past: this.past.reads,
      title: 'SkyFlow',
      managedFields: 'apply-only',
      authenticate: this.gatekeeper.authenticate,
      authorize: this.gatekeeper.authorize,
      keepOpen: (request, attributes, end) =>
        this.gatekeeper.keepOpen(request, (user) => this.gatekeeper.authorize({ ...attributes, user }), end),
      admission: [
        escalationGuard(this.access, () => this.gatekeeper),
        ...(options.level === undefined ? [] : [featureGuard(options.level)]),
      ],
      validatingAdmission: options.nats === undefined ? [] : [this.movesGuard(options.nats)],
      health: { readyz: { gateway: () => assertReady(options.notReady()) } },
      onError: options.onError,
      ...(options.observe === undefined ? {} : { observe: options.observe }),
    });
  }

  private movesGuard(nats: NatsConnection): Admission {
    return movesGuard({
      model: this.model,
      preview: async (change) => {
        const question = { ...change, atLeastSeq: this.model.seq, most: 0 };
        return (await askScheduler(nats, 'preview', question, previewReplySchema)).preview;
      },
    });
  }

  /** What was: everything that is in the log, the nodes that clusters reported, and what the log says of objects. */
  private pastOver(parts: LogStoreParts, others: ReadonlyMap<string, ResourceStore>): Past {
    const { log } = this.options;
    return new Past({
      log,
      states: this.pastStates,
      upToDate: () => this.model.upToDate(),
      storeOf: (definition, model, seq) => {
        const name = `${definition.group}/${definition.kind}`;
        if (name === '/Pod') return new PastPods(definition, model);
        if (name === '/Node') return new MirrorStore(definition, new NodeSource(model), true);
        if (name === 'skyflow.io/Link') return new PastLinks(definition, model);
        if (name === 'skyflow.io/Endpoints') return new MirrorStore(definition, new EndpointsSource(model), true);
        if (name === 'apps/ReplicaSet') return new ReplicaSetStore(model, parts.history);
        if (name === '/Event') return new MirrorStore(definition, pastEvents(log, seq), true);
        if (name === 'events.k8s.io/Event') return new MirrorStore(definition, newerEvents(pastEvents(log, seq)), true);
        if (others.has(name)) return undefined;
        return new LogBackend({ ...parts, model }, gatewayFaces(this.options.keyring)).storeOf(definition);
      },
    });
  }

  private replicaSets(model: ReadModel, history: History): OtherResource {
    return {
      name: 'apps/ReplicaSet',
      definition: replicaSetDefinition(this.schemas),
      store: new ReplicaSetStore(model, history),
    };
  }

  /** Pods and nodes of all clusters, read-only, and what is said of the ways between clusters. */
  private mirrors(nats: NatsConnection, parts: LogStoreParts): OtherResource[] {
    const { signal } = this.stopping;
    const lines = new AgentLines(nats, this.model);
    const past = new PastPodLog(nats, () => this.past);
    const pod = podDefinition(this.schemas, { lines, past, stopping: signal, warn: this.options.warn });
    const node = nodeDefinition(this.schemas);
    const link = linkDefinition(this.schemas);
    const endpoints = endpointsDefinition(this.schemas);
    const pods = new PodSource(nats, this.model, signal);
    const own = new OwnEvents({
      log: this.options.log,
      foldedSeq: () => this.model.seq,
      onBatch: (listener) => this.projection.onBatch(listener),
    });
    const events = new EventSource({ nats, model: this.model, own, stopping: signal });
    const event = eventDefinition(this.schemas);
    const newerEvent = newerEventDefinition(this.schemas);
    return [
      { name: '/Pod', definition: pod, store: new PodStore(pod, pods) },
      {
        name: 'skyflow.io/Link',
        definition: link,
        store: new LinkStore(
          link,
          new MirrorStore(link, new LinkSource(nats, this.model)),
          new LogStore(link, plainFace(link.kind), parts),
        ),
      },
      {
        name: 'skyflow.io/Endpoints',
        definition: endpoints,
        store: new MirrorStore(endpoints, new EndpointsSource(this.model)),
      },
      { name: '/Node', definition: node, store: new MirrorStore(node, new NodeSource(this.model)) },
      { name: '/Event', definition: event, store: new MirrorStore(event, events) },
      {
        name: 'events.k8s.io/Event',
        definition: newerEvent,
        store: new MirrorStore(newerEvent, newerEvents(events)),
      },
    ];
  }

  /** Folds the log and resolves when caught up. Rejects when the log cannot be folded. */
  async start(): Promise<void> {
    this.projection.onBatch((commits) => {
      this.model.advance(this.projection.state, this.projection.seq);
      if (this.projection.caughtUp) observedSpans(commits);
      this.housekeeping.folded(commits);
    });
    await this.projection.start();
    this.model.advance(this.projection.state, this.projection.seq);
    this.model.onChanges((changes) => {
      if (changes.some(concernsAccess)) void this.streams.review();
    });
    this.housekeeping.run();
    await this.housekeeping.firstTry;
    this.garbage.start();
    this.leases?.run(this.stopping.signal);
    const { nats, keyring, warn } = this.options;
    const { log } = this.options;
    if (nats !== undefined) serveReaders({ connection: nats, level: () => log.featureLevel(), warn });
    if (nats !== undefined && keyring !== undefined) serveUnseal(nats, keyring, () => this.model.state, warn);
  }

  /** Ends watches, lets writes under way finish, takes a snapshot. */
  async close(): Promise<void> {
    this.stopping.abort();
    this.api.close();
    await this.commands.close();
    const late = new Promise<void>((resolve) => setTimeout(resolve, SNAPSHOT_WITHIN_MS).unref());
    await Promise.race([this.projection.close(), late]);
  }
}

/** Whether somebody may have less than before. Sessions are renewed all the time: only those that end count. */
const concernsAccess = ({ type, record: { kind } }: ObjectChange): boolean =>
  kind === 'Role' || kind === 'RoleBinding' || kind === 'User' || (kind === 'Token' && type === 'DELETED');

function assertReady(reason: string | undefined): void {
  if (reason !== undefined) throw new Error(reason);
}

/** By `<apiVersion>/<kind>`: under which kind the log has what is served; what is not in the log is not here. */
function storedKindsOf(
  definitions: readonly ResourceDefinition[],
  others: readonly { definition: ResourceDefinition }[],
  keyring: Keyring | undefined,
): [name: string, kind: string][] {
  const faces = gatewayFaces(keyring);
  const mirrored = new Set(others.map(({ definition }) => definition));
  return definitions
    .filter((each) => !mirrored.has(each))
    .map((each) => [`${apiVersionOf(each)}/${each.kind}`, faces.get(`${each.group}/${each.kind}`)?.kind ?? each.kind]);
}
