/**
 * k3s and RKE2 over SSH, with a token and authorities that were sealed before a host was touched. Every step may be repeated: a host that is
 * as it should be stays so. Nothing runs on this machine, so nothing of a killed provisioner is left here.
 */
import type { ProvisionFailure } from '@skyflow/contracts';
import { sha256 } from '../../escrow/escrow-keys.js';
import { ProvisionError, failureOf } from '../../provision-error.js';
import type {
  ClusterDriver,
  DriverCluster,
  DriverNode,
  InitialState,
  LeftRun,
  RunOptions,
  RunResult,
} from '../cluster-driver.js';
import { bastionOf } from '../static/bastion.js';
import { SshSession } from '../static/ssh-session.js';
import { FLAVOURS, type Flavour } from './flavours.js';
import {
  type K3sNode,
  type K3sState,
  fingerprintOfK3s,
  freshState,
  k3sFingerprint,
  kubeconfigOf,
  readK3sState,
  withNewAdmin,
} from './k3s-state.js';
import {
  NO_SNAPSHOT_EXIT,
  findSnapshotScript,
  rejoinScript,
  resetScript,
  rotateScript,
  snapshotScript,
  stopScript,
} from './node-operations.js';
import { FOREIGN_EXIT, firstServer, forgetScript, installScript, isServer, removeScript } from './node-script.js';
import { failureIn } from './node-failures.js';

/** A slow registry, a slow disk. */
const READY_WITHIN_S = 300;
/** As root, whoever logs in. */
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi';

export class K3sDriver implements ClusterDriver {
  readonly name: 'k3s' | 'rke2';
  readonly needsDocker = false;
  private readonly flavour: Flavour;

  /** @param readyS for so long a node may take to become ready. */
  constructor(
    name: 'k3s' | 'rke2',
    private readonly readyS = READY_WITHIN_S,
  ) {
    this.name = name;
    this.flavour = FLAVOURS[name];
  }

  check({ nodes }: DriverCluster): Promise<void> {
    const odd = nodes.find(({ roles }) => roles.includes('etcd') !== roles.includes('controlplane'));
    if (odd === undefined) return Promise.resolve();
    const advice = 'give such hosts both roles, controlplane and etcd, or neither';
    throw new ProvisionError(
      'config',
      `${odd.name}: the servers of ${this.name} are control plane and etcd in one`,
      advice,
    );
  }

  configSha256(cluster: DriverCluster): string {
    const { nodes, podCidr, serviceCidr, kubernetesVersion } = cluster;
    return sha256(JSON.stringify({ nodes, podCidr, serviceCidr, kubernetesVersion }));
  }

  fingerprintOf(text: string): string | undefined {
    return fingerprintOfK3s(text);
  }

  initialise(cluster: DriverCluster): Promise<InitialState> {
    const state = freshState(Date.now());
    return Promise.resolve({
      state: JSON.stringify(state),
      kubeconfig: kubeconfigOf(cluster, state),
      caFingerprint: k3sFingerprint(state),
      configSha256: this.configSha256(cluster),
    });
  }

  async run(cluster: DriverCluster, options: RunOptions): Promise<RunResult> {
    const state = readK3sState(options.state);
    if (state === undefined) throw new Error('the sealed state is no state of k3s');
    try {
      const kubeconfig = await this.carryOut(cluster, state, options);
      return { outcome: 'Done', hosts: [], warnings: [], ...(kubeconfig === undefined ? {} : { kubeconfig }) };
    } catch (error) {
      if (options.signal.aborted) return { outcome: 'Unknown', hosts: [], warnings: [], failure: ABORTED };
      return { outcome: 'Failed', hosts: [], warnings: [], failure: failureOf(error) };
    }
  }

  /** Nothing of it runs here; what still runs on a host holds a lock there, and the next one waits for it. */
  endRun(): Promise<LeftRun> {
    return Promise.resolve({ isDone: false });
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  /** A kubeconfig, where there is a new one. */
  private async carryOut(cluster: DriverCluster, state: K3sState, options: RunOptions): Promise<string | undefined> {
    switch (options.command) {
      case 'up':
        await this.installAll(cluster, state, options);
        return undefined;
      case 'remove':
        await this.removeAll(cluster, state, options);
        return undefined;
      case 'rotateCertificates':
        return this.rotateAll(cluster, state, options);
      case 'snapshot':
        await this.snapshot(cluster, options);
        return undefined;
      case 'restore':
        await this.restore(cluster, options);
        return undefined;
    }
  }

  /** One node after the other, so that the API stays where there are several servers. */
  private async rotateAll(cluster: DriverCluster, before: K3sState, options: RunOptions): Promise<string> {
    for (const node of serversFirst(cluster)) {
      options.onStage('certificates');
      await this.on(cluster, nodeOf(node), rotateScript(this.flavour, node, this.readyS), options);
    }
    const state = this.keep(withNewAdmin(before, Date.now()), options);
    return kubeconfigOf(cluster, state);
  }

  /** On every server, so that the loss of one is not the loss of its snapshots. */
  private async snapshot(cluster: DriverCluster, options: RunOptions): Promise<void> {
    options.onStage('etcd');
    for (const node of cluster.nodes.filter(isServer)) {
      await this.on(cluster, nodeOf(node), snapshotScript(this.flavour, node, options.snapshot ?? ''), options);
    }
  }

  private async restore(cluster: DriverCluster, options: RunOptions): Promise<void> {
    const { snapshot = '' } = options;
    const first = firstServer(cluster);
    const others = cluster.nodes.filter((node) => isServer(node) && node.name !== first.name);
    const on = (node: DriverNode, script: string): Promise<void> => this.on(cluster, nodeOf(node), script, options);
    options.onStage('etcd');
    await on(first, findSnapshotScript(this.flavour, first, snapshot));
    for (const node of [...others, first]) await on(node, stopScript(this.flavour, node));
    await on(first, resetScript(this.flavour, first, snapshot, this.readyS));
    options.onStage('controlplane');
    for (const node of others) await on(node, rejoinScript(this.flavour, node, this.readyS));
  }

  /** The first server, the others one by one as etcd takes them in, then the agents; then those that are not wanted any more go. */
  private async installAll(cluster: DriverCluster, before: K3sState, options: RunOptions): Promise<void> {
    const wanted = cluster.nodes.map(nodeOf);
    const leaving = before.nodes.filter(({ name }) => !wanted.some((node) => node.name === name));
    // Which hosts have something of it is sealed before they have.
    const state = this.keep({ ...before, nodes: [...wanted, ...leaving] }, options);
    for (const node of cluster.nodes.filter(isServer)) {
      options.onStage('controlplane');
      await this.on(cluster, nodeOf(node), installScript(this.flavour, cluster, node, state, this.readyS), options);
    }
    for (const node of cluster.nodes.filter((each) => !isServer(each))) {
      options.onStage('worker');
      await this.on(cluster, nodeOf(node), installScript(this.flavour, cluster, node, state, this.readyS), options);
    }
    if (leaving.length === 0) return;
    options.onStage('reconcile');
    const names = leaving.map(({ name }) => name);
    await this.on(cluster, nodeOf(firstServer(cluster)), forgetScript(this.flavour, names), options);
    // Rented machines are wiped by their end; one that is gone could not be reached.
    if (cluster.spec.cloud === undefined) {
      for (const node of leaving) await this.on(cluster, node, removeScript(this.flavour, node.name), options);
    }
    this.keep({ ...state, nodes: wanted }, options);
  }

  /** Agents first; the first server last. */
  private async removeAll(cluster: DriverCluster, state: K3sState, options: RunOptions): Promise<void> {
    for (const node of [...state.nodes].reverse()) {
      await this.on(cluster, node, removeScript(this.flavour, node.name), options);
    }
  }

  private keep(state: K3sState, { onState }: RunOptions): K3sState {
    onState(JSON.stringify(state));
    return state;
  }

  /** @throws ProvisionError with the host's own words. */
  private async on(cluster: DriverCluster, node: K3sNode, script: string, options: RunOptions): Promise<void> {
    options.signal.throwIfAborted();
    const { hostKey, ...target } = node;
    await using session = await SshSession.open({ ...target, hostKey }, bastionOf(cluster.spec));
    const stop = (): void => void session[Symbol.asyncDispose]();
    options.signal.addEventListener('abort', stop, { once: true });
    try {
      const { code, output } = await session.run(AS_ROOT, script);
      const lines = output.split('\n').filter((line) => line !== '');
      options.onLines(lines.map((line) => `[${node.name}] ${line.replace(/^skyflow: /, '')}`));
      if (code === 0) return;
      if (code === FOREIGN_EXIT) throw foreign(node);
      if (code === NO_SNAPSHOT_EXIT) throw withoutSnapshot(node, options.snapshot);
      throw failureIn(lines, node.name, code);
    } finally {
      options.signal.removeEventListener('abort', stop);
    }
  }
}

const nodeOf = ({ name, address, port, user, keyPath, hostKey }: DriverNode): K3sNode => ({
  ...{ name, address, port, user, keyPath },
  ...(hostKey === undefined ? {} : { hostKey }),
});

const foreign = ({ name, address }: K3sNode): ProvisionError =>
  new ProvisionError(
    'dangerous',
    `${name} (${address}) has the authority of another cluster`,
    'nothing is done until you decide: take the other cluster off the host, or name another host',
  );

const withoutSnapshot = ({ name }: K3sNode, snapshot = ''): ProvisionError =>
  new ProvisionError(
    'config',
    `${name} has no snapshot ${snapshot}: nothing was stopped`,
    'ask for another one; those that were taken are in skyctl describe cluster NAME',
  );

/** As an upgrade goes: servers before agents. */
const serversFirst = ({ nodes }: DriverCluster): DriverNode[] => [
  ...nodes.filter(isServer),
  ...nodes.filter((node) => !isServer(node)),
];

const ABORTED: ProvisionFailure = {
  class: 'interrupted',
  message: 'it was asked to stop',
  advice: 'nothing: it goes on by itself',
};
