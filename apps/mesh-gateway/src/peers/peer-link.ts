/**
 * What there is between this gateway and a peer: sessions, which are kept up, and lanes beside them. Sessions that we dial are dialled
 * again when they end, with growing, jittered pauses. A connection goes on a free lane, else on the session with the fewest streams.
 * When the peer is removed, everything that it carries ends at once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { constants, type ClientHttp2Session, type Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { GatewayConfig, GatewayPeer, GatewayStatus } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import { LanePool } from '../lanes/lane-pool.js';
import type { Limits } from '../limits.js';
import { type Answer, type Asked, NoPathError, type Route } from '../route.js';
import { headersOf } from '../sessions/headers.js';
import { keepAlive, openingSession, takingSession } from '../sessions/session.js';
import { answerOf, takeStreams } from '../sessions/streams.js';
import { type Dialled, dialPeer } from './dial.js';
import { identify, type PeerProof } from './peer-identity.js';
import { laneProtocol, type Part, protocolOf, sessionProtocols, speaksLanes } from './protocols.js';

export interface PeerLinkOptions {
  identity: () => GatewayConfig['identity'];
  /** The peer opens a connection. */
  onAsked: (asked: Asked, cluster: string) => void;
  limits: Limits;
  logger: Logger;
}

interface Kept {
  session: Http2Session;
  streams: number;
  rttMs: number | undefined;
  /** That the peer showed; the socket does not tell it any more once the session has it. */
  certificate: PeerProof['certificate'];
  /** We dialled it, and the peer said that it speaks lanes: then we dial those too. */
  givesLanes: boolean;
}

const TCP_KEEPALIVE_MS = 10_000;

export class PeerLink {
  private readonly stop = new AbortController();
  /** On which we open streams; on which the peer does. */
  private readonly opening = new Map<ClientHttp2Session, Kept>();
  private readonly taking = new Map<Http2Session, Kept>();
  private readonly lanes: Record<Part, LanePool>;
  private trouble: string | undefined = 'it is being dialled';
  /** Whether there should be a session, whoever dials it. */
  private isWanted = false;
  /** Callers of {@link whenUp}. */
  private readonly waiting = new Set<() => void>();
  private slots = { opening: 0, taking: 0 };
  private nextAddress = 0;

  constructor(
    private peer: GatewayPeer,
    private readonly options: PeerLinkOptions,
  ) {
    this.lanes = { opening: this.makeLanes('opening'), taking: this.makeLanes('taking') };
  }

  get status(): Omit<GatewayStatus['peers'][number], 'cluster'> {
    const all = [...this.opening.values(), ...this.taking.values()];
    if (all.length === 0 && !this.isWanted) return { state: 'idle', sessions: 0 };
    const rtts = all.flatMap(({ rttMs }) => rttMs ?? []);
    return {
      state: all.length > 0 ? 'up' : 'down',
      sessions: all.length,
      lanes: this.lanes.opening.size + this.lanes.taking.size,
      ...(rtts.length === 0 ? {} : { rttMs: Math.min(...rtts) }),
      ...(all.length > 0 || this.trouble === undefined ? {} : { message: this.trouble }),
    };
  }

  /** @param isUsed whether anything here goes to the peer: else there is no need to dial it. */
  update(peer: GatewayPeer, isUsed: boolean): void {
    this.peer = peer;
    // What a withdrawn authority has signed proves nothing any more.
    const only = new Map([[peer.cluster, peer]]);
    for (const [session, { certificate }] of this.all()) {
      const who = identify(certificate, only);
      if ('refusal' in who) session.destroy(new Error(who.refusal));
    }
    for (const lanes of this.bothLanes()) lanes.check((certificate) => !('refusal' in identify(certificate, only)));
    this.isWanted = isUsed || peer.reverse === true;
    this.keep('opening', isUsed && peer.addresses.length > 0);
    this.keep('taking', peer.reverse === true && peer.addresses.length > 0);
  }

  /** The identity of this cluster was renewed: what is new shows it, the old ends when it has nothing more to carry. */
  renew(): void {
    for (const [session] of this.all()) session.close();
    for (const lanes of this.bothLanes()) lanes.retire('the identity of this cluster was renewed');
  }

  /** Something that the peer has dialled. False: it speaks no protocol of ours. */
  accept(socket: TLSSocket, who: PeerProof): boolean {
    const protocol = protocolOf(socket.alpnProtocol);
    if (protocol === undefined) return false;
    const { what, part } = protocol;
    if (what === 'lane') this.lanes[part].adopt(socket, who);
    else if (part === 'opening') this.adoptOpening(socket, who, false);
    else this.adoptTaking(socket, who, false);
    return true;
  }

  /** Asks the peer for a connection. @throws NoPathError */
  async open(route: Route, answerMs: number): Promise<Answer> {
    const { cluster } = this.peer;
    try {
      const answer = await this.lanes.opening.take()?.ask(route, answerMs);
      if (answer !== undefined && answer !== 'ended') return answer;
      return await this.openOnSession(route, answerMs);
    } catch (error) {
      if (error instanceof NoPathError) throw new NoPathError(`${cluster}: ${error.message}`);
      throw error;
    }
  }

  /**
   * Waits for a session that opens connections.
   *
   * @returns false: there is none after `withinMs`, or the peer is removed.
   */
  async whenUp(withinMs: number): Promise<boolean> {
    if (this.isUp) return true;
    if (this.stop.signal.aborted || withinMs <= 0) return false;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const timer = setTimeout(wake, withinMs);
    this.waiting.add(wake);
    await promise;
    clearTimeout(timer);
    this.waiting.delete(wake);
    return this.isUp;
  }

  /** Ends what it carries: at once, or when it is done. */
  close(how: 'now' | 'drained'): void {
    this.stop.abort();
    this.wake();
    for (const [session] of this.all()) {
      if (how === 'now') session.destroy(undefined, constants.NGHTTP2_CONNECT_ERROR);
      else session.close();
    }
    for (const lanes of this.bothLanes()) {
      lanes.close();
      if (how === 'now') lanes.destroy('the peer is removed');
      else lanes.retire('this gateway stops');
    }
  }

  private async openOnSession(route: Route, answerMs: number): Promise<Answer> {
    const usable = [...this.opening].filter(([session]) => !session.closed && !session.destroyed);
    const [first, ...others] = usable;
    if (first === undefined) throw new NoPathError(`no session: ${this.trouble ?? 'it has just ended'}`);
    const [session, kept] = others.reduce((best, each) => (each[1].streams < best[1].streams ? each : best), first);
    const stream = session.request(headersOf(route), { endStream: false });
    kept.streams += 1;
    stream.once('close', () => (kept.streams -= 1));
    return answerOf(stream, route.probe === true, answerMs);
  }

  private get isUp(): boolean {
    return [...this.opening.keys()].some((session) => !session.closed && !session.destroyed);
  }

  private wake(): void {
    for (const each of this.waiting) each();
  }

  private all(): [Http2Session, Kept][] {
    return [...this.opening, ...this.taking];
  }

  private bothLanes(): LanePool[] {
    return [this.lanes.opening, this.lanes.taking];
  }

  private get hasLanes(): boolean {
    return this.options.limits.mostLanes > 0;
  }

  private makeLanes(part: Part): LanePool {
    const { limits, logger, onAsked } = this.options;
    const { cluster } = this.peer;
    return new LanePool({
      ...{ peer: cluster, limits, logger },
      dial: () => this.dial([laneProtocol(part)]),
      mayDial: () =>
        [...this[part]].some(([session, { givesLanes }]) => givesLanes && !session.closed && !session.destroyed),
      ...(part === 'taking' ? { onAsked: (asked: Asked) => onAsked(asked, cluster) } : {}),
    });
  }

  private keep(part: Part, wanted: boolean): void {
    const { sessions } = this.options.limits;
    if (!wanted || this.slots[part] > 0) return;
    this.slots[part] = sessions;
    for (let slot = 0; slot < sessions; slot++) void this.keepSession(part);
  }

  private async keepSession(part: Part): Promise<void> {
    const { redialMs, pingEveryMs } = this.options.limits;
    const { signal } = this.stop;
    let pauseMs = redialMs.base;
    while (!signal.aborted) {
      const since = performance.now();
      try {
        await this.dialSession(part);
        // One that ends again and again is dialled ever more seldom.
        if (performance.now() - since > pingEveryMs) pauseMs = redialMs.base;
      } catch (error) {
        this.failed((error as Error).message);
      }
      await delay(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, redialMs.cap);
    }
  }

  /** Dials, and resolves when the session takes no more streams. */
  private async dialSession(part: Part): Promise<void> {
    const { socket, who } = await this.dial(sessionProtocols(part, this.hasLanes));
    const givesLanes = speaksLanes(socket.alpnProtocol);
    const session =
      part === 'opening' ? this.adoptOpening(socket, who, givesLanes) : this.adoptTaking(socket, who, givesLanes);
    this.lanes[part].fill();
    await new Promise<void>((resolve) => {
      session.once('goaway', () => resolve());
      session.once('close', () => resolve());
    });
  }

  private async dial(protocols: string[]): Promise<Dialled> {
    const { peer } = this;
    const address = peer.addresses[this.nextAddress++ % peer.addresses.length];
    if (address === undefined) throw new Error(`${peer.cluster} has no address to dial`);
    const { identity, limits } = this.options;
    const dialled = await dialPeer({ peer, address, protocols, identity: identity(), withinMs: limits.dialMs });
    if (!this.stop.signal.aborted) return dialled;
    dialled.socket.destroy();
    throw new Error(`${address}: not wanted any more`);
  }

  private adoptOpening(socket: TLSSocket, who: PeerProof, givesLanes: boolean): ClientHttp2Session {
    const session = openingSession(socket, this.options.limits);
    this.adopt(this.opening, session, socket, who, givesLanes);
    this.wake();
    return session;
  }

  private adoptTaking(socket: TLSSocket, who: PeerProof, givesLanes: boolean): Http2Session {
    const session = takingSession(socket, this.options.limits);
    this.adopt(this.taking, session, socket, who, givesLanes);
    takeStreams(session, (asked) => this.options.onAsked(asked, this.peer.cluster));
    return session;
  }

  private adopt<S extends Http2Session>(
    book: Map<S, Kept>,
    session: S,
    socket: TLSSocket,
    { certificate, validTo }: PeerProof,
    givesLanes: boolean,
  ): void {
    const { cluster } = this.peer;
    const { logger, limits } = this.options;
    const kept: Kept = { session, streams: 0, rttMs: undefined, certificate, givesLanes };
    book.set(session, kept);
    // For one that is closing while there is no other.
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    logger.info({ peer: cluster, protocol: socket.alpnProtocol }, 'session with a gateway is up');
    session.on('error', (error: Error) => this.failed(error.message));
    session.once('close', () => {
      book.delete(session);
      this.trouble ??= 'the session ended';
      logger.info({ peer: cluster }, 'session with a gateway ended');
    });
    keepAlive(session, limits, validTo, {
      answered: (ms) => {
        kept.rttMs = ms;
        this.trouble = undefined;
      },
      lost: () => this.lostPath(),
    });
  }

  /** A session was given up because nobody answers. Neither lanes nor sessions that are closing have pings: they go by those of the others. */
  private lostPath(): void {
    if (this.all().some(([session]) => !session.closed && !session.destroyed)) return;
    const why = 'no session to the peer answers any more';
    for (const [session] of this.all()) session.destroy(new Error(why));
    for (const lanes of this.bothLanes()) lanes.destroy(why);
  }

  private failed(message: string): void {
    if (message !== this.trouble)
      this.options.logger.warn({ peer: this.peer.cluster, detail: message }, 'a gateway is not reached');
    this.trouble = message;
  }
}
