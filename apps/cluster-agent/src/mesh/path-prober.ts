/**
 * Whether pods of other clusters are reached from here, by connecting to some of them: the evidence without which they take no
 * connections. Runs where the agent runs, which is in the pod network of its cluster.
 */
import type { AssignedEndpoint, PathState, Plane } from '@skyflow/contracts';
import { PATH_GIVEN_UP_MS, afterProbe, initialPath, isGivenUp, type PathHealth } from '@skyflow/domain';
import type { Attempt, ProbeBy } from './path-attempts.js';

export interface PathVerdict {
  state: PathState;
  message: string;
  /** Over which it was tried. */
  plane: Plane;
  /** A pod was reached, not only the way to where pods are. */
  isOfPod: boolean;
  /** Down for so long that what the source has left here is taken away. */
  isGivenUp: boolean;
}

interface Path extends PathVerdict {
  health: PathHealth;
  /** Which endpoint is tried next, so that over time all are. */
  next: number;
  /** Why it is not up, without the place that was tried. */
  error: string | undefined;
  /** When that was last said anew, ms. */
  saidMs: number;
  /** By uid of the pod: how often in a row it has not answered while others did. */
  failures: ReadonlyMap<string, number>;
}

/** That a path is down for another reason than before is said at most so often. */
const SAY_AGAIN_MS = 60_000;

const NONE: ReadonlyMap<string, number> = new Map();
const GIVEN_UP = `; its endpoints are taken away until it is reached again, as it was not for ${PATH_GIVEN_UP_MS / 60_000} minutes`;
/** Tried per round; one answer is enough. */
const TRIES = 3;
/** Of those that did not answer last time, tried besides. */
const RETRIES = 8;
/** One that does not answer so often in a row while others do takes no connections, whatever its cluster says of it. */
const ENDPOINT_FAILURES = 3;

export class PathProber {
  private readonly paths = new Map<string, Path>();

  /** @param clock ms, from any start. */
  constructor(private readonly clock = (): number => performance.now()) {}

  verdict(service: string, source: string): PathVerdict | undefined {
    return this.paths.get(`${service}/${source}`);
  }

  /** Whether a path was tried over another plane than this one, and not yet over this one. */
  isOfOther(service: string, source: string, plane: Plane): boolean {
    const known = this.paths.get(`${service}/${source}`);
    return known !== undefined && known.plane !== plane;
  }

  /** uids of the pods that do not answer. */
  failing(service: string, source: string): ReadonlySet<string> {
    const failures = this.paths.get(`${service}/${source}`)?.failures ?? new Map<string, number>();
    return new Set([...failures].flatMap(([uid, times]) => (times >= ENDPOINT_FAILURES ? [uid] : [])));
  }

  /** Whether a path has been tried in vain, and not often enough to know that it is down. */
  get isUnsettled(): boolean {
    return [...this.paths.values()].some(({ state, health }) => state !== 'DOWN' && health.failures > 0);
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
    const known = this.paths.get(key);
    const before = known?.plane === by.plane ? known : this.untried(by.plane);
    const clash = endpoints.find(({ address }) => by.clashes(address));
    if (clash !== undefined) {
      const message = `address ${clash.address} of ${clash.pod} on ${source} is a pod of this cluster too: the pod networks overlap`;
      const health = { ...initialPath(), state: 'OVERLAP' as const };
      this.paths.set(key, { ...this.untried(by.plane), state: 'OVERLAP', message, health });
      return before.state !== 'OVERLAP';
    }
    const candidates = endpoints.filter(({ ready, ports }) => ready && ports.length > 0);
    // Without a ready pod the way to them goes on to be tried: what was last seen of it would be said for as long as there is none.
    if (candidates.length === 0) {
      const way = await by.way(endpoints);
      return way === undefined
        ? false
        : this.tell(key, before, [way], { next: before.next, failures: before.failures, isOfPod: false });
    }
    const turn = Array.from({ length: Math.min(TRIES, candidates.length) }, (_, at) => at + before.next).map(
      (at) => candidates[at % candidates.length] as AssignedEndpoint,
    );
    const doubtful = candidates.filter((each) => before.failures.has(each.uid) && !turn.includes(each));
    const tried = [...turn, ...doubtful.slice(0, RETRIES)];
    const outcomes = await Promise.all(tried.map((endpoint) => by.attempt(endpoint)));
    const failures = failuresAfter(before.failures, candidates, tried, outcomes);
    const isOfPod = before.isOfPod || outcomes.some(({ error }) => error === undefined);
    return this.tell(key, before, outcomes, { next: before.next + turn.length, failures, isOfPod });
  }

  private untried(plane: Plane): Path {
    return {
      ...{ state: 'UNKNOWN', message: '', plane, health: initialPath(), isOfPod: false, isGivenUp: false },
      ...{ next: 0, error: undefined },
      // Until it is known, or has been tried for long, nothing is said.
      saidMs: this.clock(),
      failures: NONE,
    };
  }

  /** Notes what came of a round. True: there is news. */
  private tell(
    key: string,
    before: Path,
    outcomes: readonly Attempt[],
    more: Pick<Path, 'next' | 'failures' | 'isOfPod'>,
  ): boolean {
    const nowMs = this.clock();
    const reached = outcomes.find(({ error }) => error === undefined);
    const health = afterProbe(before.health, reached !== undefined, nowMs);
    const givenUp = isGivenUp(health, nowMs);
    const isChanged = before.state !== health.state || before.isGivenUp !== givenUp;
    const failure = outcomes[0];
    const mayRepeat = isChanged || (before.error !== failure?.error && nowMs - before.saidMs >= SAY_AGAIN_MS);
    const isSaid = health.state !== 'UP' && reached === undefined && mayRepeat;
    const path: Path = { ...before, ...more, state: health.state, health, isGivenUp: givenUp };
    if (health.state === 'UP') {
      if (reached !== undefined) path.message = `connected to ${reached.place} in ${reached.ms.toFixed(1)} ms`;
    } else if (isSaid) {
      path.message = `cannot connect to ${failure?.place ?? ''}: ${failure?.error ?? ''}${givenUp ? GIVEN_UP : ''}`;
      path.error = failure?.error;
      path.saidMs = nowMs;
    } else if (reached !== undefined && nowMs - before.saidMs >= SAY_AGAIN_MS) {
      path.message = `${reached.place} answers again; it counts once that has lasted`;
      path.error = undefined;
      path.saidMs = nowMs;
    }
    this.paths.set(key, path);
    // The first pod that is reached proves more than the way to it did.
    const isProof = path.isOfPod && !before.isOfPod;
    const isNews = isProof || (health.state !== 'UP' && path.message !== before.message);
    return isChanged || isNews || failingIn(before.failures) !== failingIn(path.failures);
  }
}

/** Those that do not answer often enough to count, as text. */
const failingIn = (failures: ReadonlyMap<string, number>): string =>
  [...failures].flatMap(([uid, times]) => (times >= ENDPOINT_FAILURES ? [uid] : [])).join(' ');

/** When none was reached it is the path that is lost, which says nothing of a pod. */
function failuresAfter(
  before: ReadonlyMap<string, number>,
  candidates: readonly AssignedEndpoint[],
  tried: readonly AssignedEndpoint[],
  outcomes: readonly Attempt[],
): ReadonlyMap<string, number> {
  if (outcomes.every(({ error }) => error !== undefined)) return before;
  const failures = new Map(candidates.flatMap(({ uid }) => (before.has(uid) ? [[uid, before.get(uid) ?? 0]] : [])));
  tried.forEach(({ uid }, at) => {
    if (outcomes[at]?.error === undefined) failures.delete(uid);
    else failures.set(uid, (failures.get(uid) ?? 0) + 1);
  });
  return failures;
}
