/** Whether pods here reach those of other clusters at their own addresses, tried now and then: what the flat plane is chosen by. */
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

export class PeerReach {
  private readonly tried = new Map<string, Tried>();

  /** @param clock ms, from any start. */
  constructor(private readonly clock = (): number => performance.now()) {}

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
  async round(
    peers: readonly GatewayPeer[],
    reach: (cluster: string, inside: string) => Promise<GatewayReachAnswer>,
  ): Promise<boolean> {
    for (const cluster of this.tried.keys()) {
      if (!peers.some((peer) => peer.cluster === cluster && peer.inside !== undefined)) this.tried.delete(cluster);
    }
    const changes = await Promise.all(
      peers.map(async ({ cluster, inside }) => {
        if (inside === undefined) return false;
        const before = this.tried.get(cluster);
        const health = before?.inside === inside ? before.health : initialPath();
        const { ok, message } = await reach(cluster, inside);
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
