/** Whether pods, or nodes, here reach pods of other clusters at their own addresses, tried now and then: what the flat plane is chosen by. */
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayPeer, GatewayReachAnswer } from '@skyflow/contracts';
import { afterProbe, initialPath, type PathHealth } from '@skyflow/domain';

export interface PeerReachVerdict {
  ok: boolean;
  message: string;
}

interface Tried extends PeerReachVerdict {
  health: PathHealth;
  /** Where it was tried: of another place nothing is known. */
  inside: string;
}

/** Undefined: nothing can be said. */
type Reach = (cluster: string, inside: string) => Promise<GatewayReachAnswer | undefined>;

export interface PeerReachOptions {
  /** Clusters that this one has to do with. */
  peers: () => readonly GatewayPeer[];
  reach: Reach;
  /** A verdict changed. */
  onNews: () => void;
  signal: AbortSignal;
}

const EVERY_MS = 10_000;
/** While it is not known of one. */
const UNSETTLED_MS = 300;

export class PeerReach {
  private readonly tried = new Map<string, Tried>();

  /** @param clock ms, from any start. */
  constructor(private readonly clock = (): number => performance.now()) {}

  /** Tries again and again, until the signal aborts. */
  async run({ peers, reach, onNews, signal }: PeerReachOptions): Promise<void> {
    while (!signal.aborted) {
      if (await this.round(peers(), reach)) onNews();
      const pauseMs = this.isUnsettled ? UNSETTLED_MS : EVERY_MS;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** By cluster; undefined: not known yet. */
  verdict(cluster: string): PeerReachVerdict | undefined {
    const known = this.tried.get(cluster);
    return known === undefined || known.health.state === 'UNKNOWN'
      ? undefined
      : { ok: known.health.state === 'UP', message: known.message };
  }

  /** Whether one has been tried in vain, and not often enough to know. */
  get isUnsettled(): boolean {
    return [...this.tried.values()].some(({ health }) => health.state !== 'DOWN' && health.failures > 0);
  }

  /** One round. True: a verdict changed. */
  async round(peers: readonly GatewayPeer[], reach: Reach): Promise<boolean> {
    for (const cluster of this.tried.keys()) {
      if (!peers.some((peer) => peer.cluster === cluster && peer.inside !== undefined)) this.tried.delete(cluster);
    }
    const changes = await Promise.all(
      peers.map(async ({ cluster, inside }) => {
        if (inside === undefined) return false;
        const before = this.tried.get(cluster);
        const health = before?.inside === inside ? before.health : initialPath();
        const answer = await reach(cluster, inside);
        if (answer === undefined) return this.tried.delete(cluster);
        const { ok, message } = answer;
        const next = afterProbe(health, ok, this.clock());
        const isChanged = next.state !== health.state;
        // What it said when its state changed: later answers differ by milliseconds only, or are what the next change will say.
        const said = isChanged || before === undefined ? message : before.message;
        this.tried.set(cluster, { ok, message: said, health: next, inside });
        return isChanged;
      }),
    );
    return changes.includes(true);
  }
}
