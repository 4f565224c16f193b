/** What is wrong with what a user asks to be built; the same rules for the command line and the API. Pure. */
import {
  type ClusterDriver,
  NODE_ROLES,
  PROVISION_REQUESTS,
  type ProvisionAutoscale,
  type ProvisionHost,
  type ProvisionSpec,
} from '@skyflow/contracts';
import { cidrRange, overlaps } from './cidr.js';
import { counted } from './counted.js';
import { cloudsOf } from './offers.js';
import { hostKeyOf } from './state.js';

export interface ProvisionProblem {
  /** Below spec.provision: `hosts[0].address`. */
  field: string;
  value: unknown;
  /** What is right, and the way out. */
  rule: string;
}

const LARGEST_PORT = 65_535;
/** A public key as known_hosts has it. */
const HOST_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}$/;
const USER = /^[a-z_][a-z0-9_.-]{0,31}\$?$/i;
const ADDRESS = /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/;
const ACCELERATORS = /^[A-Za-z0-9-]+(:[1-9]\d{0,2})?$/;
/** As each driver names what it can install; that of another it would only miss when the hosts are taken. */
const VERSIONS: Readonly<Record<ClusterDriver, { is: RegExp; such: string }>> = {
  rke: { is: /^v1\.\d+\.\d+-rancher\d+-\d+$/, such: 'v1.28.12-rancher1-1' },
  k3s: { is: /^v1\.\d+\.\d+(-rc\d+)?\+k3s\d+$/, such: 'v1.31.4+k3s1' },
  rke2: { is: /^v1\.\d+\.\d+(-rc\d+)?\+rke2r\d+$/, such: 'v1.31.4+rke2r1' },
};

/** As Kubernetes has them: a part of a name, with a DNS name before it in keys. */
const LABEL_PART = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_PREFIX = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export function provisionProblems(spec: ProvisionSpec): ProvisionProblem[] {
  const problems: ProvisionProblem[] = [];
  const add = (field: string, value: unknown, rule: string): void => void problems.push({ field, value, rule });
  if ((spec.hosts === undefined) === (spec.cloud === undefined)) {
    add('hosts', spec.hosts?.length ?? null, 'give either hosts (machines that are there) or cloud (machines to rent)');
  }
  versionProblems(spec, add);
  if (spec.hosts !== undefined) hostProblems(spec.hosts, spec.ssh?.keyPath, add);
  if (spec.ssh !== undefined) bastionProblems(spec.ssh, add);
  if (spec.ssh?.keyPath !== undefined) pathProblems(spec.ssh.keyPath, 'ssh.keyPath', add);
  if (spec.cloud !== undefined) cloudProblems(spec.cloud, add);
  if (spec.cloud !== undefined && cloudsOf(spec.cloud).includes('docker') && (spec.driver ?? 'rke') === 'rke') {
    add(
      'driver',
      spec.driver ?? 'rke',
      'must be k3s or rke2 on machines of docker: they have no Docker inside, which rke needs',
    );
  }
  networkProblems(spec.network ?? {}, mostMachines(spec), add);
  requestProblems(spec, add);
  return problems;
}

function versionProblems({ kubernetesVersion, driver = 'rke' }: ProvisionSpec, add: Add): void {
  if (kubernetesVersion === undefined || !Object.hasOwn(VERSIONS, driver)) return;
  const { is, such } = VERSIONS[driver];
  if (is.test(kubernetesVersion)) return;
  add('kubernetesVersion', kubernetesVersion, `must be a version as ${driver} names it, such as ${such}`);
}

type Add = (field: string, value: unknown, rule: string) => void;

function hostProblems(hosts: readonly ProvisionHost[], keyPath: string | undefined, add: Add): void {
  if (hosts.length === 0) add('hosts', 0, 'needs at least one host');
  const seen = new Map<string, number>();
  hosts.forEach((host, index) => {
    const field = `hosts[${String(index)}]`;
    machineProblems(host, field, add);
    const before = seen.get(hostKeyOf(host));
    if (before !== undefined) add(`${field}.address`, host.address, `is host ${String(before)} already; name it once`);
    else seen.set(hostKeyOf(host), index);
    keyProblems(host.keyPath, keyPath, field, add);
    const { roles } = host;
    labelProblems(host.labels ?? {}, `${field}.labels`, add);
    if (roles?.length === 0) add(`${field}.roles`, [], `must name some of ${NODE_ROLES.join(', ')}, or be left out`);
    if (roles !== undefined && new Set(roles).size < roles.length) add(`${field}.roles`, roles, 'names a role twice');
  });
  for (const role of ['controlplane', 'etcd'] as const) {
    if (hosts.length > 0 && !hosts.some(({ roles = NODE_ROLES }) => roles.includes(role))) {
      add('hosts', hosts.length, `one of them must have the role ${role}; without roles a host has all three`);
    }
  }
}

function bastionProblems({ bastion, keyPath }: NonNullable<ProvisionSpec['ssh']>, add: Add): void {
  if (bastion === undefined) return;
  machineProblems(bastion, 'ssh.bastion', add);
  keyProblems(bastion.keyPath, keyPath, 'ssh.bastion', add);
}

/** Its file is read by the provisioner, which is in another folder and has another home than whoever wrote this. */
function keyProblems(own: string | undefined, ofAll: string | undefined, field: string, add: Add): void {
  if (own === undefined && ofAll === undefined) {
    add(`${field}.keyPath`, null, 'needs a private key file here, or one for all in ssh.keyPath');
  }
  if (own !== undefined) pathProblems(own, `${field}.keyPath`, add);
}

function pathProblems(path: string, field: string, add: Add): void {
  if (path.startsWith('/')) return;
  add(field, path, 'must be a whole path on the machine of the provisioner, such as /home/me/.ssh/id_ed25519');
}

/** The node would be refused, long after the machine was made ready. */
function labelProblems(labels: Readonly<Record<string, string>>, field: string, add: Add): void {
  for (const [key, value] of Object.entries(labels)) {
    const parts = key.split('/');
    const isKey =
      LABEL_PART.test(parts.at(-1) ?? '') &&
      (parts.length === 1 || (parts.length === 2 && LABEL_PREFIX.test(parts[0] ?? '')));
    if (!isKey)
      add(field, key, 'must be a key of a label: letters, digits, "-", "_", ".", with example.com/ before it or not');
    if (value !== '' && !LABEL_PART.test(value)) {
      add(`${field}[${key}]`, value, 'must be the value of a label: at most 63 letters, digits, "-", "_", "."');
    }
  }
}

function machineProblems(
  { address, port, user, hostKey }: Pick<ProvisionHost, 'address' | 'port' | 'user' | 'hostKey'>,
  field: string,
  add: Add,
): void {
  if (!ADDRESS.test(address)) add(`${field}.address`, address, 'must be a host name or an IP address');
  if (port !== undefined && (port < 1 || port > LARGEST_PORT)) add(`${field}.port`, port, 'must be from 1 to 65535');
  if (!USER.test(user)) add(`${field}.user`, user, 'must be the name of a user, such as ubuntu');
  if (hostKey !== undefined && !HOST_KEY.test(hostKey)) {
    add(`${field}.hostKey`, hostKey, 'must be a public key as ssh-keyscan prints it: ssh-ed25519 AAAA…');
  }
}

function cloudProblems(cloud: NonNullable<ProvisionSpec['cloud']>, add: Add): void {
  const { provider, alternatives = [], nodes, cpus, memoryGiB, accelerators, diskGiB, ports = [] } = cloud;
  if (new Set([provider, ...alternatives]).size <= alternatives.length) {
    add(
      'cloud.alternatives',
      alternatives,
      `names a cloud twice, or ${provider}, which is cloud.provider; name each once`,
    );
  }
  if (cloud.autoscale === undefined && (nodes < 1 || nodes > 500)) {
    add(
      'cloud.nodes',
      nodes,
      'must be from 1 to 500; 0 needs autoscale with minNodes 0 (--min-nodes 0 --max-nodes N): it is built on demand',
    );
  }
  if (cpus <= 0) add('cloud.cpus', cpus, 'must be more than 0');
  if (memoryGiB <= 0) add('cloud.memoryGiB', memoryGiB, 'must be more than 0');
  if (diskGiB !== undefined && diskGiB < 10) add('cloud.diskGiB', diskGiB, 'must be at least 10: the images need it');
  if (accelerators !== undefined && !ACCELERATORS.test(accelerators)) {
    add('cloud.accelerators', accelerators, 'must be TYPE:COUNT with a count of at least 1, such as T4:1');
  }
  if (cloud.autoscale !== undefined) autoscaleProblems(cloud.autoscale, add);
  const { minNodes = nodes, maxNodes = nodes } = cloud.autoscale ?? {};
  if (minNodes <= maxNodes && (nodes < minNodes || nodes > maxNodes)) {
    add('cloud.nodes', nodes, `must be from ${String(minNodes)} to ${String(maxNodes)}, as cloud.autoscale says`);
  }
  ports.forEach((port, index) => {
    if (port < 1 || port > LARGEST_PORT) add(`cloud.ports[${String(index)}]`, port, 'must be from 1 to 65535');
  });
}

function autoscaleProblems(
  { minNodes, maxNodes, maxHourly, scaleDownAfterSeconds }: ProvisionAutoscale,
  add: Add,
): void {
  if (minNodes < 0 || minNodes > 500) {
    add('cloud.autoscale.minNodes', minNodes, 'must be from 0 to 500; 0: the whole cluster is built on demand');
  }
  const least = Math.max(1, minNodes);
  if (maxNodes < least || maxNodes > 500) {
    const from = minNodes < 1 ? '1' : `minNodes, ${String(minNodes)},`;
    add('cloud.autoscale.maxNodes', maxNodes, `must be from ${from} to 500`);
  }
  if (maxHourly !== undefined && maxHourly <= 0) add('cloud.autoscale.maxHourly', maxHourly, 'must be more than 0');
  if (scaleDownAfterSeconds !== undefined && scaleDownAfterSeconds < 1) {
    add('cloud.autoscale.scaleDownAfterSeconds', scaleDownAfterSeconds, 'must be at least 1');
  }
}

function requestProblems(spec: ProvisionSpec, add: Add): void {
  for (const name of PROVISION_REQUESTS) {
    const generation = spec[name]?.generation;
    if (generation === undefined || (Number.isInteger(generation) && generation >= 0)) continue;
    add(`${name}.generation`, generation, 'must be a whole number, 0 or more; raise it by one to ask again');
  }
}

const mostMachines = ({ hosts = [], cloud }: ProvisionSpec): number =>
  cloud === undefined ? hosts.length : Math.max(cloud.nodes, cloud.autoscale?.maxNodes ?? 0);

/** Prefixes that Kubernetes takes: each node has a /24 of the pods, of at most 2^16; the DNS service has the tenth address of the services, of at most 2^20. */
const NODE_PREFIX = 24;
const LEAST_POD_PREFIX = 8;
const SERVICE_PREFIXES = { least: 12, most: 28 };

function sizeProblems(
  { podCidr, serviceCidr }: NonNullable<ProvisionSpec['network']>,
  machines: number,
  add: Add,
): void {
  const most = NODE_PREFIX - Math.ceil(Math.log2(Math.max(1, machines)));
  const pods = prefixOf(podCidr);
  if (pods !== undefined && (pods < LEAST_POD_PREFIX || pods > most)) {
    const rule = `must be from /${String(LEAST_POD_PREFIX)} to /${String(most)}: each of ${counted(machines, 'machine')} has a /24 of it`;
    add('network.podCidr', podCidr, rule);
  }
  const services = prefixOf(serviceCidr);
  const { least, most: mostOfServices } = SERVICE_PREFIXES;
  if (services !== undefined && (services < least || services > mostOfServices)) {
    add('network.serviceCidr', serviceCidr, `must be from /${String(least)} to /${String(mostOfServices)}`);
  }
}

/** Undefined for what is no range. */
const prefixOf = (cidr: string | undefined): number | undefined =>
  cidr === undefined || cidrRange(cidr) === undefined ? undefined : Number(cidr.split('/')[1]);

function networkProblems(network: NonNullable<ProvisionSpec['network']>, machines: number, add: Add): void {
  const { podCidr, serviceCidr } = network;
  sizeProblems(network, machines, add);
  for (const [field, cidr] of Object.entries({ podCidr, serviceCidr })) {
    if (cidr !== undefined && cidrRange(cidr) === undefined) {
      add(`network.${field}`, cidr, 'must be an IPv4 range whose host bits are zero, such as 10.42.0.0/16');
    }
  }
  if (podCidr !== undefined && serviceCidr !== undefined && overlaps(podCidr, serviceCidr)) {
    add('network.serviceCidr', serviceCidr, `must not overlap podCidr ${podCidr}`);
  }
}
