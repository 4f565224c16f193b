/**
 * One Kubernetes control plane on loopback: etcd, API server, controller manager, scheduler, each a process of its own. Ports
 * and tokens stay the same for its life, so a component that was killed may be started again. etcd does not sync the disk:
 * what is killed loses nothing, a power cut does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fixedCredentials, KubeClient, resources } from '@skyflow/kube-client';
import { freePort } from '@skyflow/nats-server';
import {
  clusterFiles,
  makeTokens,
  writeKubeconfig,
  writeServerFiles,
  type Access,
  type ClusterFiles,
  type Tokens,
} from './cluster-files.js';
import { Component } from './component.js';
import { componentArguments, COMPONENTS, type ComponentName, type Ports } from './component-arguments.js';
import { until } from './poll.js';
import { ServingCertificate } from './serving-certificate.js';

export interface ControlPlaneOptions {
  name: string;
  binary: string;
  /** Made, and removed by `stop`. */
  directory: string;
  /** Names of the nodes that will join: each gets a token. */
  nodes: readonly string[];
  /** Authorities (PEM) whose client certificates the API server takes. Default: clients have tokens only. */
  clientAuthorities?: string;
  /** When a component ends by itself or by another's signal, it is started again after this time. Default: it stays away. */
  restartAfterMs?: number;
}

/** On a machine that is busy with other tests. */
const READY_MS = 120_000;

const CONTROLLERS = ['kube-controller-manager', 'kube-scheduler'] as const;

export class ControlPlane {
  private constructor(
    readonly name: string,
    private readonly files: ClusterFiles,
    private readonly tokens: Tokens,
    private readonly serving: ServingCertificate,
    private readonly ports: Ports,
    private readonly components: ReadonlyMap<ComponentName, Component>,
  ) {}

  /** Resolves when the API is ready and pods can be made in namespace default. @throws TestbedStartError */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const { name, binary, directory, nodes, clientAuthorities, restartAfterMs } = options;
    // While a component is down, nobody may be given its port.
    const ports = { api: await freePort(), etcdClient: await freePort(), etcdPeer: await freePort() };
    const files = clusterFiles(directory);
    const tokens = makeTokens(nodes);
    writeServerFiles(files, tokens);
    const serving = new ServingCertificate(files);
    if (clientAuthorities !== undefined) writeFileSync(files.clientAuthorities, clientAuthorities);
    const onStart = (): void => {
      writeFileSync(files.pids, JSON.stringify(plane.pids()));
    };
    const components = COMPONENTS.map((component) => {
      const spec = {
        name: component,
        binary,
        args: componentArguments(component, files, ports, clientAuthorities !== undefined),
        logFile: join(files.logs, `${component}.log`),
        onStart,
        ...(restartAfterMs === undefined ? {} : { restartAfterMs }),
      };
      return [component, new Component(spec)] as const;
    });
    const plane = new ControlPlane(name, files, tokens, serving, ports, new Map(components));
    try {
      await plane.startAll();
    } catch (error) {
      await plane.killAll();
      throw error;
    }
    return plane;
  }

  get access(): Access {
    return this.accessOf(this.tokens.admin);
  }

  /** A client with all rights; close it. */
  adminClient(): KubeClient {
    return this.client(this.tokens.admin);
  }

  /** A client with the rights of that node's kubelet; close it. @throws Error when no such node was named at the start */
  nodeClient(node: string): KubeClient {
    const token = this.tokens.nodes.get(node);
    if (token === undefined) throw new Error(`cluster ${this.name} has no node ${node}`);
    return this.client(token);
  }

  /** By which the API server shows kubelets who it is (PEM). */
  get kubeletClientCertificate(): string {
    return readFileSync(this.files.kubeletClientCertificate, 'utf8');
  }

  /** Process ids of what runs. */
  pids(): Partial<Record<ComponentName, number>> {
    return Object.fromEntries(
      [...this.components].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])),
    );
  }

  /** SIGKILL; it stays away until `restart`. */
  async kill(component: ComponentName): Promise<void> {
    await this.component(component).kill();
  }

  /** Starts what was killed; resolves when the API is ready. */
  async restart(component: ComponentName): Promise<void> {
    this.component(component).start();
    await this.untilReady();
  }

  /** SIGSTOP: it keeps its connections and answers nothing until `resume`. */
  pause(component: ComponentName): void {
    this.component(component).pause();
  }

  resume(component: ComponentName): void {
    this.component(component).resume();
  }

  /** From now on (the API server looks at once, and each minute) these authorities' client certificates are taken, and no others. PEM. */
  trustClientsOf(authorities: string): void {
    writeFileSync(this.files.clientAuthorities, authorities);
  }

  /**
   * Starts the API server anew with another certificate, of the same authority or of another one. With another one the components
   * are told and started anew as well, nodes go on by themselves, and kubeconfigs made before do not know the server any more.
   */
  async restartWithCertificateOf(authority: 'same' | 'other'): Promise<void> {
    await this.component('kube-apiserver').kill();
    if (authority === 'same') this.serving.renew();
    else this.serving.renewWithAuthority();
    this.component('kube-apiserver').start();
    await this.untilReady();
    if (authority === 'same') return;
    await Promise.all(CONTROLLERS.map((name) => this.component(name).kill()));
    this.startControllers();
  }

  /** etcd forgets all but the newest revision: watches from earlier ones are refused with 410 once the API server was started anew. */
  async compact(): Promise<void> {
    const ask = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
      const url = `http://127.0.0.1:${this.ports.etcdClient}/v3/kv/${path}`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`etcd of ${this.name} answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as { header: { revision: string } };
    };
    const { header } = await ask('range', { key: Buffer.from('/').toString('base64') });
    await ask('compaction', { revision: header.revision, physical: true });
  }

  /** No process and no file of it is left. */
  async stop(): Promise<void> {
    await this.killAll();
    await rm(this.files.directory, { recursive: true, force: true });
  }

  private async startAll(): Promise<void> {
    this.component('etcd').start();
    this.component('kube-apiserver').start();
    await this.untilReady();
    this.startControllers();
    const client = this.adminClient();
    // Until the controller manager has made it, no pod is admitted.
    await until(`service account "default" in ${this.name}`, READY_MS, async () => {
      this.component('kube-controller-manager').assertRunning();
      this.component('kube-scheduler').assertRunning();
      await client.get(resources.serviceAccounts, { namespace: 'default', name: 'default' });
    }).finally(() => client.close());
  }

  private startControllers(): void {
    const { controllerManager, scheduler } = this.tokens;
    writeKubeconfig(this.files.controllerManagerKubeconfig, [this.accessOf(controllerManager)]);
    writeKubeconfig(this.files.schedulerKubeconfig, [this.accessOf(scheduler)]);
    for (const name of CONTROLLERS) this.component(name).start();
  }

  private async untilReady(): Promise<void> {
    await until(`the API server of ${this.name}`, READY_MS, async () => {
      this.component('etcd').assertRunning();
      this.component('kube-apiserver').assertRunning();
      const client = this.adminClient();
      await client.ready({ timeoutMs: 5_000 }).finally(() => client.close());
    });
  }

  private async killAll(): Promise<void> {
    await Promise.all([...this.components.values()].map((component) => component.kill()));
  }

  private component(name: ComponentName): Component {
    const component = this.components.get(name);
    if (component === undefined) throw new Error(`"${name}" is not a component; use one of ${COMPONENTS.join(', ')}`);
    return component;
  }

  private accessOf(token: string): Access {
    return {
      name: this.name,
      url: `https://127.0.0.1:${this.ports.api}`,
      token,
      authority: this.serving.trusted,
    };
  }

  private client(token: string): KubeClient {
    const { serving } = this;
    const server = new URL(this.accessOf(token).url);
    const credentials = fixedCredentials({ authorization: `Bearer ${token}` });
    // Asked for before each connection: whoever holds this client goes on when the authority is another.
    return new KubeClient({
      server,
      get ca() {
        return serving.trusted;
      },
      skipTlsVerify: false,
      credentials,
    });
  }
}
