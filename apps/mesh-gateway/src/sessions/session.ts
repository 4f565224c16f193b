/** One HTTP/2 session over mutual TLS between two gateways: how it is set up, kept alive and found dead. */
import {
  connect,
  type ClientHttp2Session,
  type Http2Session,
  performServerHandshake,
  type ServerHttp2Session,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Limits } from '../limits.js';

/** Flow control of all connections of a session together. Node gives it back as bytes arrive, so that one slow reader stops only itself. */
const SESSION_WINDOW_BYTES = 32 * 1024 * 1024;
/** Of Node's own bookkeeping; its default of 10 MB refuses streams long before anything is short. */
const SESSION_MEMORY_MB = 4_096;
const FRAME_BYTES = 64 * 1024;

/** The side that opens streams. */
export function openingSession(socket: TLSSocket, limits: Limits): ClientHttp2Session {
  const session = connect('https://sky-mesh', { createConnection: () => socket, ...optionsOf(limits) });
  session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  return session;
}

/** The side that takes streams. */
export function takingSession(socket: TLSSocket, limits: Limits): ServerHttp2Session {
  const session = performServerHandshake(socket, optionsOf(limits));
  session.setLocalWindowSize(SESSION_WINDOW_BYTES);
  return session;
}

const optionsOf = ({ windowBytes, mostOpen }: Limits): object => ({
  maxSessionMemory: SESSION_MEMORY_MB,
  peerMaxConcurrentStreams: mostOpen,
  settings: { initialWindowSize: windowBytes, maxFrameSize: FRAME_BYTES, maxConcurrentStreams: mostOpen },
});

/**
 * Pings until the session closes. One that answers too few is destroyed, which resets what it carries; one whose certificate has
 * run out takes no new streams. Node cancels every ping of a session that is closing, on either side: that proves nothing, so what such a one still
 * carries goes by the pings of the sessions beside it.
 */
export function keepAlive(
  session: Http2Session,
  { pingEveryMs, lostPings }: Limits,
  validTo: number,
  on: { answered: (ms: number) => void; lost: () => void },
): void {
  // Counted in pings, not by the clock: a gateway that was itself held up must not take that for a dead peer.
  let unanswered = 0;
  const ping = (): void => {
    if (session.destroyed || session.closed) return;
    if (unanswered >= lostPings) {
      session.destroy(new Error(`no answer to ${unanswered} pings, one every ${pingEveryMs} ms`));
      on.lost();
      return;
    }
    if (Date.now() > validTo) {
      session.close();
      return;
    }
    unanswered += 1;
    session.ping((error, ms) => {
      if (error !== null) return;
      unanswered = 0;
      on.answered(ms);
    });
  };
  const timer = setInterval(ping, pingEveryMs);
  session.once('close', () => clearInterval(timer));
  session.once('connect', ping);
}
