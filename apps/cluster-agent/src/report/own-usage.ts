/**
 * Tells gateways over core NATS what SkyFlow's own pods take of each node: soon after it changed, and now and then for those that
 * came later. Lost messages do not matter; each says all of it.
 */
import { USAGE_INTERVAL_MS, nodeUsageSubject, type NodeUsageReport, type ResourceList } from '@skyflow/contracts';

export interface OwnUsageOptions {
  cluster: string;
  clusterUid: string;
  /** Undefined: nothing is known of the cluster now. */
  usage: () => ReadonlyMap<string, ResourceList> | undefined;
  /** Does nothing while there is no connection. */
  publish: (subject: string, text: string) => void;
  nowMs?: () => number;
}

/** Pods come and go in bursts. */
const SOON_MS = 1_000;
/** Keeps a message far below the 1 MiB that nats-server takes. */
const NODES_PER_PART = 1_000;

export class OwnUsage {
  private soon: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: OwnUsageOptions) {}

  start(): void {
    this.timer = setInterval(() => this.tell(), USAGE_INTERVAL_MS);
    this.mark();
  }

  /** It may have changed. */
  mark(): void {
    this.soon ??= setTimeout(() => this.tell(), SOON_MS);
  }

  stop(): void {
    clearTimeout(this.soon);
    clearInterval(this.timer);
  }

  private tell(): void {
    clearTimeout(this.soon);
    this.soon = undefined;
    const { cluster, clusterUid: uid, usage, publish, nowMs = Date.now } = this.options;
    const known = usage();
    if (known === undefined) return;
    const nodes = [...known];
    const parts = Math.max(1, Math.ceil(nodes.length / NODES_PER_PART));
    const at = nowMs();
    for (let part = 0; part < parts; part += 1) {
      const some = nodes.slice(part * NODES_PER_PART, (part + 1) * NODES_PER_PART);
      const report: NodeUsageReport = { cluster, uid, at, part, parts, nodes: Object.fromEntries(some) };
      publish(nodeUsageSubject(cluster), JSON.stringify(report));
    }
  }
}
