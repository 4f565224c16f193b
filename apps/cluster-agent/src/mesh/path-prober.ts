/**
 * Whether pods of other clusters are reached from here, by connecting to some of them: the evidence without which their addresses
 * take no connections. Runs where the agent runs, which is in the pod network of its cluster.
 */
import { connect } from 'node:net';
import type { Endpoint, PathState } from '@skyflow/contracts';
import { afterProbe, initialPath, type PathHealth } from '@skyflow/domain';

export interface PathVerdict {
  state: PathState;
  message: string;
}

interface Path extends PathVerdict {
  health: PathHealth;
  /** Which endpoint is tried next, so that over time all are. */
  next: number;
}

const CONNECT_MS = 1_000;
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
   * @param isLocal whether an address means something in this cluster: then the other cluster's cannot be used.
   */
  async probe(
    service: string,
    source: string,
    endpoints: readonly Endpoint[],
    isLocal: (address: string) => boolean,
  ): Promise<boolean> {
    const key = `${service}/${source}`;
    const before = this.paths.get(key) ?? { state: 'UNKNOWN', message: '', health: initialPath(), next: 0 };
    const clash = endpoints.find(({ address }) => isLocal(address));
    if (clash !== undefined) {
      const message = `address ${clash.address} of ${clash.pod} on ${source} is a pod of this cluster too: the pod networks overlap`;
      this.paths.set(key, { state: 'OVERLAP', message, health: { ...initialPath(), state: 'OVERLAP' }, next: 0 });
      return before.state !== 'OVERLAP';
    }
    const candidates = endpoints.filter(({ ready, ports }) => ready && ports.length > 0);
    if (candidates.length === 0) return false;
    const tried = Array.from({ length: Math.min(TRIES, candidates.length) }, (_, at) => at + before.next).map(
      (at) => candidates[at % candidates.length] as Endpoint,
    );
    const outcomes = await Promise.all(tried.map((endpoint) => tryConnect(endpoint)));
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

interface Attempt {
  place: string;
  ms: number;
  error: string | undefined;
}

function tryConnect({ address, ports }: Endpoint): Promise<Attempt> {
  const port = ports[0]?.port ?? 0;
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (error: string | undefined): void => {
      socket.destroy();
      resolve({ place, ms: performance.now() - startedAt, error });
    };
    socket.setTimeout(CONNECT_MS, () => end(`no answer within ${CONNECT_MS} ms`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
