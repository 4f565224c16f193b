/**
 * Probes on the nodes of the cluster (deploy/agent/node-probe.yaml): a Secret tells them whom to try, and what they find counts when all
 * nodes have tried. What comes to a service by a port of a node has the node's address, so that pods' proofs prove nothing of it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayReachAnswer, NodeProbeConfig, NodeReport } from '@skyflow/contracts';
import { type NodesVerdict, nodesVerdict } from '@skyflow/domain';
import type { KubeClient, KubeResource } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';

export interface NodeProbesOptions {
  client: KubeClient;
  /** `<namespace>/<name>` of the Secret. */
  secret: string;
  /** What they are to do; undefined: nothing yet. */
  config: () => NodeProbeConfig | undefined;
  reports: () => readonly NodeReport[];
  /** Names of nodes that are ready; undefined: not known yet. */
  nodes: () => readonly string[] | undefined;
  logger: Logger;
}

export const PROBE_FILE = 'probe.json';
const FIELD_MANAGER = 'skyflow-agent';
const SECRETS: KubeResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };
const LOOK_EVERY_MS = 2_000;
const RETRY_MS = 10_000;
/** A node that came later has this long until it is missed: its probe must be started, and be told. */
const NEW_NODE_MS = 180_000;

export class NodeProbes {
  /** When a node that came later was first seen, ms. */
  private readonly newNodes = new Map<string, number>();
  private known: Set<string> | undefined;
  private readonly verdicts = new Map<string, NodesVerdict>();

  /** @param clock ms, from any start. */
  constructor(
    private readonly options: NodeProbesOptions,
    private readonly clock = (): number => performance.now(),
  ) {}

  /** Keeps the Secret, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { config, logger } = this.options;
    let written = '';
    let trouble = '';
    while (!signal.aborted) {
      let pauseMs = LOOK_EVERY_MS;
      const wanted = config();
      const text = wanted === undefined ? '' : JSON.stringify(wanted);
      if (text !== '' && text !== written) {
        try {
          await this.write(text, signal);
          written = text;
          trouble = '';
        } catch (error) {
          const { message } = error as Error;
          if (message !== trouble) logger.warn({ err: error }, 'probes on nodes cannot be told what to try');
          trouble = message;
          pauseMs = RETRY_MS;
        }
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What nodes found of a cluster; undefined: it is not known of all. */
  async reach(cluster: string, inside: string): Promise<GatewayReachAnswer | undefined> {
    const verdict = this.verdictOf(cluster, inside);
    this.verdicts.set(cluster, verdict);
    const { ok, message } = verdict;
    return Promise.resolve(ok === undefined ? undefined : { ok, ms: 0, message });
  }

  /** Why it is not known of a cluster. */
  unknown(cluster: string): string {
    return this.verdicts.get(cluster)?.message ?? 'no node has tried yet';
  }

  private verdictOf(cluster: string, inside: string): NodesVerdict {
    const nodes = this.options.nodes();
    if (nodes === undefined) return { message: 'the nodes are not known yet' };
    const nowMs = this.clock();
    this.known ??= new Set(nodes);
    for (const node of nodes) {
      if (!this.known.has(node)) this.newNodes.set(node, nowMs);
      this.known.add(node);
    }
    const isNew = (node: string): boolean => nowMs - (this.newNodes.get(node) ?? -Infinity) < NEW_NODE_MS;
    const excused = new Set(nodes.filter(isNew));
    return nodesVerdict({ reports: this.options.reports(), nodes, excused, cluster, inside });
  }

  private async write(text: string, signal: AbortSignal): Promise<void> {
    const [namespace = '', name = ''] = this.options.secret.split('/');
    const metadata = { namespace, name };
    const data = { [PROBE_FILE]: Buffer.from(text).toString('base64') };
    await this.options.client.applyServerSide(
      SECRETS,
      { metadata, data },
      { fieldManager: FIELD_MANAGER, force: true, signal },
    );
  }
}
