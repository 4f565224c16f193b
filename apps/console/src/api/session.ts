/** Who uses the console. Tokens are in cookies that no script can read; the page only knows the name. */
import { Api, ApiError, messageOf } from './api.js';
import { Connections } from './connections.js';
import { Live } from './live.js';
import { Moment } from './moment.js';
import { ObjectStore } from './object-store.js';
import { FEW_KINDS, FEW_OMITTED, type HeldKind, WORKLOAD_PLURALS } from './objects.js';
import { Rights } from './rights.js';
import { ClusterStates } from '../fleet/cluster-states.js';
import { WorkloadLine } from '../workloads/desk/workload-line.js';

export interface WhoAmI {
  user: string;
  groups: string[];
  roles: string[];
}

export type SessionState = { phase: 'asking' } | { phase: 'out'; problem?: string } | { phase: 'in'; who: WhoAmI };

export type Credentials = { user: string; password: string } | { token: string } | { link: string };

const LINK = /^#link=(.+)$/;
const OIDC_PROBLEM = /^#oidc=(.+)$/;

/** Words for why the sign-in at an OpenID issuer came to nothing. */
const OIDC_PROBLEMS: Readonly<Record<string, string>> = {
  refused: 'the issuer did not sign you in',
  expired: 'the sign-in took too long, or was begun in another browser; try again',
  unreachable: 'the issuer cannot be reached by the gateway; try again later',
  unknown: 'the issuer’s answer is not good here; the log of the gateway says why',
};

export class Session {
  readonly api = new Api(() => this.signedOut());
  readonly store = new ObjectStore();
  readonly rights = new Rights(this.api);
  readonly moment = new Moment(this.api);
  readonly live = new Live(this.api, this.store);
  readonly clusterStates = new ClusterStates(this.api);
  readonly workloads = new WorkloadLine(this.api);
  readonly connections = new Connections(this.live);
  private state: SessionState = { phase: 'asking' };
  private readonly listeners = new Set<() => void>();

  constructor() {
    this.connections.add(this.workloads);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly now = (): SessionState => this.state;

  /** With the link of the address, if there is one, else with the cookie of the last time, which an issuer's answer may have left. */
  async begin(): Promise<void> {
    const [, link] = LINK.exec(location.hash) ?? [];
    const [, problem] = OIDC_PROBLEM.exec(location.hash) ?? [];
    if (problem !== undefined) {
      history.replaceState(undefined, '', location.pathname);
      this.become({ phase: 'out', problem: OIDC_PROBLEMS[problem] ?? 'the issuer did not sign you in' });
      return;
    }
    if (link === undefined) {
      await this.enter();
      return;
    }
    // A link that was used is worth nothing, but it need not stay in the history either.
    history.replaceState(undefined, '', location.pathname);
    await this.signIn({ link });
  }

  /** Resolves signed in, or signed out with the problem in the state. */
  async signIn(credentials: Credentials): Promise<void> {
    try {
      await this.api.json('/auth/session', { method: 'POST', body: credentials });
    } catch (error) {
      // Whoever comes with an old link may be signed in already.
      if ('link' in credentials && (await this.enter())) return;
      this.become({ phase: 'out', problem: messageOf(error) });
      return;
    }
    await this.enter();
  }

  async signOut(): Promise<void> {
    await this.api.json('/auth/session', { method: 'DELETE' });
    this.signedOut();
  }

  private async enter(): Promise<boolean> {
    this.rights.forget();
    try {
      const who = await this.api.json<WhoAmI>('/auth/whoami');
      const [few, workloads] = await Promise.all([this.watchable(FEW_KINDS), this.watchable(WORKLOAD_PLURALS)]);
      this.workloads.start(workloads);
      this.become({ phase: 'in', who });
      this.live.start({ kinds: few, omit: FEW_OMITTED });
      return true;
    } catch (error) {
      const unknown = error instanceof ApiError && error.code === 401;
      this.become(unknown ? { phase: 'out' } : { phase: 'out', problem: messageOf(error) });
      return false;
    }
  }

  private async watchable<K extends HeldKind>(kinds: readonly K[]): Promise<K[]> {
    const may = await Promise.all(kinds.map((resource) => this.rights.may({ verb: 'watch', resource })));
    return kinds.filter((_kind, index) => may[index]);
  }

  private signedOut(): void {
    this.live.stop();
    this.workloads.stop();
    this.clusterStates.forget();
    this.moment.leave();
    this.store.clear();
    this.rights.forget();
    if (this.state.phase === 'in') this.become({ phase: 'out' });
  }

  private become(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
