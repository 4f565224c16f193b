/** Rules of one container that need more than one field (pkg/apis/core/validation: validateContainers). */
import {
  duplicateCause,
  forbiddenCause,
  invalidCause,
  notFoundCause,
  requiredCause,
  type StatusCause,
} from '@skyflow/contracts';
import { partAt, partsOf, type Part } from '../defaults/object-parts.js';
import { resourceCauses } from './resource-rules.js';

/** @param volumes names of the pod's volumes */
export function containerCauses(container: Part, path: string, volumes: ReadonlySet<unknown>): StatusCause[] {
  return [
    ...(container.image === undefined || container.image === '' ? [requiredCause(`${path}.image`)] : []),
    ...portCauses(partsOf(container.ports), `${path}.ports`),
    ...envCauses(partsOf(container.env), `${path}.env`),
    ...mountCauses(partsOf(container.volumeMounts), `${path}.volumeMounts`, volumes),
    ...PROBES.flatMap((name) => probeCauses(partAt(container, name), `${path}.${name}`, name)),
    ...resourceCauses(partAt(container, 'resources'), `${path}.resources`),
  ];
}

function portCauses(ports: readonly Part[], path: string): StatusCause[] {
  const taken = new Set<unknown>();
  return ports.flatMap(({ name }, at) => {
    const isTaken = name !== undefined && taken.has(name);
    taken.add(name);
    return isTaken ? [duplicateCause(`${path}[${at}].name`, name)] : [];
  });
}

/** What a variable may say of its pod. */
const FIELD =
  /^(metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['.+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;

function envCauses(variables: readonly Part[], path: string): StatusCause[] {
  return variables.flatMap((variable, at) => {
    const from = partAt(variable, 'valueFrom');
    if (from === undefined) return [];
    const place = `${path}[${at}].valueFrom`;
    if (variable.value !== undefined && variable.value !== '') {
      return [invalidCause(place, '', 'may not be specified when `value` is not empty')];
    }
    const field = partAt(from, 'fieldRef')?.fieldPath;
    if (typeof field !== 'string' || FIELD.test(field)) return [];
    const rule = `error converting fieldPath: field label not supported: ${field}`;
    return [invalidCause(`${place}.fieldRef.fieldPath`, field, rule)];
  });
}

function mountCauses(mounts: readonly Part[], path: string, volumes: ReadonlySet<unknown>): StatusCause[] {
  const causes: StatusCause[] = [];
  const taken = new Set<unknown>();
  for (const [at, { name, mountPath }] of mounts.entries()) {
    if (name !== undefined && !volumes.has(name)) causes.push(notFoundCause(`${path}[${at}].name`, name));
    if (taken.has(mountPath)) causes.push(invalidCause(`${path}[${at}].mountPath`, mountPath, 'must be unique'));
    taken.add(mountPath);
  }
  return causes;
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function probeCauses(probe: Part | undefined, path: string, name: (typeof PROBES)[number]): StatusCause[] {
  if (probe === undefined) return [];
  const handlers = HANDLERS.filter((each) => partAt(probe, each) !== undefined);
  const causes = handlers
    .slice(1)
    .map((each) => forbiddenCause(`${path}.${each}`, 'may not specify more than 1 handler type'));
  if (handlers.length === 0) causes.push(requiredCause(path, 'must specify a handler type'));
  const { successThreshold } = probe;
  // A container that is alive once is alive.
  if (name !== 'readinessProbe' && typeof successThreshold === 'number' && successThreshold > 1) {
    causes.push(invalidCause(`${path}.successThreshold`, successThreshold, 'must be 1'));
  }
  return causes;
}
