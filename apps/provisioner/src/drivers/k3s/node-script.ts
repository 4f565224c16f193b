/** What is done on a host: shell that may be run again and again, and at any moment be cut off. Runs as root. */
import { stringify } from 'yaml';
import type { DriverCluster, DriverNode } from '../cluster-driver.js';
import type { Flavour } from './flavours.js';
import type { K3sState } from './k3s-state.js';

const TOLD_EVERY_S = 5;
/** Exit code for a host that has another authority than the cluster. */
export const FOREIGN_EXIT = 78;

/** Serves one at a time on a host, also when a killed one still runs there. */
export const BEGIN = [
  'set -eu',
  'umask 077',
  // Where the programs are installed, which is not in sudo's path everywhere (RHEL).
  'PATH="$PATH:/usr/local/bin"',
  'exec 9>/run/skyflow-node.lock',
  'flock -w 600 9',
  // Whole or not there.
  'put() { mkdir -p "$(dirname "$1")"; base64 -d >"$1.skyflow"; mv "$1.skyflow" "$1"; }',
  'say() { echo "skyflow: $*"; }',
];

const put = (path: string, text: string): string[] => [
  `put ${path} <<'SKYFLOW'`,
  ...(Buffer.from(text)
    .toString('base64')
    .match(/.{1,76}/g) ?? []),
  'SKYFLOW',
];

export const isServer = ({ roles }: Pick<DriverNode, 'roles'>): boolean => roles.includes('controlplane');

export function installScript(
  flavour: Flavour,
  cluster: DriverCluster,
  node: DriverNode,
  state: K3sState,
  readyS: number,
): string {
  const kind = isServer(node) ? 'server' : 'agent';
  const unit = isServer(node) ? flavour.server : flavour.agent;
  const first = firstServer(cluster);
  return [
    ...BEGIN,
    `say '[${kind}] ${node.name}: files'`,
    ...(node.name === first.name ? authorityLines(flavour, state) : []),
    ...put(`${flavour.configFolder}/config.yaml`, configYaml(flavour, cluster, node, state)),
    `say '[${kind}] ${node.name}: program'`,
    ...flavour.install(kind, cluster.kubernetesVersion),
    `say '[${kind}] ${node.name}: service'`,
    'systemctl daemon-reload',
    `systemctl enable ${unit} >/dev/null 2>&1`,
    // A start that fails says why below.
    `systemctl restart ${unit} || true`,
    ...waitLines(flavour, node, unit, readyS),
    `say '[${kind}] ${node.name}: done'`,
    '',
  ].join('\n');
}

/** Another authority on the host means another cluster: it is not touched. */
function authorityLines({ tlsFolder }: Flavour, { authorities, serviceKey }: K3sState): string[] {
  const own = authorities['server-ca']?.certificate ?? '';
  return [
    `if [ -e ${tlsFolder}/server-ca.crt ]; then`,
    ...put('/run/skyflow-own-ca', own),
    `  cmp -s /run/skyflow-own-ca ${tlsFolder}/server-ca.crt || { say 'another authority is in ${tlsFolder}'; exit ${String(FOREIGN_EXIT)}; }`,
    'else',
    ...Object.entries(authorities)
      // That by which a whole set is known comes last.
      .sort(([a], [b]) => Number(a === 'server-ca') - Number(b === 'server-ca'))
      .flatMap(([name, { certificate, privateKey }]) => [
        ...put(`${tlsFolder}/${name}.key`, privateKey),
        ...put(`${tlsFolder}/${name}.crt`, certificate),
      ]),
    ...put(`${tlsFolder}/service.key`, serviceKey),
    'fi',
  ];
}

export function firstServer({ nodes }: DriverCluster): DriverNode {
  const first = nodes.find(isServer);
  if (first === undefined) throw new Error('a cluster without a control plane was planned');
  return first;
}

function configYaml(flavour: Flavour, cluster: DriverCluster, node: DriverNode, { token }: K3sState): string {
  const first = firstServer(cluster);
  const servers = cluster.nodes.filter(isServer);
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  const ofServers = {
    ...(flavour.name === 'k3s' && node.name === first.name ? { 'cluster-init': true } : {}),
    'tls-san': servers.flatMap(({ address, internalAddress }) => [
      address,
      ...(internalAddress === undefined ? [] : [internalAddress]),
    ]),
    'cluster-cidr': cluster.podCidr,
    'service-cidr': cluster.serviceCidr,
    ...(node.roles.includes('worker')
      ? {}
      : { 'node-taint': ['node-role.kubernetes.io/control-plane=true:NoSchedule'] }),
  };
  return stringify({
    token,
    ...(node.name === first.name
      ? {}
      : { server: `https://${first.internalAddress ?? first.address}:${String(flavour.joinPort)}` }),
    'node-name': node.name,
    ...(node.internalAddress === undefined ? {} : { 'node-ip': node.internalAddress }),
    ...(labels.length === 0 ? {} : { 'node-label': labels }),
    ...(isServer(node) ? ofServers : {}),
  });
}

/** Until it is ready, or says why it is not. Whoever does not hear it any more is not waited for: what it prints ends it, and lets go of the host. */
export function waitLines(flavour: Flavour, node: DriverNode, unit: string, readyS: number): string[] {
  const isReady = isServer(node)
    ? `${flavour.kubectl} get --raw /readyz >/dev/null 2>&1`
    : `systemctl is-active --quiet ${unit}`;
  return [
    'waited=0',
    `until ${isReady}; do`,
    '  waited=$((waited + 1))',
    `  if [ "$waited" -gt ${String(readyS)} ]; then`,
    `    journalctl -u ${unit} -n 30 --no-pager || true`,
    `    say '${unit} is not ready'`,
    '    exit 1',
    '  fi',
    `  [ "$((waited % ${String(TOLD_EVERY_S)}))" != 0 ] || say "${unit} is waited for since $waited s"`,
    '  sleep 1',
    'done',
  ];
}

/** Also of what is half installed. */
export const removeScript = ({ uninstallers, configFolder, server, agent }: Flavour, name: string): string =>
  [
    ...BEGIN,
    `say '[remove] ${name}'`,
    ...uninstallers.map((path) => `if [ -x ${path} ]; then ${path}; fi`),
    `for unit in ${server} ${agent}; do systemctl disable --now "$unit" >/dev/null 2>&1 || true; done`,
    `rm -rf ${configFolder} ${configFolder.replace('/etc/', '/var/lib/')}`,
    `say '[remove] ${name}: done'`,
    '',
  ].join('\n');

export const forgetScript = ({ kubectl }: Flavour, names: readonly string[]): string =>
  [...BEGIN, ...names.map((name) => `${kubectl} delete node ${name} --ignore-not-found`), ''].join('\n');
