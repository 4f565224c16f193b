/** k3s and RKE2: the same way to a cluster by other names (docs.k3s.io, docs.rke2.io). */

export interface Flavour {
  name: 'k3s' | 'rke2';
  /** The program on the host. */
  program: string;
  /** Of config.yaml. */
  configFolder: string;
  /** Where it keeps what it knows. */
  dataFolder: string;
  /** Where servers have their authorities. */
  tlsFolder: string;
  /** systemd units. */
  server: string;
  agent: string;
  /** Where nodes register. */
  joinPort: number;
  /** Lines of shell that install the program if it is not there in that version, and enable nothing. */
  install: (kind: 'server' | 'agent', version: string | undefined) => string[];
  /** kubectl of a server. */
  kubectl: string;
  /** Scripts that take it off a host, any of them. */
  uninstallers: readonly string[];
}

const SCRIPT = '/run/skyflow-install.sh';

/** Fetched whole before it runs: a pipe would hide that the fetch failed, and run half of it. */
const installer = (isThere: string, url: string, environment: readonly string[], argument = ''): string[] => [
  `${isThere} || {`,
  `  curl -sSfL ${url} -o ${SCRIPT}`,
  `  ${environment.join(' ')} sh ${SCRIPT} ${argument}`.trimEnd(),
  '}',
];

const exactly = (name: string, version: string | undefined): string[] =>
  version === undefined ? [] : [`${name}='${version}'`];

/** Another version than the one that is asked for is replaced: that is all an upgrade is. */
const isInstalled = (isThere: string, program: string, version: string | undefined): string =>
  version === undefined ? isThere : `{ ${isThere} && ${program} --version | grep -qF ' ${version} '; }`;

const K3S: Flavour = {
  name: 'k3s',
  program: 'k3s',
  configFolder: '/etc/rancher/k3s',
  dataFolder: '/var/lib/rancher/k3s',
  tlsFolder: '/var/lib/rancher/k3s/server/tls',
  server: 'k3s',
  agent: 'k3s-agent',
  joinPort: 6443,
  install: (kind, version) =>
    installer(
      isInstalled(`[ -e /etc/systemd/system/${kind === 'server' ? 'k3s' : 'k3s-agent'}.service ]`, 'k3s', version),
      'https://get.k3s.io',
      [...exactly('INSTALL_K3S_VERSION', version), 'INSTALL_K3S_SKIP_ENABLE=true', 'INSTALL_K3S_SKIP_START=true'],
      kind,
    ),
  kubectl: 'k3s kubectl',
  uninstallers: ['/usr/local/bin/k3s-uninstall.sh', '/usr/local/bin/k3s-agent-uninstall.sh'],
};

const RKE2: Flavour = {
  name: 'rke2',
  program: 'rke2',
  configFolder: '/etc/rancher/rke2',
  dataFolder: '/var/lib/rancher/rke2',
  tlsFolder: '/var/lib/rancher/rke2/server/tls',
  server: 'rke2-server',
  agent: 'rke2-agent',
  joinPort: 9345,
  install: (kind, version) =>
    installer(isInstalled('command -v rke2 >/dev/null 2>&1', 'rke2', version), 'https://get.rke2.io', [
      ...exactly('INSTALL_RKE2_VERSION', version),
      `INSTALL_RKE2_TYPE=${kind}`,
    ]),
  kubectl: '/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml',
  uninstallers: ['/usr/local/bin/rke2-uninstall.sh', '/usr/bin/rke2-uninstall.sh'],
};

export const FLAVOURS = { k3s: K3S, rke2: RKE2 } as const;
