/**
 * Everything that tests need beyond Node and the npm packages: by name, how it is found, and the command that brings it. Specs ask by
 * `needing`; .ci/packages installs the packages named here; allowed.json has what CI may lack.
 */
import type { Need } from './need.js';
import { networkNamespaces, program, runs } from './programs.js';
import { NEEDS_OF_RUNS } from './needs-of-runs.js';

/** A need whose finder is elsewhere, and loaded when it is asked for. */
const found = (missing: () => Promise<string | undefined>, ...packages: string[]): Need => ({ packages, missing });

export const NEEDS = {
  bash: program('bash', 'bash'),
  fish: program('fish', 'fish'),
  zsh: program('zsh', 'zsh'),
  haproxy: program('haproxy', 'haproxy', ['-v']),
  promtool: program('promtool', 'prometheus'),
  python: program('python', 'python-is-python3'),
  /** Makes a terminal: the one of util-linux, whose options others do not have. */
  script: program('script', 'bsdutils', ['--version'], 'util-linux'),
  nftables: program('nft', 'nftables'),
  'network namespaces': networkNamespaces,
  Linux: { missing: () => (process.platform === 'linux' ? undefined : `this is ${process.platform}: run it on Linux`) },
  go: { missing: () => (runs('go', ['version']) ? undefined : 'go is missing: install Go 1.26 (https://go.dev/dl)') },
  sshd: found(
    async () => (await import('../../../apps/provisioner/src/testing/ssh-host.js')).SshHost.missing,
    'openssh-server',
  ),
  browser: found(async () => {
    const path = (await import('../../console/browser.js')).findBrowser();
    return path === undefined
      ? 'chromium is missing: apt-get install chromium, or SKYFLOW_TEST_BROWSER=PATH'
      : undefined;
  }, 'chromium'),
  /** An optional package of npm, prebuilt for most machines. */
  'pseudo-terminals': found(async () => {
    const { terminals } = await import('../../../tools/embedded-cluster/src/process/terminal.js');
    return (await terminals()) === undefined ? '@lydell/node-pty is missing: npm ci' : undefined;
  }),
  helm: found(async () => {
    const path = await (await import('@skyflow/kubectl')).helmPath();
    return path === undefined ? 'helm is missing: npm ci, or install it (https://helm.sh)' : undefined;
  }),
  'python client': found(async () => {
    const client = await (await import('../../e2e/fixture/python-client.js')).pythonWithClient();
    return 'why' in client ? `${client.why}: apt-get install python3-venv` : undefined;
  }, 'python3-venv'),
  'client-go': found(async () => {
    const client = await (await import('../../e2e/fixture/go-client.js')).goClient();
    return 'why' in client ? client.why : undefined;
  }),
  'kube-apiserver': found(async () => (await import('@skyflow/kube-testbed')).whyUnavailable()),
  rke: {
    missing: () => {
      const { SKYFLOW_TEST_RKE: path } = process.env;
      if (path === undefined) return 'it is in no registry: SKYFLOW_TEST_RKE=PATH npm test -- apps/provisioner';
      return runs(path) ? undefined : `${path} cannot be started: SKYFLOW_TEST_RKE=PATH npm test -- apps/provisioner`;
    },
  },
  /** Suites in images start an engine themselves (tests/images/with-engine.mjs). */
  'container engine': {
    packages: ['debootstrap', 'docker.io'],
    missing: () => (runs('dockerd') ? undefined : 'dockerd is missing: apt-get install docker.io debootstrap'),
  },
  'image of a machine': found(async () => {
    const why = await (await import('../../../apps/provisioner/src/testing/machine-image.js')).whyNoMachineImage();
    return why === undefined ? undefined : `${why}: docker build -t skyflow/machine:local deploy/machine`;
  }),
  'previous release': found(async () => (await import('../../images/fixture/previous-release.js')).missingRelease()),
  ...NEEDS_OF_RUNS,
} satisfies Record<string, Need>;

export type NeedName = keyof typeof NEEDS;
