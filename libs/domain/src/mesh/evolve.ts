/**
 * The fold of the log into what the mesh controller knows. Deterministic, changes the state in place, never throws on a decoded
 * entry: what is about something that is not there, or of an older epoch, changes nothing.
 */
import {
  type AssignedEndpoint,
  LINK_KIND,
  decisionSubject,
  type Entry,
  type EntryData,
  type LinkSpec,
  observationSubject,
  type Plane,
  type Position,
  type ServiceSpec,
  type ServiceStatus,
  type StoredObject,
  workSubject,
} from '@skyflow/contracts';
import { endpointsHash, sortEndpoints } from './endpoints.js';
import { traceOrigin } from '../objects/trace-life.js';
import { emptyPorts, relet } from './leases.js';
import {
  EXPORT_KIND,
  exportDeleted,
  exportTold,
  exportWritten,
  importDecided,
  refreshExports,
} from './mcs/evolve-exports.js';
import { drop, dropIfOver, giveBack, touch } from './service-ends.js';
import { untouchedRecord } from './service-record.js';
import { type Given, type MeshState, type Participation, primaryOf } from './state.js';

/** Version of the state's form: a snapshot of another version is not used. */
export const MESH_STATE_VERSION = 'mesh-8';

export interface MeshPlace {
  position: Position;
  subject: string;
}

export function evolveMesh(state: MeshState, entry: Entry, place: MeshPlace): MeshState {
  state.position = place.position;
  switch (entry.type) {
    case 'ObjectCreated':
      created(state, entry.data.object, entry.at, place.position);
      traced(state, entry.data.object.metadata.uid, entry);
      break;
    case 'ObjectUpdated':
      updated(state, entry.data.object, entry.at);
      traced(state, entry.data.object.metadata.uid, entry);
      break;
    case 'ObjectDeleted':
      deleted(state, entry.data, entry.at);
      traced(state, entry.data.ref.uid, entry);
      break;
    case 'ObjectReleased':
      released(state, entry.data, place, entry.at);
      break;
    case 'EpochStarted':
      started(state, entry.data.epoch, place);
      break;
    case 'ClusterHealthDecided':
      healthDecided(state, entry.data, entry.at);
      break;
    case 'ServiceStatusDecided':
      statusDecided(state, entry.data);
      break;
    case 'ServiceAssigned':
    case 'EndpointsAssigned':
    case 'ServiceWithdrawn':
      told(state, place.subject.slice(workSubject('').length), entry);
      break;
    case 'ServiceImportDecided':
      importDecided(state, entry.data, place.subject);
      break;
    case 'ExportAssigned':
    case 'ExportWithdrawn':
      exportTold(state, place.subject.slice(workSubject('').length), entry);
      break;
    case 'ExportObserved':
      exportTold(state, place.subject.slice(observationSubject('').length), entry);
      break;
    case 'FeatureLevelRaised':
      // What was held back may be written now.
      everythingDue(state);
      for (const key of state.exports.keys()) state.dueExports.add(key);
      break;
    case 'PeersAssigned':
      peersTold(state, place.subject.slice(workSubject('').length), entry.data);
      break;
    case 'ReachObserved':
      reachObserved(state, place.subject.slice(observationSubject('').length), entry.data);
      break;
    case 'GatewayObserved':
      gatewayObserved(state, place.subject.slice(observationSubject('').length), entry.data);
      break;
    case 'EndpointsObserved':
    case 'ServiceObserved':
    case 'PathObserved':
    case 'ServiceRemoved':
      observed(state, place.subject.slice(observationSubject('').length), entry);
      break;
    default:
      break;
  }
  return state;
}

function created(state: MeshState, object: StoredObject, at: number, position: Position): void {
  const { kind, metadata } = object;
  if (kind === 'Cluster') {
    const { name, uid } = metadata;
    const made = { name, uid, health: 'INIT' as const, healthSince: at, deleting: false };
    state.clusters.set(name, { ...made, gateway: undefined, reaches: new Map(), peers: '[]', ports: emptyPorts() });
    everythingDue(state);
    refreshExports(state, at);
  }
  if (kind === EXPORT_KIND) exportWritten(state, object, at);
  if (kind === LINK_KIND) linkWritten(state, object);
  if (kind !== 'Service') return;
  state.services.set(metadata.uid, {
    ...untouchedRecord(object, position),
    object,
    spec: specOf(object),
    generation: metadata.generation ?? 1,
    deleting: false,
  });
  state.topology += 1;
  state.due.add(metadata.uid);
}

function updated(state: MeshState, object: StoredObject, at: number): void {
  const { namespace = '', name, uid } = object.metadata;
  const isExport = object.kind === EXPORT_KIND;
  // What was deleted and only waits for finalizers exports and links nothing any more.
  if (isExport && state.exports.get(`${namespace}/${name}`)?.object?.metadata.uid === uid) {
    exportWritten(state, object, at);
  }
  if (object.kind === LINK_KIND && state.links.get(name)?.uid === uid) linkWritten(state, object);
  const service = state.services.get(object.metadata.uid);
  if (service === undefined || object.kind !== 'Service') return;
  service.object = object;
  service.spec = specOf(object);
  service.generation = object.metadata.generation ?? service.generation;
  state.topology += 1;
  state.due.add(service.ref.uid);
}

/** What is decided and told from here on comes of this. */
function traced(state: MeshState, uid: string, entry: Entry): void {
  const service = state.services.get(uid);
  if (service !== undefined) service.origin = traceOrigin(entry);
}

function deleted(state: MeshState, { ref, force }: EntryData<'ObjectDeleted'>, at: number): void {
  if (ref.kind === EXPORT_KIND) exportDeleted(state, { ref }, at);
  if (ref.kind === LINK_KIND && state.links.get(ref.name)?.uid === ref.uid) {
    state.links.delete(ref.name);
    everythingDue(state);
  }
  const service = state.services.get(ref.uid);
  if (service !== undefined) {
    if (force === true) drop(state, service, at);
    else service.deleting = true;
    state.topology += 1;
    state.due.add(ref.uid);
  }
  const cluster = ref.kind === 'Cluster' ? state.clusters.get(ref.name) : undefined;
  if (cluster?.uid !== ref.uid) return;
  cluster.deleting = true;
  if (force === true) loseCluster(state, ref.name, at);
  everythingDue(state);
  refreshExports(state, at);
}

function released(
  state: MeshState,
  { epoch, ref }: EntryData<'ObjectReleased'>,
  { subject }: MeshPlace,
  at: number,
): void {
  if (subject === decisionSubject('mesh')) {
    const service = state.services.get(ref.uid);
    if (epoch >= state.epochs.mesh && service !== undefined) drop(state, service, at);
    return;
  }
  if (ref.kind !== 'Cluster' || epoch < state.epochs.scheduler || state.clusters.get(ref.name)?.uid !== ref.uid) return;
  loseCluster(state, ref.name, at);
  everythingDue(state);
  refreshExports(state, at);
}

function started(state: MeshState, epoch: number, { subject }: MeshPlace): void {
  const { epochs } = state;
  if (subject === decisionSubject('mesh')) epochs.mesh = Math.max(epochs.mesh, epoch);
  if (subject === decisionSubject('scheduler')) epochs.scheduler = Math.max(epochs.scheduler, epoch);
}

function healthDecided(state: MeshState, data: EntryData<'ClusterHealthDecided'>, at: number): void {
  const cluster = state.clusters.get(data.cluster);
  if (cluster?.uid !== data.uid || data.epoch < state.epochs.scheduler || cluster.health === data.state) return;
  cluster.health = data.state;
  cluster.healthSince = at;
  everythingDue(state);
}

function statusDecided(state: MeshState, { epoch, ref, status }: EntryData<'ServiceStatusDecided'>): void {
  if (ref.kind === EXPORT_KIND) {
    const book = state.exports.get(`${ref.namespace ?? ''}/${ref.name}`);
    if (book?.object?.metadata.uid === ref.uid && epoch >= state.epochs.mesh) book.status = JSON.stringify(status);
    return;
  }
  const service = state.services.get(ref.uid);
  if (service === undefined || epoch < state.epochs.mesh) return;
  service.status = JSON.stringify(status);
  const { cluster, chosenBecause } = status as unknown as ServiceStatus;
  if (service.chosen !== cluster) state.topology += 1;
  service.chosen = cluster;
  service.chosenBecause = chosenBecause;
  state.due.add(ref.uid);
}

type Told = Extract<Entry, { type: 'ServiceAssigned' | 'EndpointsAssigned' | 'ServiceWithdrawn' }>;

function told(state: MeshState, cluster: string, entry: Told): void {
  const uid = entry.type === 'ServiceAssigned' ? entry.data.object.metadata.uid : entry.data.ref.uid;
  const service = state.services.get(uid);
  if (service === undefined || entry.data.epoch < state.epochs.mesh || !state.clusters.has(cluster)) return;
  const part = service.participants.get(cluster);
  touch(state, service);
  if (entry.type === 'ServiceAssigned') {
    const { primary, object, consumers = [] } = entry.data;
    const keeps = primary && part?.primary === true && !part.withdrawing;
    if (!keeps) giveBack(state, cluster, part, entry.at);
    const next: Participation = {
      primary,
      generation: object.metadata.generation ?? 1,
      given: keeps ? part.given : new Map<string, Given>(),
      consumers,
      withdrawing: false,
    };
    service.participants.set(cluster, next);
    return;
  }
  if (part === undefined) return;
  if (entry.type === 'ServiceWithdrawn') {
    part.withdrawing = true;
    giveBack(state, cluster, part, entry.at);
    return;
  }
  const { source, endpoints, plane = 'flat' } = entry.data;
  const leases = new Map(endpoints.flatMap((each) => (each.leases === undefined ? [] : [[each.uid, each.leases]])));
  const ports = state.clusters.get(cluster)?.ports;
  if (ports !== undefined) relet(ports, part.given.get(source)?.leases.values() ?? [], leases.values(), entry.at);
  if (endpoints.length === 0) part.given.delete(source);
  else part.given.set(source, { hash: givenHash(plane, endpoints), plane, leases });
}

/** Equal for what a primary would be told in the same words. */
export const givenHash = (plane: Plane, endpoints: readonly AssignedEndpoint[]): string =>
  `${plane} ${endpointsHash(endpoints)}`;

function peersTold(state: MeshState, name: string, { epoch, peers }: EntryData<'PeersAssigned'>): void {
  const cluster = state.clusters.get(name);
  if (cluster === undefined || epoch < state.epochs.mesh) return;
  cluster.peers = JSON.stringify(peers);
}

function gatewayObserved(state: MeshState, name: string, data: EntryData<'GatewayObserved'>): void {
  const cluster = state.clusters.get(name);
  if (cluster?.uid !== data.cluster) return;
  cluster.gateway = data;
  everythingDue(state);
}

function reachObserved(state: MeshState, name: string, { peer, ...reached }: EntryData<'ReachObserved'>): void {
  const cluster = state.clusters.get(name);
  if (cluster === undefined) return;
  cluster.reaches.set(peer, reached);
  everythingDue(state);
}

type Observed = Extract<Entry, { type: 'EndpointsObserved' | 'ServiceObserved' | 'PathObserved' | 'ServiceRemoved' }>;

function observed(state: MeshState, cluster: string, { type, at, data }: Observed): void {
  const service = state.services.get(data.ref.uid);
  const part = service?.participants.get(cluster);
  if (service === undefined || part === undefined) return;
  touch(state, service);
  switch (type) {
    case 'EndpointsObserved': {
      const endpoints = sortEndpoints(data.endpoints);
      service.observed.set(cluster, { endpoints, hash: endpointsHash(endpoints), at });
      break;
    }
    case 'ServiceObserved': {
      const { generation, clusterIP, ipFamilies, externalIPs, reason, message } = data;
      service.native = { cluster, generation, clusterIP, ipFamilies, externalIPs, reason, message, at };
      break;
    }
    case 'PathObserved': {
      if (cluster !== primaryOf(service)) break;
      const before = service.paths.get(data.source);
      const since = before?.state === data.state ? before.since : at;
      const { state: reached, message, failing = [] } = data;
      service.paths.set(data.source, { state: reached, message, since, failing });
      break;
    }
    case 'ServiceRemoved':
      // One that crossed with a new assignment means nothing: the agent applies that next.
      if (!part.withdrawing) break;
      service.participants.delete(cluster);
      service.observed.delete(cluster);
      if (service.native?.cluster === cluster) service.native = undefined;
      dropIfOver(state, service, at);
      break;
  }
}

function loseCluster(state: MeshState, name: string, at: number): void {
  state.clusters.delete(name);
  for (const { reaches } of state.clusters.values()) reaches.delete(name);
  for (const service of [...state.services.values()]) {
    if (service.derived?.cluster === name) {
      drop(state, service, at);
      continue;
    }
    service.participants.delete(name);
    service.observed.delete(name);
    service.paths.delete(name);
    if (service.chosen === name) service.chosen = undefined;
    if (service.native?.cluster === name) service.native = undefined;
    dropIfOver(state, service, at);
  }
}

function everythingDue(state: MeshState): void {
  state.topology += 1;
  for (const uid of state.services.keys()) state.due.add(uid);
  for (const key of state.exports.keys()) state.dueExports.add(key);
}

function linkWritten(state: MeshState, object: StoredObject): void {
  const { name, uid } = object.metadata;
  const { from = '', to = '', plane = 'auto' } = (object['spec'] ?? {}) as Partial<LinkSpec>;
  state.links.set(name, { from, to, plane, uid });
  everythingDue(state);
}

/** What is missing in an old or foreign entry is as if left out. */
function specOf(object: StoredObject): ServiceSpec {
  const spec = (object['spec'] ?? {}) as Partial<ServiceSpec>;
  return { cluster: 'auto', type: 'ClusterIP', selector: {}, ports: [], ...spec };
}
