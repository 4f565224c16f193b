/**
 * The sessions to one peer. Those that we dial are kept up: dialled again when they end, with growing, jittered pauses. Streams go
 * to the session with the fewest. When the peer is removed, everything that it carries ends at once.
 */
import type { X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Session,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { GATEWAY_PROTOCOL, GATEWAY_REVERSE_PROTOCOL, type GatewayConfig, type GatewayPeer } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import type { Limits } from '../limits.js';
import { identify, type Identified, identifyPeer } from './peer-identity.js';
import { keepAlive, openingSession, takingSession } from './session.js';

/**
 * Both ends are ours. AES with 128 bits costs a quarter less than OpenSSL's first choice, and is as safe as the certificates are; where a
 * processor has no AES, ChaCha20 is what costs less.
 */
export const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384';

export interface PeerLinkOptions {
  identity: () => GatewayConfig['identity'];
  /** A session on which the peer opens streams. */
  onTaking: (session: Http2Session, cluster: string) => void;
  limits: Limits;
  logger: Logger;
}

/** There is no session to the peer now. */
export class NoPathError extends Error {
  override readonly name = 'NoPathError';
}

type Who = Exclude<Identified, { refusal: string }>;

interface Kept {
  session: Http2Session;
  streams: number;
  rttMs: number | undefined;
  /** That the peer showed; the socket does not tell it any more once the session has it. */
  certificate: X509Certificate;
}

export class PeerLink {
  private readonly stop = new AbortController();
  /** On which we open streams; on which the peer does. */
  private readonly opening = new Map<ClientHttp2Session, Kept>();
  private readonly taking = new Map<Http2Session, Kept>();
  private trouble: string | undefined = 'it is being dialled';
  /** Whether there should be a session, whoever dials it. */
  private isWanted = false;
  private slots = { opening: 0, taking: 0 };
  private nextAddress = 0;

  constructor(
    private peer: GatewayPeer,
    private readonly options: PeerLinkOptions,
  ) {}

  get status(): { state: 'up' | 'down' | 'idle'; sessions: number; rttMs?: number; message?: string } {
    const all = [...this.opening.values(), ...this.taking.values()];
    if (all.length === 0 && !this.isWanted) return { state: 'idle', sessions: 0 };
    const rtts = all.flatMap(({ rttMs }) => rttMs ?? []);
    return {
      state: all.length > 0 ? 'up' : 'down',
      sessions: all.length,
      ...(rtts.length === 0 ? {} : { rttMs: Math.min(...rtts) }),
      ...(all.length > 0 || this.trouble === undefined ? {} : { message: this.trouble }),
    };
  }

  /** @param isUsed whether anything here goes to the peer: else there is no need to dial it. */
  update(peer: GatewayPeer, isUsed: boolean): void {
    this.peer = peer;
    // What a withdrawn authority has signed proves nothing any more.
    for (const [session, { certificate }] of this.all()) {
      const who = identify(certificate, new Map([[peer.cluster, peer]]));
      if ('refusal' in who) session.destroy(new Error(who.refusal));
    }
    this.isWanted = isUsed || peer.reverse === true;
    this.keep('opening', isUsed && peer.addresses.length > 0);
    this.keep('taking', peer.reverse === true && peer.addresses.length > 0);
  }

  /** The identity of this cluster was renewed: new sessions show it, the old ones end when they have nothing more to carry. */
  renew(): void {
    for (const [session] of this.all()) session.close();
  }

  /** A session that the peer has dialled. */
  accept(socket: TLSSocket, who: Who): void {
    if (socket.alpnProtocol === GATEWAY_REVERSE_PROTOCOL) this.adoptOpening(socket, who);
    else this.adoptTaking(socket, who);
  }

  /** @throws NoPathError */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const usable = [...this.opening].filter(([session]) => !session.closed && !session.destroyed);
    const [first, ...others] = usable;
    if (first === undefined)
      throw new NoPathError(`no session to ${this.peer.cluster}: ${this.trouble ?? 'it has just ended'}`);
    const [session, kept] = others.reduce((best, each) => (each[1].streams < best[1].streams ? each : best), first);
    const stream = session.request(headers, { endStream: false });
    kept.streams += 1;
    stream.once('close', () => (kept.streams -= 1));
    return stream;
  }

  /** Ends what it carries: at once, or when it is done. */
  close(how: 'now' | 'drained'): void {
    this.stop.abort();
    for (const [session] of this.all()) {
      if (how === 'now') session.destroy(undefined, constants.NGHTTP2_CONNECT_ERROR);
      else session.close();
    }
  }

  private all(): [Http2Session, Kept][] {
    return [...this.opening, ...this.taking];
  }

  private keep(kind: 'opening' | 'taking', wanted: boolean): void {
    const { sessions } = this.options.limits;
    if (!wanted || this.slots[kind] > 0) return;
    this.slots[kind] = sessions;
    for (let slot = 0; slot < sessions; slot++) void this.keepSession(kind);
  }

  private async keepSession(kind: 'opening' | 'taking'): Promise<void> {
    const { redialMs, pingEveryMs } = this.options.limits;
    const { signal } = this.stop;
    let pauseMs = redialMs.base;
    while (!signal.aborted) {
      const since = performance.now();
      try {
        await this.dial(kind);
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
  private async dial(kind: 'opening' | 'taking'): Promise<void> {
    const { addresses, cluster } = this.peer;
    const address = addresses[this.nextAddress++ % addresses.length];
    if (address === undefined) throw new Error(`${cluster} has no address to dial`);
    const protocol = kind === 'opening' ? GATEWAY_PROTOCOL : GATEWAY_REVERSE_PROTOCOL;
    const socket = await this.tls(address, protocol);
    const who = identifyPeer(socket, new Map([[cluster, this.peer]]));
    if ('refusal' in who || this.stop.signal.aborted) {
      socket.destroy();
      throw new Error(`${address}: ${'refusal' in who ? who.refusal : 'not wanted any more'}`);
    }
    const session = kind === 'opening' ? this.adoptOpening(socket, who) : this.adoptTaking(socket, who);
    await new Promise<void>((resolve) => {
      session.once('goaway', () => resolve());
      session.once('close', () => resolve());
    });
  }

  private tls(address: string, protocol: string): Promise<TLSSocket> {
    const { identity, limits } = this.options;
    const at = address.lastIndexOf(':');
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        host: address.slice(0, at).replace(/^\[|\]$/g, ''),
        port: Number(address.slice(at + 1)),
        // The server learns which cluster is meant; nothing else is in clear.
        servername: `${this.peer.cluster}.sky-mesh`,
        ALPNProtocols: [protocol],
        minVersion: 'TLSv1.3',
        ciphers: CIPHERS,
        ca: this.peer.authorities,
        cert: identity().certificate,
        key: identity().privateKey,
        // The chain is checked by OpenSSL; whose it is, by identifyPeer.
        checkServerIdentity: () => undefined,
      });
      const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${limits.dialMs} ms`)), limits.dialMs);
      socket.once('secureConnect', () => {
        clearTimeout(timer);
        socket.setNoDelay(true);
        resolve(socket);
      });
      socket.once('error', (error: Error) => {
        clearTimeout(timer);
        reject(new Error(`${address}: ${error.message}`, { cause: error }));
      });
    });
  }

  private adoptOpening(socket: TLSSocket, who: Who): ClientHttp2Session {
    const session = openingSession(socket, this.options.limits);
    this.adopt(this.opening, session, socket, who);
    return session;
  }

  private adoptTaking(socket: TLSSocket, who: Who): Http2Session {
    const session = takingSession(socket, this.options.limits);
    this.adopt(this.taking, session, socket, who);
    this.options.onTaking(session, this.peer.cluster);
    return session;
  }

  private adopt<S extends Http2Session>(book: Map<S, Kept>, session: S, socket: TLSSocket, who: Who): void {
    const { cluster } = this.peer;
    const { logger, limits } = this.options;
    const kept: Kept = { session, streams: 0, rttMs: undefined, certificate: who.certificate };
    book.set(session, kept);
    logger.info({ peer: cluster, protocol: socket.alpnProtocol }, 'session with a gateway is up');
    session.on('error', (error: Error) => this.failed(error.message));
    session.once('close', () => {
      book.delete(session);
      this.trouble ??= 'the session ended';
      logger.info({ peer: cluster }, 'session with a gateway ended');
    });
    keepAlive(session, limits, who.validTo, (ms) => {
      kept.rttMs = ms;
      this.trouble = undefined;
    });
  }

  private failed(message: string): void {
    if (message !== this.trouble)
      this.options.logger.warn({ peer: this.peer.cluster, detail: message }, 'a gateway is not reached');
    this.trouble = message;
  }
}
