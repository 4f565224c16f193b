/**
 * Rules of a pod's spec that need more than one field (pkg/apis/core/validation: ValidatePodSpec). What one field says by itself
 * is in the schema.
 */
import {
  brokenNameRule,
  duplicateCause,
  forbiddenCause,
  invalidCause,
  requiredCause,
  type StatusCause,
} from '@skyflow/contracts';
import { partAt, partsOf, type Part } from '../defaults/object-parts.js';
import { containerCauses } from './container-rules.js';

/**
 * @param path of the spec in its object, e.g. `spec.template.spec`
 * @param claims names of volumes that come from elsewhere: a stateful set's claim templates
 */
export function podSpecCauses(spec: Part, path: string, claims: readonly unknown[] = []): StatusCause[] {
  const volumes = partsOf(spec.volumes);
  const volumeNames = new Set([...volumes.map(({ name }) => name), ...claims]);
  const causes = volumeCauses(volumes, `${path}.volumes`);
  const containers = partsOf(spec.containers);
  if (containers.length === 0) causes.push(requiredCause(`${path}.containers`));
  const taken = new Set<unknown>();
  for (const [field, list] of [
    ['containers', containers],
    ['initContainers', partsOf(spec.initContainers)],
  ] as const) {
    for (const [at, container] of list.entries()) {
      const place = `${path}.${field}[${at}]`;
      if (taken.has(container.name)) causes.push(duplicateCause(`${place}.name`, container.name));
      taken.add(container.name);
      causes.push(...containerCauses(container, place, volumeNames));
    }
  }
  for (const [at, toleration] of partsOf(spec.tolerations).entries()) {
    if (toleration.operator !== 'Exists' || !toleration.value) continue;
    const rule = "value must be empty when `operator` is 'Exists'";
    causes.push(invalidCause(`${path}.tolerations[${at}].operator`, toleration.value, rule));
  }
  if (typeof spec.hostname === 'string' && spec.hostname !== '') {
    const broken = brokenNameRule(spec.hostname, 'dns1123-label');
    if (broken !== undefined) causes.push(invalidCause(`${path}.hostname`, spec.hostname, broken));
  }
  if (spec.dnsPolicy === 'None' && partsOf([spec.dnsConfig]).length === 0) {
    causes.push(requiredCause(`${path}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None'));
  }
  return causes;
}

/** In the order in which the API server looks for them: the second one found is one too many. */
const SOURCES = [
  ...['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi'],
  ...['glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'azureFile'],
  ...['vsphereVolume', 'configMap', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image'],
];

function volumeCauses(volumes: readonly Part[], path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const taken = new Set<unknown>();
  for (const [at, volume] of volumes.entries()) {
    if (taken.has(volume.name)) causes.push(duplicateCause(`${path}[${at}].name`, volume.name));
    taken.add(volume.name);
    for (const source of SOURCES.filter((each) => partAt(volume, each) !== undefined).slice(1)) {
      causes.push(forbiddenCause(`${path}[${at}].${source}`, 'may not specify more than 1 volume type'));
    }
  }
  return causes;
}
