/** Conditional defaults of pods. Source: pkg/apis/core/v1/defaults.go, SetDefaults_Pod, _PodSpec, _Container, _Volume. */
import { partAt, partsOf, setDefault, type Part } from './object-parts.js';

/** A Pod; of templates {@link completePodSpec} alone. */
export function completePod(object: object): void {
  const spec = partAt(object, 'spec');
  if (spec === undefined) return;
  completePodSpec(spec);
  setDefault(spec, 'enableServiceLinks', true);
  for (const container of containersOf(spec)) {
    requestWhatIsLimited(container);
    if (spec.hostNetwork !== true) continue;
    for (const port of partsOf(container.ports)) port.hostPort ||= port.containerPort;
  }
}

export function completePodSpec(spec: Part | undefined): void {
  if (spec === undefined) return;
  for (const container of containersOf(spec)) completeContainer(container);
  for (const volume of partsOf(spec.volumes)) completeVolume(volume);
  // Two names for one thing; upstream keeps both in step.
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account === undefined || account === null || account === '') return;
  setDefault(spec, 'serviceAccountName', account);
  setDefault(spec, 'serviceAccount', account);
}

const containersOf = (spec: Part): Part[] => [
  ...partsOf(spec.initContainers),
  ...partsOf(spec.containers),
  ...partsOf(spec.ephemeralContainers),
];

function completeContainer(container: Part): void {
  container.imagePullPolicy ||= isLatest(container.image) ? 'Always' : 'IfNotPresent';
  for (const name of PROBES) completeProbe(partAt(container, name));
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const PROBE_DEFAULTS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

/** Zero is Go's way to say absent here; absent ones the schema has filled in. */
function completeProbe(probe: Part | undefined): void {
  if (probe === undefined) return;
  for (const [field, value] of Object.entries(PROBE_DEFAULTS)) if (probe[field] === 0) probe[field] = value;
}

/** No tag means latest; a digest means exactly that image. */
function isLatest(image: unknown): boolean {
  if (typeof image !== 'string' || image === '' || image.includes('@')) return false;
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest';
}

/** A volume without a source is an emptyDir. */
function completeVolume(volume: Part): void {
  const hasSource = Object.keys(volume).some((field) => field !== 'name' && volume[field] !== null);
  if (!hasSource) volume.emptyDir = {};
}

function requestWhatIsLimited(container: Part): void {
  const resources = partAt(container, 'resources');
  const limits = partAt(resources, 'limits');
  if (resources === undefined || limits === undefined) return;
  setDefault(resources, 'requests', {});
  const requests = partAt(resources, 'requests');
  if (requests === undefined) return;
  for (const [resource, limit] of Object.entries(limits)) setDefault(requests, resource, limit);
}
