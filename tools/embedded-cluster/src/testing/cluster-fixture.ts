/** Embedded clusters for integration tests: on free ports, with a kubeconfig in a temporary directory, stopped to the last process. */
import type { ResourceClient } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { type KubectlResult, runKubectl } from '@skyflow/kubectl';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedClusters, startEmbeddedClusters } from '../clusters.js';
import type { ClusterOptions } from '../config/cluster-settings.js';
import type { OfKind } from '../controllers/reconcile.js';
import type { EmbeddedCluster } from '../engine/embedded-cluster.js';

const DEADLINE_MS = 15_000;

export class ClusterFixture {
  /** What went wrong inside; a test expects none of it. */
  readonly unexpected: unknown[] = [];
  #directory = '';
  #clusters: EmbeddedClusters | undefined;

  /** One node of four cores and no system pods, unless told otherwise. */
  async start(options: Partial<ClusterOptions> = {}): Promise<this> {
    this.#directory = mkdtempSync(join(tmpdir(), 'skyflow-embedded-test-'));
    const nodes = [{ name: 'node-0', cpu: '4', memory: '8Gi' }];
    this.#clusters = await startEmbeddedClusters({
      clusters: [{ name: 'test', nodes, systemRequests: null, ...options }],
      directory: join(this.#directory, 'pods'),
      onError: (error) => this.unexpected.push(error),
    });
    writeFileSync(this.kubeconfig, this.#clusters.kubeconfig(), { mode: 0o600 });
    return this;
  }

  get clusters(): EmbeddedClusters {
    if (this.#clusters === undefined) throw new Error('start the fixture first');
    return this.#clusters;
  }

  get cluster(): EmbeddedCluster {
    return this.clusters.cluster('test');
  }

  get kubeconfig(): string {
    return join(this.#directory, 'kubeconfig');
  }

  get sandboxes(): string {
    return join(this.#directory, 'pods', 'test');
  }

  run(
    args: readonly string[],
    input?: string,
    options: { env?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<KubectlResult> {
    return runKubectl(args, { kubeconfig: this.kubeconfig, ...(input === undefined ? {} : { input }), ...options });
  }

  /** What kubectl said; throws when it failed. */
  async kubectl(command: string | readonly string[], input?: string): Promise<string> {
    const args = typeof command === 'string' ? command.split(' ') : command;
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout.trimEnd();
  }

  find<K extends string>(kind: K, name: string, namespace = 'default'): OfKind<K> | undefined {
    return this.cluster.state.get(kind, namespace, name);
  }

  list<K extends string>(kind: K, namespace = 'default'): OfKind<K>[] {
    return this.cluster.state.list(kind, namespace);
  }

  /** Creates an object as a controller would. */
  async create(object: KubeObject): Promise<KubeObject> {
    return this.#resource(object.kind).create(object);
  }

  async delete(kind: string, name: string, namespace = 'default'): Promise<void> {
    await this.#resource(kind).delete({ namespace, name });
  }

  #resource(kind: string): ResourceClient {
    const definition = this.cluster.server.api.definitions.find((each) => each.kind === kind);
    if (definition === undefined) throw new Error(`kind ${kind} is not served`);
    return this.cluster.client('test').for(definition);
  }

  async stop(): Promise<void> {
    await this.#clusters?.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Waits until `condition` gives something; throws with what it was about when it does not in time. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`gave up after ${deadlineMs} ms waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
