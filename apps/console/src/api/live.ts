/**
 * The connection over which changes arrive. It comes back by itself and goes on where it was; while it is away, and since when, is said,
 * so that nobody takes what is old for what is so. Silence counts as loss: the gateway is heard every five seconds.
 */
import { type Api, messageOf } from './api.js';
import type { ChangeSink, Change } from './object-store.js';
import type { HeldKind } from './objects.js';
import { Silence } from './silence.js';

export type LiveState =
  | { phase: 'connecting' }
  | { phase: 'live' }
  /** Since when nothing is heard, ms since the epoch, and why. */
  | { phase: 'lost'; sinceMs: number; why: string };

/** Two beats and a bit. */
const SILENT_FOR_S = 12;
const RETRY_MS = [500, 1_000, 2_000, 5_000];

/** What a connection is of. */
export interface Scope {
  /** Those that the person may watch; the gateway refuses a stream with any other. */
  kinds: readonly HeldKind[];
  /** Fields that nobody here shows. */
  omit: readonly string[];
  /** Only one object. */
  only?: { namespace: string; name: string };
}

export class Live {
  private state: LiveState = { phase: 'connecting' };
  private readonly listeners = new Set<() => void>();
  private source: EventSource | undefined;
  private running = false;
  private readonly silence = new Silence(SILENT_FOR_S, () => {
    this.source?.close();
    this.lost(`nothing was heard for ${SILENT_FOR_S} s`);
  });
  private retry: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private place = '';
  private scope: Scope = { kinds: [], omit: [] };

  constructor(
    private readonly api: Pick<Api, 'json'>,
    private readonly store: ChangeSink,
    private readonly connect: (path: string) => EventSource = (path) => new EventSource(path),
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly now = (): LiveState => this.state;

  start(scope: Scope): void {
    this.stop();
    this.scope = scope;
    this.place = '';
    this.become({ phase: 'connecting' });
    this.running = true;
    this.open();
  }

  /** The kinds that the person may watch. */
  watched(): readonly HeldKind[] {
    return this.scope.kinds;
  }

  stop(): void {
    this.running = false;
    this.source?.close();
    this.source = undefined;
    this.silence.stop();
    clearTimeout(this.retry);
  }

  private open(): void {
    this.source?.close();
    const { kinds, omit, only } = this.scope;
    if (kinds.length === 0) {
      this.become({ phase: 'live' });
      return;
    }
    const query = new URLSearchParams({ resources: kinds.join(','), omit: omit.join(',') });
    if (only !== undefined) {
      query.set('namespace', only.namespace);
      query.set('fieldSelector', `metadata.name=${only.name}`);
    }
    if (this.place !== '') query.set('resourceVersion', this.place);
    // A kind without a place is told from the beginning, also when the telling was broken off: what is gone since must not stay.
    const places = kindsOf(this.place);
    for (const kind of kinds) if (!places.has(kind)) this.store.beginAgain(kind);
    const source = this.connect(`/stream?${query.toString()}`);
    this.source = source;
    const heard = (handle?: (data: string) => void) => (event: Event) => {
      if (source !== this.source) return;
      const { data, lastEventId } = event as MessageEvent<string>;
      this.attempts = 0;
      this.silence.heard();
      if (this.state.phase !== 'live') this.become({ phase: 'live' });
      handle?.(data);
      if (lastEventId !== '') this.place = lastEventId;
    };
    source.addEventListener('open', heard());
    source.addEventListener('beat', heard());
    source.addEventListener(
      'change',
      heard((data) => this.store.apply(JSON.parse(data) as Change)),
    );
    source.addEventListener(
      'synced',
      heard((data) => {
        const { resource } = JSON.parse(data) as { resource: HeldKind };
        this.store.synced(resource);
      }),
    );
    source.addEventListener('error', (event) => {
      if (source === this.source) this.failed(event);
    });
    this.silence.start();
  }

  /** The stream ended, could not be opened, or says what is wrong. */
  private failed(event: Event): void {
    this.source?.close();
    if (event instanceof MessageEvent) {
      const { status } = JSON.parse(event.data as string) as { status: { message: string } };
      // Without the kind that this is about: what we have of it may be as old as our place was.
      this.place = event.lastEventId;
      this.lost(status.message);
    } else this.lost('the gateway cannot be reached');
  }

  private lost(why: string): void {
    this.silence.stop();
    if (this.state.phase !== 'lost') this.become({ phase: 'lost', sinceMs: Date.now(), why });
    const delay = RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)] ?? 0;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.comeBack(), delay);
  }

  /** An EventSource does not tell why it was refused; a request does, and gets a new token if that is all. */
  private async comeBack(): Promise<void> {
    try {
      await this.api.json('/auth/whoami');
      this.open();
    } catch (error) {
      // If nobody knows us any more, the page has been told and stops this.
      if (this.running) this.lost(messageOf(error));
    }
  }

  private become(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** Kinds that a place (`clusters=120000,jobs=130002`) is of. */
const kindsOf = (place: string): ReadonlySet<string> =>
  new Set(place.split(',').map((part) => part.slice(0, part.indexOf('='))));
