/**
 * The connection over which changes arrive. It comes back by itself and goes on where it was; while it is away, and since when, is said,
 * so that nobody takes what is old for what is so. Silence counts as loss: the gateway is heard every five seconds.
 */
import { type Api, messageOf } from './api.js';
import type { Change, ObjectStore } from './object-store.js';
import type { HeldKind } from './objects.js';

export type LiveState =
  | { phase: 'connecting' }
  | { phase: 'live' }
  /** Since when nothing is heard, ms since the epoch, and why. */
  | { phase: 'lost'; sinceMs: number; why: string };

/** Two beats and a bit. */
const SILENCE_MS = 12_000;
const MANY: ReadonlySet<HeldKind> = new Set(['jobs', 'deployments']);
const RETRY_MS = [500, 1_000, 2_000, 5_000];

export class Live {
  private state: LiveState = { phase: 'connecting' };
  private readonly listeners = new Set<() => void>();
  private source: EventSource | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private place = '';
  private kinds: readonly HeldKind[] = [];
  /** Kinds of which everything there was has been told since the start. */
  private readonly told = new Set<HeldKind>();
  /** Kinds that were asked for since the start. */
  private readonly asked = new Set<HeldKind>();

  constructor(
    private readonly api: Api,
    private readonly store: ObjectStore,
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
    this.asked.clear();
    this.become({ phase: 'connecting' });
    if (kinds.length > 0) this.open();
    else this.become({ phase: 'live' });
  }

  /** The kinds that the person may watch. */
  watched(): readonly HeldKind[] {
    return this.kinds;
  }

  stop(): void {
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.silence);
    clearTimeout(this.retry);
  }

  private open(): void {
    this.source?.close();
    const kinds = this.kindsNow();
    const query = new URLSearchParams({ resources: kinds.join(',') });
    if (this.place !== '') query.set('resourceVersion', this.place);
    for (const kind of kinds) {
      if (this.place === '' || !this.asked.has(kind)) this.store.beginAgain(kind);
      this.asked.add(kind);
    }
    const source = new EventSource(`/stream?${query.toString()}`);
    this.source = source;
    const heard = (handle?: (data: string) => void) => (event: Event) => {
      if (source !== this.source) return;
      const { data, lastEventId } = event as MessageEvent<string>;
      this.attempts = 0;
      this.expectMore();
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
      // The place goes on with the kinds that there are, the others begin.
      if (source === this.source && this.kindsNow().length > kinds.length) this.open();
    });
    source.addEventListener('error', (event) => {
      if (source === this.source) this.failed(event);
    });
    this.expectMore();
  }

  /** What is few comes first: the fleet is seen before its hundred thousand jobs are told. */
  private kindsNow(): readonly HeldKind[] {
    const few = this.kinds.filter((kind) => !MANY.has(kind));
    return few.every((kind) => this.told.has(kind)) ? this.kinds : few;
  }

  /** The stream ended, could not be opened, or says what is wrong. */
  private failed(event: Event): void {
    this.source?.close();
    if (event instanceof MessageEvent) {
      const { resource, status } = JSON.parse(event.data as string) as {
        resource: HeldKind;
        status: { code: number; message: string };
      };
      this.place = event.lastEventId;
      // Our place is too old: what we have of this kind may be, too.
      if (status.code === 410) this.store.beginAgain(resource);
      this.lost(status.message);
    } else this.lost('the gateway cannot be reached');
  }

  private lost(why: string): void {
    clearTimeout(this.silence);
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
      if (this.source !== undefined) this.lost(messageOf(error));
    }
  }

  private expectMore(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.source?.close();
      this.lost(`nothing was heard for ${SILENCE_MS / 1000} s`);
    }, SILENCE_MS);
  }

  private become(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
