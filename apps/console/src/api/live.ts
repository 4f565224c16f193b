/**
 * The connection over which changes arrive. It comes back by itself and goes on where it was; while it is away, and since when, is said,
 * so that nobody takes what is old for what is so. Silence counts as loss: the gateway is heard every five seconds.
 */
import { type Api, messageOf } from './api.js';
import type { Change, ObjectStore } from './object-store.js';
import type { HeldKind } from './objects.js';
import { Silence } from './silence.js';

export type LiveState =
  | { phase: 'connecting' }
  | { phase: 'live' }
  /** Since when nothing is heard, ms since the epoch, and why. */
  | { phase: 'lost'; sinceMs: number; why: string };

/** Two beats and a bit. */
const SILENT_FOR_S = 12;
/** There may be a hundred thousand: told only to a page that shows them, and without what no table shows. */
const MANY: ReadonlySet<HeldKind> = new Set(['jobs', 'deployments']);
const OMITTED = 'metadata.managedFields,spec.template';
const RETRY_MS = [500, 1_000, 2_000, 5_000];

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
  private kinds: readonly HeldKind[] = [];
  /** Of the kinds with many objects, those that something has shown. */
  private readonly wanted = new Set<HeldKind>();
  /** Those of the open stream. */
  private streamed: readonly HeldKind[] = [];
  /** Kinds of which everything there was has been told since the start. */
  private readonly told = new Set<HeldKind>();

  constructor(
    private readonly api: Api,
    private readonly store: ObjectStore,
    private readonly connect: (path: string) => EventSource = (path) => new EventSource(path),
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly now = (): LiveState => this.state;

  /** @param kinds those that the person may watch; the gateway refuses a stream with any other. */
  start(kinds: readonly HeldKind[]): void {
    this.stop();
    this.kinds = kinds;
    this.place = '';
    this.told.clear();
    this.become({ phase: 'connecting' });
    this.running = true;
    this.open();
  }

  /** The kinds that the person may watch. */
  watched(): readonly HeldKind[] {
    return this.kinds;
  }

  /** Something shows objects of this kind; they are told from now on. */
  want(kind: HeldKind): void {
    if (!MANY.has(kind) || this.wanted.has(kind)) return;
    this.wanted.add(kind);
    if (this.state.phase !== 'lost') this.openForMore();
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
    const kinds = this.kindsNow();
    this.streamed = kinds;
    if (kinds.length === 0) {
      this.become({ phase: 'live' });
      return;
    }
    const query = new URLSearchParams({ resources: kinds.join(','), omit: OMITTED });
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
        this.told.add(resource);
      }),
    );
    source.addEventListener('synced', () => {
      if (source === this.source) this.openForMore();
    });
    source.addEventListener('error', (event) => {
      if (source === this.source) this.failed(event);
    });
    this.silence.start();
  }

  /** The place goes on with the kinds that there are, the others begin. */
  private openForMore(): void {
    if (this.running && this.kindsNow().length > this.streamed.length) this.open();
  }

  /** What is few comes first: the fleet is seen before its hundred thousand jobs are told. */
  private kindsNow(): readonly HeldKind[] {
    const few = this.kinds.filter((kind) => !MANY.has(kind));
    if (!few.every((kind) => this.told.has(kind))) return few;
    return this.kinds.filter((kind) => !MANY.has(kind) || this.wanted.has(kind));
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
