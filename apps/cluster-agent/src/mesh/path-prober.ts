/**
 * Whether pods of other clusters are reached from here, by connecting to some of them: the evidence without which they take no
 * connections. Runs where the agent runs, which is in the pod network of its cluster.
 */
import type { AssignedEndpoint, PathState } from '@skyflow/contracts';
import { afterProbe, initialPath, type PathHealth } from '@skyflow/domain';
import type { ProbeBy } from './path-attempts.js';

export interface PathVerdict {
  state: PathState;
  message: string;
}

interface Path extends PathVerdict {
  health: PathHealth;
  /** Which endpoint is tried next, so that over time all are. */
  next: number;
}

/** Tried per round; one answer is enough. */
const TRIES = 3;

export class PathProber {
  private readonly paths = new Map<string, Path>();

  verdict(service: string, source: string): PathVerdict | undefined {
    return this.paths.get(`${service}/${source}`);
  }

  /** Forgets the sources that a service does not have any more. */
  keep(service: string, sources: ReadonlySet<string>): void {
    for (const key of this.paths.keys()) {
      const [uid = '', source = ''] = key.split('/');
      if (uid === service && !sources.has(source)) this.paths.delete(key);
    }
  }

  /**
   * One round for the endpoints of a source. True: the verdict changed.
   * @param by how one is tried, and what forbids it.
   */
  async probe(service: string, source: string, endpoints: readonly AssignedEndpoint[], by: ProbeBy): Promise<boolean> {
    const key = `${service}/${source}`;
    const before = this.paths.get(key) ?? { state: 'UNKNOWN', message: '', health: initialPath(), next: 0 };
    const clash = endpoints.find(({ address }) => by.clashes(address));
    if (clash !== undefined) {
      const message = `address ${clash.address} of ${clash.pod} on ${source} is a pod of this cluster too: the pod networks overlap`;
      this.paths.set(key, { state: 'OVERLAP', message, health: { ...initialPath(), state: 'OVERLAP' }, next: 0 });
      return before.state !== 'OVERLAP';
    }
    const candidates = endpoints.filter(({ ready, ports }) => ready && ports.length > 0);
    if (candidates.length === 0) return false;
    const tried = Array.from({ length: Math.min(TRIES, candidates.length) }, (_, at) => at + before.next).map(
      (at) => candidates[at % candidates.length] as AssignedEndpoint,
    );
    const outcomes = await Promise.all(tried.map((endpoint) => by.attempt(endpoint)));
    const reached = outcomes.find(({ error }) => error === undefined);
    const health = afterProbe(before.health, reached !== undefined, performance.now());
    const failure = outcomes[0];
    const message =
      health.state === 'UP'
        ? reached === undefined
          ? before.message
          : `connected to ${reached.place} in ${reached.ms.toFixed(1)} ms`
        : reached === undefined
          ? `cannot connect to ${failure?.place ?? ''}: ${failure?.error ?? ''}`
          : `${reached.place} answers again; it counts once that has lasted`;
    this.paths.set(key, { state: health.state, message, health, next: before.next + tried.length });
    return before.state !== health.state;
  }
}
