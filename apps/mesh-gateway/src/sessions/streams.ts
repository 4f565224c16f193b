/** Connections as streams of a session: how one is asked for, and how one that the peer asks for is answered. */
import {
  constants,
  type ClientHttp2Stream,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type Answer, type Asked, type Carriage, NoPathError } from '../route.js';
import { HEADER, routeOf, STATUS, verdictOf } from './headers.js';
import { relay } from './relay.js';

/** @throws NoPathError there was no answer in time, or the session ended. */
export function answerOf(stream: ClientHttp2Stream, isProbe: boolean, answerMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = (message: string): void => {
      clearTimeout(timer);
      stream.close(constants.NGHTTP2_CANCEL);
      reject(new NoPathError(message));
    };
    const timer = setTimeout(() => giveUp(`no answer within ${answerMs} ms`), answerMs);
    const onError = (error: Error): void => giveUp(error.message);
    const onClose = (): void => giveUp('the session ended');
    stream.once('error', onError);
    stream.once('close', onClose);
    stream.once('response', (headers) => {
      clearTimeout(timer);
      stream.off('close', onClose);
      const verdict = verdictOf(headers);
      if (verdict !== 'OK') {
        stream.once('close', () => stream.off('error', onError));
        stream.close(constants.NGHTTP2_NO_ERROR);
        resolve({ verdict, detail: String(headers[HEADER.detail] ?? verdict) });
        return;
      }
      stream.off('error', onError);
      if (isProbe) endProbe(stream, answerMs);
      resolve({ carriage: carriageOf(stream) });
    });
  });
}

/** Tells of every stream that the peer opens. */
export function takeStreams(session: Http2Session, onAsked: (asked: Asked) => void): void {
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // Whoever resets its own stream meets nobody here who would need to know.
    stream.on('error', () => undefined);
    const route = routeOf(headers);
    const isProbe = route.probe === true;
    onAsked({
      route,
      get isGone() {
        return stream.destroyed;
      },
      refuse: ({ verdict, detail }) => {
        if (stream.destroyed) return;
        const said = { ':status': STATUS[verdict], [HEADER.verdict]: verdict, [HEADER.detail]: detail };
        stream.respond(said, { endStream: true });
      },
      accept: () => {
        stream.respond({ ':status': STATUS.OK, [HEADER.verdict]: 'OK' }, { endStream: isProbe });
        if (isProbe) stream.resume();
        return carriageOf(stream);
      },
    });
  });
}

const carriageOf = (stream: ClientHttp2Stream | ServerHttp2Stream): Carriage => ({
  carry: async (socket) => {
    await relay(socket, stream);
  },
  drop: () => {
    stream.on('error', () => undefined);
    stream.close();
  },
});

function endProbe(stream: ClientHttp2Stream, withinMs: number): void {
  stream.on('error', () => undefined);
  stream.resume();
  stream.end();
  setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), withinMs).unref();
}
