/** `skyctl create cluster NAME --provision …`: what is to be built, from flags as typed. Pure; a file of hosts is passed in as it was read. */
import {
  CLUSTER_DRIVERS,
  type CloudProvider,
  type ClusterDriver,
  CLOUD_PROVIDERS,
  NODE_ROLES,
  type ProvisionCloud,
  type ProvisionHost,
  type ProvisionSpec,
} from '@skyflow/contracts';
import { type FlagProblems, splitCommas } from '../workloads/flags.js';
import { provisionProblems } from './provision-problems.js';

export interface ProvisionFlags {
  /** The document in the file of hosts: `{hosts: […], ssh: {…}}`, or the list alone. */
  hosts?: unknown;
  /** Clouds, or `any`. */
  cloud?: readonly string[];
  region?: string;
  zone?: string;
  numNodes?: string;
  minNodes?: string;
  maxNodes?: string;
  maxHourly?: string;
  /** Seconds. */
  scaleDownAfter?: number;
  cpus?: string;
  /** GiB, or with a unit. */
  memory?: string;
  accelerators?: string;
  /** GiB. */
  diskSize?: string;
  ports?: readonly string[];
  spot?: boolean;
  driver?: string;
  kubernetesVersion?: string;
  sshKey?: string;
  podCidr?: string;
  serviceCidr?: string;
  retain?: boolean;
}

const ANY = 'any';
const CLOUD_RULE = `must be one of ${CLOUD_PROVIDERS.join(', ')}, or ${ANY}`;
const HOSTS_EXAMPLE = 'hosts: [{address: 10.0.0.5, user: ubuntu, keyPath: /home/me/.ssh/id_ed25519}]';

/** Problems go to `problems`; the result is of use only if there are none. */
export function provisionFromFlags(flags: ProvisionFlags, problems: FlagProblems): ProvisionSpec {
  const { podCidr, serviceCidr, kubernetesVersion } = flags;
  const file = flags.hosts === undefined ? undefined : hostsOf(flags.hosts, problems);
  const keyPath = flags.sshKey ?? file?.ssh?.keyPath;
  const ssh = { ...file?.ssh, ...(keyPath === undefined ? {} : { keyPath }) };
  const network = {
    ...(podCidr === undefined ? {} : { podCidr }),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
  };
  const clouds = splitCommas(flags.cloud);
  if (file === undefined && clouds.length === 0) {
    problems.add('--provision', '', `needs --hosts FILE, or --cloud with one of ${CLOUD_PROVIDERS.join(', ')}`);
  }
  if (file !== undefined && clouds.length > 0) problems.add('--cloud', clouds.join(','), 'excludes --hosts');
  if (file !== undefined && clouds.length === 0) strayOf(flags, problems);
  if (file === undefined && flags.sshKey !== undefined) {
    problems.add('--ssh-key', flags.sshKey, 'is for hosts (--hosts, --host): rented machines get a key of their own');
  }
  const spec: ProvisionSpec = {
    driver: driverOf(flags.driver ?? 'rke', problems),
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...(file === undefined ? {} : { hosts: file.hosts }),
    ...(clouds.length === 0 ? {} : { cloud: cloudOf(flags, clouds, problems) }),
    ...(Object.keys(ssh).length === 0 ? {} : { ssh }),
    ...(Object.keys(network).length === 0 ? {} : { network }),
    ...(flags.retain === true ? { deletionPolicy: 'Retain' } : {}),
  };
  if (problems.list.length > 0) return spec;
  for (const { field, value, rule } of provisionProblems(spec)) {
    problems.add(flagOf(field), typeof value === 'string' ? value : JSON.stringify(value), rule);
  }
  return spec;
}

/** What is said of machines to rent, where there are hosts, would be left out without a word. */
function strayOf(flags: ProvisionFlags, problems: FlagProblems): void {
  const { region, zone, numNodes, minNodes, maxNodes, maxHourly, scaleDownAfter, cpus, memory } = flags;
  const { accelerators, diskSize, ports, spot } = flags;
  const given = {
    ...{ region, zone, 'num-nodes': numNodes, 'min-nodes': minNodes, 'max-nodes': maxNodes, 'max-hourly': maxHourly },
    ...{ 'scale-down-after': scaleDownAfter, cpus, memory, accelerators, 'disk-size': diskSize },
    ...{ ports: ports?.join(','), spot },
  };
  for (const [flag, value] of Object.entries(given)) {
    if (value === undefined || LABELS_OF_HOSTS.includes(flag)) continue;
    problems.add(`--${flag}`, String(value), 'is of machines that are rented (--cloud); hosts are as they are');
  }
}

/** These say where hosts are, too. */
const LABELS_OF_HOSTS: readonly string[] = ['region', 'zone'];

function driverOf(text: string, problems: FlagProblems): ClusterDriver {
  const found = CLUSTER_DRIVERS.find((driver) => driver === text);
  if (found === undefined) problems.add('--driver', text, `must be one of ${CLUSTER_DRIVERS.join(', ')}`);
  return found ?? 'rke';
}

/** `any` is every cloud that there is now. */
function providersOf(texts: readonly string[], problems: FlagProblems): CloudProvider[] {
  return texts.flatMap((text) => {
    // What this workstation has costs nothing, and is no cloud.
    if (text === ANY) return CLOUD_PROVIDERS.filter((each) => each !== 'docker');
    const found = CLOUD_PROVIDERS.find((cloud) => cloud === text);
    if (found === undefined) problems.add('--cloud', text, CLOUD_RULE);
    return found ?? [];
  });
}

function cloudOf(flags: ProvisionFlags, clouds: readonly string[], problems: FlagProblems): ProvisionCloud {
  const [provider = 'aws', ...alternatives] = new Set(providersOf(clouds, problems));
  const { region, zone, accelerators, diskSize, spot } = flags;
  const ports = new Set(splitCommas(flags.ports).map((port) => problems.wholeNumber('--ports', port, 1, 65_535) ?? 0));
  return {
    provider,
    ...(alternatives.length === 0 ? {} : { alternatives }),
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    nodes: problems.wholeNumber('--num-nodes', flags.numNodes ?? flags.minNodes ?? '1', 0, 500) ?? 1,
    cpus: numberOf('--cpus', flags.cpus ?? '4', problems),
    memoryGiB: gibOf('--memory', flags.memory ?? '16', problems),
    ...(accelerators === undefined ? {} : { accelerators }),
    ...(diskSize === undefined ? {} : { diskGiB: gibOf('--disk-size', diskSize, problems) }),
    ...(ports.size === 0 ? {} : { ports: [...ports] }),
    ...(spot === true ? { spot: true } : {}),
    ...autoscaleOf(flags, problems),
  };
}

function autoscaleOf(flags: ProvisionFlags, problems: FlagProblems): Pick<ProvisionCloud, 'autoscale'> {
  const { minNodes, maxNodes, maxHourly, scaleDownAfter } = flags;
  if (maxNodes === undefined) {
    const stray = Object.entries({
      'min-nodes': minNodes,
      'max-hourly': maxHourly,
      'scale-down-after': scaleDownAfter,
    });
    for (const [flag, value] of stray) {
      if (value !== undefined) problems.add(`--${flag}`, String(value), 'needs --max-nodes');
    }
    return {};
  }
  return {
    autoscale: {
      minNodes: problems.wholeNumber('--min-nodes', minNodes ?? '1', 0, 500) ?? 1,
      maxNodes: problems.wholeNumber('--max-nodes', maxNodes, 1, 500) ?? 1,
      ...(maxHourly === undefined ? {} : { maxHourly: numberOf('--max-hourly', maxHourly, problems) }),
      ...(scaleDownAfter === undefined ? {} : { scaleDownAfterSeconds: scaleDownAfter }),
    },
  };
}

function numberOf(flag: string, text: string, problems: FlagProblems): number {
  const number = /^\d{1,6}(\.\d+)?\+?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (number > 0) return number;
  problems.add(flag, text, 'must be a number more than 0, up to 999999');
  return 0;
}

function gibOf(flag: string, text: string, problems: FlagProblems): number {
  const [, amount = '', unit = 'Gi'] = /^(\d{1,6}(?:\.\d+)?)(Mi|Gi|Ti|G|GB)?\+?$/.exec(text) ?? [];
  const factor: Record<string, number> = { Mi: 1 / 1024, Gi: 1, G: 1, GB: 1, Ti: 1024 };
  if (amount !== '' && Number(amount) > 0) return Number(amount) * (factor[unit] ?? 1);
  problems.add(flag, text, 'must be an amount up to 999999: GiB, or with a unit: 32, 32Gi, 512Mi');
  return 0;
}

interface HostsFile {
  hosts: ProvisionHost[];
  ssh?: ProvisionSpec['ssh'];
}

function hostsOf(document: unknown, problems: FlagProblems): HostsFile {
  const file = Array.isArray(document) ? { hosts: document as unknown } : document;
  const list = isObject(file) ? file['hosts'] : undefined;
  if (!isObject(file) || !Array.isArray(list)) {
    problems.add(
      '--hosts',
      JSON.stringify(document).slice(0, MOST_SHOWN),
      `must be a YAML file like "${HOSTS_EXAMPLE}"`,
    );
    return { hosts: [] };
  }
  checkFields(file, ['hosts', 'ssh'], '', problems);
  list.forEach((host: unknown, index) => {
    const where = `hosts[${String(index)}]`;
    if (!isObject(host)) problems.add('--hosts', where, 'must be a map with address and user');
    else checkFields(host, HOST_FIELDS, `${where}.`, problems);
  });
  const { ssh } = file;
  if (ssh !== undefined && !isObject(ssh)) {
    problems.add('--hosts ssh', JSON.stringify(ssh), 'must be a map: "ssh: {keyPath: /home/me/.ssh/id_ed25519}"');
  }
  return { hosts: list as ProvisionHost[], ...(isObject(ssh) ? { ssh } : {}) };
}

const MOST_SHOWN = 60;

const HOST_FIELDS = [
  'address',
  'port',
  'user',
  'keyPath',
  'hostKey',
  'internalAddress',
  'roles',
  'labels',
  'dockerSocket',
];
const TEXT_FIELDS = ['address', 'user', 'keyPath', 'hostKey', 'internalAddress', 'dockerSocket'];

/** A mistyped field would be left out without a word. */
function checkFields(
  map: Record<string, unknown>,
  known: readonly string[],
  path: string,
  problems: FlagProblems,
): void {
  for (const [field, value] of Object.entries(map)) {
    if (!known.includes(field))
      problems.add('--hosts', `${path}${field}`, `is no field; there are ${known.join(', ')}`);
    else if (TEXT_FIELDS.includes(field) && typeof value !== 'string') {
      problems.add(`--hosts ${path}${field}`, JSON.stringify(value), 'must be text; write it in quotes');
    } else if (field === 'roles') checkRoles(value, `${path}${field}`, problems);
  }
  for (const field of known === HOST_FIELDS ? ['address', 'user'] : []) {
    if (map[field] === undefined) problems.add('--hosts', `${path}${field}`, `is missing; as in "${HOSTS_EXAMPLE}"`);
  }
}

function checkRoles(roles: unknown, path: string, problems: FlagProblems): void {
  const isRight = Array.isArray(roles) && roles.every((role) => NODE_ROLES.some((known) => known === role));
  if (isRight) return;
  problems.add(`--hosts ${path}`, JSON.stringify(roles), `must be a list of some of ${NODE_ROLES.join(', ')}`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The flag that a field of the spec comes from. */
function flagOf(field: string): string {
  if (field.startsWith('hosts') || field.startsWith('ssh.bastion')) return `--hosts ${field}`;
  const flags: Record<string, string> = {
    kubernetesVersion: '--kubernetes-version',
    'network.podCidr': '--pod-cidr',
    'network.serviceCidr': '--service-cidr',
    'cloud.nodes': '--num-nodes',
    'cloud.autoscale.minNodes': '--min-nodes',
    'cloud.autoscale.maxNodes': '--max-nodes',
    'cloud.autoscale.maxHourly': '--max-hourly',
    'cloud.autoscale.scaleDownAfterSeconds': '--scale-down-after',
    'cloud.cpus': '--cpus',
    'cloud.memoryGiB': '--memory',
    'cloud.diskGiB': '--disk-size',
    'cloud.accelerators': '--accelerators',
  };
  return flags[field] ?? `--${field}`;
}
