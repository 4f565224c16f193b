/** What SkyFlow's own pods take of each node, as the agents tell it over core NATS. Nothing here is kept. */
import { type NodeUsageReport, nodeUsageSchema, nodeUsageSubject, type ResourceList } from '@skyflow/contracts';
import type { NodeUsage } from '@skyflow/domain';
import type { NatsConnection } from '@nats-io/transport-node';

interface Heard extends NodeUsage {
  uid: string;
}

/** Parts of one report, until all have come. */
interface Partial {
  at: number;
  missing: Set<number>;
  requested: Map<string, ResourceList>;
}

export class NodeUsages {
  private readonly heard = new Map<string, Heard>();
  private readonly partial = new Map<string, Partial>();

  /** Listens until the connection is closed. */
  listen(nats: NatsConnection): void {
    nats.subscribe(nodeUsageSubject('*'), {
      callback: (_error, message) => {
        const parsed = nodeUsageSchema.safeParse(parse(message.string()));
        if (parsed.success && message.subject === nodeUsageSubject(parsed.data.cluster)) this.take(parsed.data);
      },
    });
  }

  /** Undefined: the agent of this Cluster object has not told yet. */
  of(cluster: string, uid: string): NodeUsage | undefined {
    const heard = this.heard.get(cluster);
    return heard?.uid === uid ? heard : undefined;
  }

  /** A part of a report. One that is older than what is known, or that lacks a part, changes nothing. */
  take({ cluster, uid, at, part, parts, nodes }: NodeUsageReport): void {
    let partial = this.partial.get(cluster);
    if (partial?.at !== at) {
      if (partial !== undefined && partial.at > at) return;
      partial = { at, missing: new Set(Array.from({ length: parts }, (_, index) => index)), requested: new Map() };
      this.partial.set(cluster, partial);
    }
    partial.missing.delete(part);
    for (const [name, requested] of Object.entries(nodes)) partial.requested.set(name, requested);
    if (partial.missing.size > 0) return;
    this.heard.set(cluster, { uid, atMs: at, requested: partial.requested });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
